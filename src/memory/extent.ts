/**
 * The bytes of a block that are a shared value's own, and what keeps them: the block is held for as long as anything can
 * still reach the bytes, be it the object, a record in it or a typed array that was taken from it.
 *
 * The object's own reads and writes go through a window that many blocks share. A program's typed arrays never do: they
 * get a buffer of exactly these bytes, so that `view.buffer` shows nothing else, and the block is tied to that buffer.
 */
import { ClosedError, rangeError, UnpicklingError } from '../base/errors.ts';
import type { Destination } from '../wire/handoff.ts';
import { Block } from './block.ts';
import type { BlockReference } from './heap.ts';
import { BLOCK, BLOCK_KIND, SEGMENT_BYTES } from './layout.ts';

const HEADER_BYTES: number = BLOCK.body * 4;
const WORD_BYTES = 4;

/** A block lives as long as a buffer over its bytes. */
const keepers = new WeakMap<ArrayBuffer, Block>();

export class Extent {
	/** Length in bytes. */
	readonly length: number;
	readonly #block: Block;
	#data: DataView | undefined;
	#buffer: ArrayBuffer | undefined;

	private constructor(block: Block, length: number) {
		this.length = length;
		this.#block = block;
		const { buffer, byteOffset } = block.words.array;
		this.#data = new DataView(buffer, byteOffset + HEADER_BYTES, length);
		block.use();
	}

	/** `length` new bytes, all zero. */
	static create(length: number, what: string): Extent {
		if (length > SEGMENT_BYTES) {
			throw rangeError(`${what}: ${length} bytes are more than the ${SEGMENT_BYTES} there are for everything shared`);
		}
		return new Extent(Block.create(Math.ceil(length / WORD_BYTES) * WORD_BYTES, BLOCK_KIND.value), length);
	}

	/** The bytes that a reference which arrived names. */
	static attach(reference: BlockReference, length: number, what: string): Extent {
		if (!Number.isSafeInteger(length) || length < 0) {
			throw new UnpicklingError(`This ${what} is none: it cannot have ${length} bytes.`);
		}
		return new Extent(Block.attach(reference, what, BLOCK_KIND.value, length), length);
	}

	/** For reading and writing; `ClosedError` after `close`. */
	get data(): DataView {
		return this.#data ?? closed();
	}

	get isClosed(): boolean {
		return this.#data === undefined;
	}

	/** A buffer of exactly these bytes, no copy. Whoever has it, or a view of it, keeps the block. */
	buffer(): ArrayBuffer {
		if (this.#data === undefined) closed();
		if (this.#buffer !== undefined) return this.#buffer;
		this.#buffer =
			this.length === 0
				? new ArrayBuffer(0)
				: this.#block.family.arena.segment.view(this.#block.offset + HEADER_BYTES, this.length);
		keepers.set(this.#buffer, this.#block);
		this.#block.use(); // for ever: only the collector knows when the last view has gone
		return this.#buffer;
	}

	/** What crosses in a message, held by whoever gets it. */
	handOff(destination: Destination): BlockReference {
		if (this.#data === undefined) closed();
		this.#block.holdFor(destination);
		return this.#block.toReference();
	}

	/** Lets go of the bytes now rather than when the object is collected; views that were taken stay good. */
	close(): void {
		if (this.#data === undefined) return;
		this.#data = undefined;
		this.#buffer = undefined;
		this.#block.leave();
	}
}

function closed(): never {
	throw new ClosedError('This shared value was disposed of in this process. Keep it for as long as it is used.');
}
