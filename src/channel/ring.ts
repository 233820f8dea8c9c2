/**
 * A ring (see ring-layout.ts) as this thread has it: its words and bytes, the two sides' mutexes and signals, and which
 * sides are open here. A side is open as long as any process has it open; nobody's being left on the other side is what
 * end-of-file and broken pipe are.
 *
 * A thread has one `Ring` for a block, whatever number of connections use it.
 */

import { Block } from '../memory/block.ts';
import { corrupted } from '../memory/corrupted.ts';
import { holdFor } from '../memory/family.ts';
import type { BlockReference } from '../memory/heap.ts';
import type { HolderList } from '../memory/holders.ts';
import { BLOCK, BLOCK_KIND } from '../memory/layout.ts';
import type { SharedWords } from '../memory/words.ts';
import { Mutex } from '../sync/mutex.ts';
import { Signal } from '../sync/signal.ts';
import { type ThreadWaits, threadWaits } from '../sync/thread-waits.ts';
import type { Destination } from '../wire/handoff.ts';
import { RING, RING_CAPACITY } from './ring-layout.ts';

const BODY_BYTES: number = (RING.data - BLOCK.body) * 4 + RING_CAPACITY;

const MOST_LOOKS = 1000;

export type Side = 'readers' | 'writers';

export class Ring {
	readonly block: Block;
	readonly words: SharedWords;
	readonly bytes: Uint8Array;
	readonly waits: ThreadWaits;
	readonly writeMutex: Mutex;
	readonly readMutex: Mutex;
	/** Bytes have come, or the last writer has gone. */
	readonly data: Signal;
	/** Room has come free, or the last reader has gone. */
	readonly room: Signal;
	readonly #holders: Record<Side, HolderList>;
	readonly #open: Record<Side, number> = { readers: 0, writers: 0 };

