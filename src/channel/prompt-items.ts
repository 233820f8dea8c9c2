/**
 * Putting and taking at once, which is what nearly always happens. Only who has to wait needs a job (queue-items.ts): here
 * one object does it again and again, and an item is copied to and from the pickler's scratch without a view of either,
 * since allocating any of these takes longer than all the rest.
 *
 * Whatever is not as it mostly is (no room, no item, an end, a parcel, damage) is left to the job, having done nothing.
 */
import type { PlainWords } from '../memory/words.ts';
import type { Passage } from '../sync/turnstile.ts';
import { decodeInPlace, type Pickled } from '../wire/codec.ts';
import { Trust } from '../wire/trust.ts';
import { MOST_INLINE, QUEUE, SEGMENT } from './queue-layout.ts';
import type { QueueLimits } from './queue-limits.ts';
import type { Segment } from './queue-segments.ts';
import type { ItemReader, OutgoingItem, SegmentedQueue } from './segmented-queue.ts';

/** Copying so few words one by one is quicker than having them copied. */
const FEW_WORDS = 128;

/** The header of an item of so many bytes, and its contents. */
function wordsOf(bytes: number): number {
	return 1 + ((bytes + 3) >> 2);
}

/** An item that is put at once. */
export class PromptPut implements Passage, OutgoingItem<Segment> {
	readonly need: number = 1;
	bytes = 0;
	readonly #items: SegmentedQueue<Segment>;
	readonly #plain: PlainWords;
	readonly #limits: QueueLimits;
	#pickled: Pickled | null = null;

	/** @param plain the queue's words, as the holder of a guard may read them */
	constructor(items: SegmentedQueue<Segment>, plain: PlainWords, limits: QueueLimits) {
		this.#items = items;
		this.#plain = plain;
		this.#limits = limits;
	}

	get words(): number {
		return wordsOf(this.bytes);
	}

	/** Whether a value that was pickled like this can be put so at all. */
	accepts(pickled: Pickled): boolean {
		this.#pickled = pickled;
		this.bytes = pickled.at;
		return pickled.at <= MOST_INLINE;
	}

	pass(): boolean {
		const { maxItems, maxBytes } = this.#limits;
		if (this.#plain.load(QUEUE.closed) === 1) return false;
		try {
			if (maxItems > 0 && this.#items.sizeToPutter >= maxItems) return false;
			if (maxBytes > 0 && this.#items.bytes + this.bytes > maxBytes) return false;
			this.#items.put(this);
			return true;
		} catch {
			return false; // there is no memory, or it was overwritten: the job says so
		}
	}

	write({ words: { array: to }, bytes }: Segment, at: number): void {
		const { words: from, bytes: fromBytes } = this.#pickled!;
		const length = wordsOf(this.bytes);
		to[at] = this.bytes;
		if (length > FEW_WORDS) bytes.set(fromBytes.subarray(0, this.bytes), (at + 1) * 4);
		else for (let i = 1; i < length; i++) to[at + i] = from[i - 1]!;
	}
}

/** Where this thread puts the bytes of an item that it takes out of a segment and uses at once. */
const scratch = new Int32Array(MOST_INLINE / 4);
const scratchBytes = new Uint8Array(scratch.buffer);
let scratchIsInUse = false;

/** Copies an item that is in a segment to the scratch. Returns how many words it has; 0: it is no such item. */
function readInline({ words: { array: from }, bytes }: Segment, at: number, header: number): number {
	const length = wordsOf(header);
	if (!(header >= 0) || header > MOST_INLINE || at + length > SEGMENT.words) return 0;
	if (length > FEW_WORDS) scratchBytes.set(bytes.subarray((at + 1) * 4, (at + 1) * 4 + header));
	else for (let i = 1; i < length; i++) scratch[i - 1] = from[at + i]!;
	return length;
}

/** An item that is taken at once. */
export class PromptTake implements Passage, ItemReader<Segment> {
	readonly need: number = 1;
	bytes = 0;
	readonly #items: SegmentedQueue<Segment>;

	constructor(items: SegmentedQueue<Segment>) {
		this.#items = items;
	}

	/** Whether an item is being rebuilt, which may run anything, also what takes the next one. */
	get isInUse(): boolean {
		return scratchIsInUse;
	}

	/** The value of the item that was taken. */
	use(): unknown {
		scratchIsInUse = true;
		try {
			return decodeInPlace(scratchBytes, this.bytes, Trust.FAMILY);
		} finally {
			scratchIsInUse = false;
		}
	}

	pass(): boolean {
		try {
			if (this.#items.sizeToTaker === 0) return false;
			return this.#items.take(this);
		} catch {
			return false; // the memory was overwritten: the job says so
		}
	}

	read(segment: Segment, at: number): number {
		this.bytes = segment.words.load(at);
		return readInline(segment, at, this.bytes);
	}
}
