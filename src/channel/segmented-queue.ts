/**
 * The algorithm of a queue: items in a list of segments, see queue-layout.ts for what is where. Putting is done by one
 * thread at a time and taking by one, which the two turnstiles around it see to; the two never wait for each other. A
 * thread may be killed at any operation: the next one finds everything as it was before, or as it was to be.
 *
 * What it finds in memory it checks before it goes by it: a count that cannot be, or a place outside of a segment, is an
 * error, and then nothing has been done.
 *
 * It does not know what an item is, nor what memory; the model of it (test/model) has its own of both.
 */
import { corrupted } from '../memory/corrupted.ts';
import type { Words } from '../memory/words.ts';
import { END, END_WORDS, MOST_ITEMS, QUEUE, SEGMENT } from './queue-layout.ts';

/** A segment as this thread has it. */
export interface SegmentView {
	/** What it is called in shared memory; never 0. */
	readonly reference: number;
	readonly words: Words;
}

/** Where segments come from. */
export interface Segments<S extends SegmentView> {
	/** Words there are in one. */
	readonly size: number;
	/** @throws ProcessError if there is none, whatever the number */
	open(reference: number): S;
	/**
	 * A new one, all zero behind its header, for the item of this number and those after it. `link` puts its reference
	 * where it is found again. May throw: there is no memory.
	 */
	create(item: number, link: (reference: number) => void): S;
	/** The item of this number and those after it will not be in it; who takes that one comes through it. */
	finish(segment: S, item: number): void;
	/** All its items have been taken. */
	retire(segment: S): void;
}

/** An item on its way into the queue. */
export interface OutgoingItem<S> {
	/** Words it takes in a segment. */
	readonly words: number;
	/** What it counts for the queue's limit in bytes. */
	readonly bytes: number;
	/** Writes it from word `at` on; it is the queue's item of this number. */
	write(segment: S, at: number, item: number): void;
}

/** Takes an item that is at word `at`. */
export interface ItemReader<S> {
	/** Returns how many words it has, all within the segment; 0: it stays where it is. */
	read(segment: S, at: number): number;
	/** What it counts for the queue's limit in bytes; known once it has been read. */
	readonly bytes: number;
}

/** Who takes note of what is taken. */
export interface Takings {
	/** The item of this number is about to be taken: the next store does it. With the takers' guard held. */
	taking(item: number): void;
}

export class SegmentedQueue<S extends SegmentView> {
	readonly #words: Words;
	readonly #ends: Words;
	readonly #segments: Segments<S>;
	readonly #takings: Takings | undefined;

	/**
	 * @param words of the queue's block
	 * @param ends the same words, for what only the holder of a guard touches
	 */
	constructor(words: Words, ends: Words, segments: Segments<S>, takings?: Takings) {
		this.#words = words;
		this.#ends = ends;
		this.#segments = segments;
		this.#takings = takings;
	}

