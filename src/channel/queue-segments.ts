/** The segments of a queue, and the blocks of its larger items, in the family's memory: see queue-layout.ts. */

import type { Block } from '../memory/block.ts';
import { corrupted } from '../memory/corrupted.ts';
import { type Family, Hold, type PendingHolds } from '../memory/family.ts';
import { BLOCK, BLOCK_KIND, REFERENCE_BYTES, SPAN_BYTES } from '../memory/layout.ts';
import { PlainWords } from '../memory/words.ts';
import { SEGMENT } from './queue-layout.ts';
import type { Segments, SegmentView } from './segmented-queue.ts';

const HEADER_BYTES: number = BLOCK.body * 4;
/**
 * A segment that is being filled is held until so many more items have been taken than there were when it was made: that
 * it is more than there can be in it, and with all that are in the queue still comparable.
 */
const OPEN_END: number = 2 ** 30;

export class Segment implements SegmentView {
	readonly reference: number;
	readonly words: PlainWords;
	readonly bytes: Uint8Array;

	constructor(reference: number, words: Int32Array) {
		this.reference = reference;
		this.words = new PlainWords(words);
		this.bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
	}
}

export class QueueSegments implements Segments<Segment> {
	readonly size: number = SEGMENT.words;
	readonly #family: Family;
	readonly #channel: number;
	/** Those this thread has put into and taken from last. */
	#recent: Segment | undefined;
	#other: Segment | undefined;

	constructor(queue: Block) {
		this.#family = queue.family;
		this.#channel = -queue.reference;
	}

	open(reference: number): Segment {
		if (this.#recent?.reference === reference) return this.#recent;
		if (this.#other?.reference === reference) return this.#other;
		const { arena, heap } = this.#family;
		if (!heap.isBlock(reference * REFERENCE_BYTES, BLOCK_KIND.segment)) throw corrupted('This queue');
		const words = arena.words(reference * REFERENCE_BYTES, SEGMENT.words);
		this.#other = this.#recent;
		this.#recent = new Segment(reference, words.array);
		return this.#recent;
	}

	create(item: number, link: (reference: number) => void): Segment {
		const { heap, me } = this.#family;
		const offset = heap.allocate(SPAN_BYTES - HEADER_BYTES, BLOCK_KIND.segment);
		const holders = heap.holders(offset);
		holders.add(this.#channel, (item + OPEN_END) | 0);
		link(offset / REFERENCE_BYTES);
		holders.remove(me);
		return this.open(offset / REFERENCE_BYTES);
	}

	/** Held until that item has been taken. */
	finish(segment: Segment, item: number): void {
		this.#family.heap.holders(segment.reference * REFERENCE_BYTES).change(this.#channel, (item + 1) | 0);
	}

	retire(segment: Segment): void {
		this.#family.heap.release(segment.reference * REFERENCE_BYTES);
	}

	// --- parcels ---

	/**
	 * A block with an item's bytes; this thread's until it is put. What the item holds is held by it.
	 *
	 * @returns its reference
	 */
	pack(bytes: Uint8Array, holds: PendingHolds): number {
		const { heap, arena } = this.#family;
		const offset = heap.allocate(Math.ceil(bytes.length / 4) * 4, BLOCK_KIND.parcel);
		const generation = heap.generation(offset);
		// Whatever another parcel in this place holds, it does not count any more as soon as there is this one.
		arena.store(offset / 4 + BLOCK.consumed, generation - 1);
		holds.settle(new Hold(-offset / REFERENCE_BYTES, generation));
		arena.bytes(offset + HEADER_BYTES, bytes.length).set(bytes);
		return offset / REFERENCE_BYTES;
	}

	/** From now on it is the queue's, until item `item` has been taken. */
	post(parcel: number, item: number): void {
		this.#family.heap.holders(parcel * REFERENCE_BYTES).add(this.#channel, (item + 1) | 0);
	}

	/** It is this thread's from now on. False: there is no parcel with so many bytes. */
	receive(parcel: number, length: number): boolean {
		const { heap, me } = this.#family;
		const offset = parcel * REFERENCE_BYTES;
		if (!heap.isBlock(offset, BLOCK_KIND.parcel)) return false;
		if (length < 0 || length + HEADER_BYTES > heap.words(offset) * 4) return false;
		heap.holders(offset).add(me);
		return true;
	}

	/** The item's bytes in a parcel that is this thread's. */
	contents(parcel: number, length: number): Uint8Array {
		return this.#family.arena.bytes(parcel * REFERENCE_BYTES + HEADER_BYTES, length);
	}

	/** It is this thread's no more; with what it holds it is freed if it is nobody else's. */
	drop(parcel: number): void {
		this.#family.heap.release(parcel * REFERENCE_BYTES);
	}
}