	private constructor(block: Block) {
		const { family, words, firstWord } = block;
		const waits = threadWaits();
		this.block = block;
		this.words = words;
		this.waits = waits;
		this.bytes = family.arena.bytes(block.offset + RING.data * 4, RING_CAPACITY);
		this.writeMutex = new Mutex(words, RING.writeMutex, firstWord + RING.writeMutex, family.arena, waits);
		this.readMutex = new Mutex(words, RING.readMutex, firstWord + RING.readMutex, family.arena, waits);
		this.data = new Signal(words, RING.dataSignal, firstWord + RING.dataSignal, family.arena, waits);
		this.room = new Signal(words, RING.roomSignal, firstWord + RING.roomSignal, family.arena, waits);
		this.#holders = {
			readers: family.heap.listAt(firstWord + RING.readers),
			writers: family.heap.listAt(firstWord + RING.writers),
		};
	}

	static create(): Ring {
		return openRings.of(Block.create(BODY_BYTES, BLOCK_KIND.pipe));
	}

	static attach(reference: BlockReference): Ring {
		return openRings.of(Block.attach(reference, 'connection', BLOCK_KIND.pipe, BODY_BYTES));
	}

	/** Only for `OpenRings`. */
	static over(block: Block): Ring {
		return new Ring(block);
	}

	// --- sides ---

	open(side: Side): void {
		if (this.#open[side]++ === 0) this.#holders[side].add(this.waits.me);
	}

	/** Whether a side is open here just once. */
	isLast(side: Side): boolean {
		return this.#open[side] === 1;
	}

	close(side: Side): void {
		if (--this.#open[side] > 0) return;
		this.#leave(side);
		if (this.#open.readers > 0 || this.#open.writers > 0) return;
		openRings.forget(this);
		this.block.release();
	}

	/** The thread ends: all its sides are closed. */
	abandon(): void {
		for (const side of ['readers', 'writers'] as const) if (this.#open[side] > 0) this.#leave(side);
	}

	/** A child is being forked: it has open what this thread has. */
	bequeath(heir: number): void {
		for (const side of ['readers', 'writers'] as const) if (this.#open[side] > 0) this.#holders[side].add(heir);
	}

	#leave(side: Side): void {
		this.#holders[side].remove(this.waits.me);
		if (side === 'writers') this.data.notifyAll();
		else this.room.notifyAll();
	}

	/** Whether anybody has a side open. `thorough` also finds out about processes that were killed. */
	has(side: Side, thorough: boolean): boolean {
		return thorough ? this.#holders[side].isHeld() : this.#holders[side].mayBeHeld();
	}

	/** What crosses when a connection with this side is sent. */
	handoff(side: Side, destination: Destination): BlockReference {
		this.block.holdFor(destination);
		holdFor(destination, this.#holders[side]);
		return this.block.toReference();
	}

	// --- positions, in bytes ---

	get head(): number {
		return this.words.load(RING.head);
	}

	get tail(): number {
		return this.words.load(RING.tail);
	}

	/**
	 * Bytes that have been written and not been read.
	 *
	 * @throws ProcessError if there cannot be so many
	 */
	get used(): number {
		const used = ((this.words.load(RING.head) - this.words.load(RING.tail)) | 0) * 4;
		return used >= 0 && used <= RING_CAPACITY ? used : this.#lookAgain();
	}

	/** Without a mutex, others may have gone on between the two looks; but not every time. */
	#lookAgain(): number {
		for (let looks = 0; looks < MOST_LOOKS; looks++) {
			const used = ((this.words.load(RING.head) - this.words.load(RING.tail)) | 0) * 4;
			if (used >= 0 && used <= RING_CAPACITY) return used;
		}
		throw corrupted('This connection');
	}

	get free(): number {
		return RING_CAPACITY - this.used;
	}

	/** Where in the ring a position is. */
	place(position: number): number {
		return (position * 4) & (RING_CAPACITY - 1);
	}

	/** Copies bytes in at a position, which is in units of 4 bytes. */
	copyIn(position: number, source: Uint8Array): void {
		const at = this.place(position);
		const first = RING_CAPACITY - at;
		if (source.length <= first) this.bytes.set(source, at);
		else {
			this.bytes.set(source.subarray(0, first), at);
			this.bytes.set(source.subarray(first), 0);
		}
	}

	/** Copies bytes out from a position. */
	copyOut(position: number, target: Uint8Array): void {
		const at = this.place(position);
		const first = RING_CAPACITY - at;
		if (target.length <= first) target.set(this.bytes.subarray(at, at + target.length));
		else {
			target.set(this.bytes.subarray(at));
			target.set(this.bytes.subarray(0, target.length - first), first);
		}
	}

	/** Bytes from a position on, in one piece: where they are, or copied if they go round the end of the ring. */
	window(position: number, length: number): Uint8Array {
		const at = this.place(position);
		if (at + length <= this.bytes.length) return this.bytes.subarray(at, at + length);
		const copy = Buffer.allocUnsafe(length);
		this.copyOut(position, copy);
		return copy;
	}

	/** The header word at a position: a message's length. */
	lengthAt(position: number): number {
		return this.words.load(RING.data + (this.place(position) >> 2));
	}

	putLength(position: number, length: number): void {
		this.words.store(RING.data + (this.place(position) >> 2), length);
	}
}

/** The rings this thread has open. */
class OpenRings {
	readonly #rings = new Map<number, Ring>();
	#leaving = false;

	of(block: Block): Ring {
		if (!this.#leaving) {
			this.#leaving = true;
			block.family.onLeave(() => {
				for (const ring of this.#rings.values()) ring.abandon();
			});
			block.family.onBequest((heir) => {
				for (const ring of this.#rings.values()) ring.bequeath(heir);
			});
		}
		const known = this.#rings.get(block.offset);
		if (known?.block === block) return known;
		const ring = Ring.over(block);
		this.#rings.set(block.offset, ring);
		return ring;
	}

	forget(ring: Ring): void {
		if (this.#rings.get(ring.block.offset) === ring) this.#rings.delete(ring.block.offset);
	}
}

const openRings = new OpenRings();
