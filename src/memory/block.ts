/**
 * This thread's handle on a block of shared memory: its words, its bytes, and a hold on it that ends when the handle is
 * closed or collected. A thread has one handle on a block, however often it receives it.
 */
import { UnpicklingError } from '../base/errors.ts';
import type { Destination } from '../wire/handoff.ts';
import { type Family, family, holdFor } from './family.ts';
import type { BlockReference } from './heap.ts';
import { BLOCK, REFERENCE_BYTES } from './layout.ts';
import type { SharedWords } from './words.ts';

export class Block implements BlockReference {
	readonly family: Family;
	/** Byte offset in the segment. */
	readonly offset: number;
	readonly generation: number;
	readonly #kind: number;
	/** All words of the block, its header first. */
	readonly words: SharedWords;
	#released = false;
	#users = 0;

	private constructor(owner: Family, offset: number) {
		this.family = owner;
		this.offset = offset;
		this.generation = owner.heap.generation(offset);
		this.words = owner.arena.words(offset, owner.heap.words(offset));
		this.#kind = this.words.load(BLOCK.kind);
		owner.keepBlock(this);
	}

	/** A new, zeroed block with room for `bytes` behind its header. */
	static create(bytes: number, kind: number): Block {
		const owner = family();
		return new Block(owner, owner.heap.allocate(bytes, kind));
	}

	/**
	 * The block a reference that arrived from another process names: one of this kind, with room for so many bytes behind
	 * its header. `what` is for the error when it is gone.
	 */
	static attach(reference: BlockReference, what: string, kind: number, bytes: number): Block {
		const owner = family();
		const known = owner.knownBlock(reference.offset) as Block | undefined;
		if (known !== undefined && known.generation === reference.generation) return known.#checked(what, kind, bytes);
		if (!owner.heap.attach(reference)) {
			throw new UnpicklingError(
				`This ${what} no longer exists: every process that had it has closed it or ended. Keep it open until the receiver has it.`,
			);
		}
		return new Block(owner, reference.offset).#checked(what, kind, bytes);
	}

	/** A reference is only numbers, and who sends one may have made it up. */
	#checked(what: string, kind: number, bytes: number): this {
		if (this.#kind === kind && this.words.array.length >= BLOCK.body + bytes / 4) return this;
		throw new UnpicklingError(
			`This ${what} is none: what its sender refers to is another object. Do not share objects with whom you do not trust.`,
		);
	}

	/** The block as a positive 32-bit number, for other blocks to name it. */
	get reference(): number {
		return this.offset / REFERENCE_BYTES;
	}

	/** Word index of the block's first word in the whole segment. */
	get firstWord(): number {
		return this.offset / 4;
	}

	/** What crosses in a message. */
	toReference(): BlockReference {
		return { offset: this.offset, generation: this.generation };
	}

	/** Makes whoever will have received it a holder. */
	holdFor(destination: Destination): void {
		holdFor(destination, this.family.heap.holders(this.offset));
	}

	/** Whether anybody but this thread holds it. Slow. */
	isHeldByOthers(): boolean {
		return this.family.heap.isHeldByOthers(this.offset);
	}

	/** One more object of this thread is over this block. */
	use(): void {
		this.#users++;
	}

	/** One of them has been closed; with the last the block is let go. Objects merely forgotten leave that to the collector. */
	leave(): void {
		this.#users--;
		if (this.#users === 0) this.release();
	}

	/** Lets go of the block; the words must not be touched afterwards. */
	release(): void {
		if (this.#released) return;
		this.#released = true;
		this.family.dropBlock(this);
	}
}