	/** How many items there are. */
	get size(): number {
		// The one taken first: what is put in between counts, what is taken in between does not.
		const taken = this.#words.load(QUEUE.taken);
		return counted(this.#words.load(QUEUE.put) - taken);
	}

	/** The same with the putters' guard held: some of these may have been taken. */
	get sizeToPutter(): number {
		return counted(this.#ends.load(QUEUE.put) - this.#ends.load(QUEUE.taken));
	}

	/** The same with the takers' guard held: more may have been put. */
	get sizeToTaker(): number {
		return counted(this.#words.load(QUEUE.put) - this.#ends.load(QUEUE.taken));
	}

	/** Bytes of the items there are, as a putter sees them; takers may be taking some. */
	get bytes(): number {
		const taken = this.#ends.load(endOf(QUEUE.takeEnds, this.#words.load(QUEUE.taken)) + END.bytes);
		return (this.#ends.load(endOf(QUEUE.putEnds, this.#words.load(QUEUE.put)) + END.bytes) - taken) >>> 0;
	}

	/** Appends an item. With the putters' guard held. Throws, having done nothing, if there is no memory. */
	put(item: OutgoingItem<S>): void {
		const number = this.#ends.load(QUEUE.put);
		const end = endOf(QUEUE.putEnds, number);
		const reference = this.#ends.load(end + END.segment);
		const last = reference === 0 ? undefined : this.#segments.open(reference);
		const at = this.#placeIn(last, end);
		const fits = last !== undefined && at + item.words <= this.#segments.size && last.words.load(SEGMENT.next) === 0;
		const segment = fits ? last : this.#nextSegment(last, at, number);
		const start = fits ? at : SEGMENT.items;
		item.write(segment, start, number);
		this.#storeEnd(
			endOf(QUEUE.putEnds, number + 1),
			segment.reference,
			start + item.words,
			this.#ends.load(end + END.bytes) + item.bytes,
		);
		this.#words.store(QUEUE.put, (number + 1) | 0);
	}

	/** The one behind `last`, which has no item from word `at` on. A putter that was killed may have made it already. */
	#nextSegment(last: S | undefined, at: number, number: number): S {
		const [words, link] = last === undefined ? [this.#ends, QUEUE.firstSegment] : [last.words, SEGMENT.next];
		const known = words.load(link);
		const next =
			known === 0
				? this.#segments.create(number, (reference) => {
						last?.words.store(SEGMENT.end, at);
						words.store(link, reference);
					})
				: this.#segments.open(known);
		if (last !== undefined) this.#segments.finish(last, number);
		return next;
	}

	/** Takes the first item. With the takers' guard held; there must be one. False: its reader has left it there. */
	take(reader: ItemReader<S>): boolean {
		const number = this.#ends.load(QUEUE.taken);
		const end = endOf(QUEUE.takeEnds, number);
		const reference = this.#ends.load(end + END.segment);
		const last = reference === 0 ? undefined : this.#segments.open(reference);
		let at = this.#placeIn(last, end);
		const isBehindLast = last === undefined || this.#isEnd(last, at);
		const segment = isBehindLast ? this.#segmentAfter(last) : last;
		if (isBehindLast) at = SEGMENT.items;
		const words = reader.read(segment, at);
		if (words === 0) return false;
		this.#storeEnd(
			endOf(QUEUE.takeEnds, number + 1),
			segment.reference,
			at + words,
			this.#ends.load(end + END.bytes) + reader.bytes,
		);
		this.#takings?.taking(number);
		this.#words.store(QUEUE.taken, (number + 1) | 0);
		if (isBehindLast && last !== undefined) this.#segments.retire(last);
		return true;
	}

	/** The place within a segment that one of the ends says. */
	#placeIn(segment: S | undefined, end: number): number {
		const at = this.#ends.load(end + END.at);
		if (segment === undefined || (at >= SEGMENT.items && at <= this.#segments.size)) return at;
		throw corrupted(DAMAGED);
	}

	#isEnd(segment: S, at: number): boolean {
		return segment.words.load(SEGMENT.next) !== 0 && segment.words.load(SEGMENT.end) === at;
	}

	#segmentAfter(last: S | undefined): S {
		const next = last === undefined ? this.#ends.load(QUEUE.firstSegment) : last.words.load(SEGMENT.next);
		return this.#segments.open(next);
	}

	#storeEnd(end: number, segment: number, at: number, bytes: number): void {
		this.#ends.store(end + END.segment, segment);
		this.#ends.store(end + END.at, at);
		this.#ends.store(end + END.bytes, bytes | 0);
	}
}

const DAMAGED = 'This queue';

/** A difference of two counters, if a queue can have so many items. */
function counted(items: number): number {
	const count = items | 0;
	if (count >= 0 && count <= MOST_ITEMS) return count;
	throw corrupted(DAMAGED);
}

/** Of the two places that belong to a counter, the one for this value of it. */
function endOf(ends: number, counter: number): number {
	return ends + (counter & 1) * END_WORDS;
}
