/**
 * The family's segment as this thread sees it: windows on the shared bytes, made when first needed and kept. Making one
 * costs microseconds, and the garbage collector counts its bytes as ours, so small blocks share windows of 1 MiB and
 * only a larger block gets one of its own.
 *
 * `ArenaWords` addresses any word of the segment by its absolute index; it serves the tables and the slow paths. Objects
 * keep an array over their own block for the fast ones.
 *
 * Nothing outside the segment is ever touched, whatever number read from shared memory is taken for a place in it.
 */

import type { Segment } from '../os/contract.ts';
import { corrupted } from './corrupted.ts';
import { SEGMENT_BYTES } from './layout.ts';
import { SharedWords, type Words } from './words.ts';

const REGION_BYTES = 1024 * 1024;
const REGION_SHIFT = 18; // words in a region: 2^18
const REGION_MASK: number = (1 << REGION_SHIFT) - 1;

export class Arena implements Words {
	readonly segment: Segment;
	readonly #regions: (SharedWords | undefined)[] = new Array(SEGMENT_BYTES / REGION_BYTES).fill(undefined);

	constructor(segment: Segment) {
		this.segment = segment;
	}

	#region(index: number): SharedWords {
		const region = index >>> REGION_SHIFT;
		const known = this.#regions[region];
		if (known !== undefined) return known;
		if (region >= this.#regions.length) throw corrupted('Shared memory');
		const made = new SharedWords(new Int32Array(this.segment.view(region * REGION_BYTES, REGION_BYTES)));
		this.#regions[region] = made;
		return made;
	}

	load(index: number): number {
		return this.#region(index).load(index & REGION_MASK);
	}

	store(index: number, value: number): void {
		this.#region(index).store(index & REGION_MASK, value);
	}

	add(index: number, value: number): number {
		return this.#region(index).add(index & REGION_MASK, value);
	}

	exchange(index: number, value: number): number {
		return this.#region(index).exchange(index & REGION_MASK, value);
	}

	compareExchange(index: number, expected: number, value: number): number {
		return this.#region(index).compareExchange(index & REGION_MASK, expected, value);
	}

	/** The address of a word, for the kernel. */
	addressOf(index: number): number {
		return this.segment.address + index * 4;
	}

	/** Shared bytes as a typed array's buffer and offset. Offsets and lengths in bytes. */
	window(offset: number, length: number): { buffer: ArrayBuffer; byteOffset: number } {
		if (!(offset >= 0 && length >= 0 && offset + length <= SEGMENT_BYTES)) throw corrupted('Shared memory');
		const region = Math.floor(offset / REGION_BYTES);
		if (offset + length > (region + 1) * REGION_BYTES) {
			return { buffer: this.segment.view(offset, length), byteOffset: 0 };
		}
		const words = this.#region(region << REGION_SHIFT);
		return { buffer: words.array.buffer as ArrayBuffer, byteOffset: offset - region * REGION_BYTES };
	}

	/** The words of a block, indexed from its first. */
	words(offset: number, words: number): SharedWords {
		const { buffer, byteOffset } = this.window(offset, words * 4);
		return new SharedWords(new Int32Array(buffer, byteOffset, words));
	}

	/** The bytes of a block. */
	bytes(offset: number, length: number): Uint8Array {
		const { buffer, byteOffset } = this.window(offset, length);
		return new Uint8Array(buffer, byteOffset, length);
	}
}
