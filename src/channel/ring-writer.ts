/**
 * The writing side of a ring: publishes messages that fit at once, streams those that do not, and keeps the promise that
 * a reader never sees half of one: see "cut" in ring-layout.ts.
 */
import { BrokenPipeError, rangeError } from '../base/errors.ts';
import { Hold, PendingHolds } from '../memory/family.ts';
import type { Mutex } from '../sync/mutex.ts';
import type { Signal } from '../sync/signal.ts';
import type { ThreadWaits } from '../sync/thread-waits.ts';
import type { MessageWriter } from './ends.ts';
import type { Outgoing } from './message.ts';
import { Pump, type Side } from './pump.ts';
import type { Ring } from './ring.ts';
import { frameBytes, HEADER_BYTES, MAX_MESSAGE_BYTES, RING, RING_CAPACITY } from './ring-layout.ts';
import { type RingNeed, RingNeeds, type RingSide } from './ring-needs.ts';
import { cutLeftStream, cutStream } from './stream-cut.ts';

/** How messages go into the ring, in bytes. The model of this protocol (test/model) has smaller ones. */
export interface WriteSizes {
	/** A message up to this size is published whole, when there is room for it; a larger one goes in pieces. */
	readonly whole: number;
	/** The largest piece; a sleeping writer of pieces is woken for no less room than this. */
	readonly piece: number;
}

const SIZES: WriteSizes = { whole: RING_CAPACITY / 4, piece: RING_CAPACITY / 4 };

/** How far a writer is: all it keeps to itself between two steps, but the message. For the model as well. */
export interface WriteProgress {
	/** Whether it holds the mutex. */
	readonly owned: boolean;
	/** What the step that could not go on needs: room, in bytes, and perhaps that the reader passes a cut. */
	readonly needed: number;
	readonly awaitsCut: boolean;
}

export class RingWriter implements MessageWriter, Side<Outgoing, RingNeed>, RingSide {
	readonly waits: ThreadWaits;
	readonly mutex: Mutex;
	readonly signal: Signal;
	readonly #ring: Ring;
	readonly #pump: Pump<Outgoing, RingNeed>;
	readonly #sizes: WriteSizes;
	#owned: boolean;
	#needed: number;
	#awaitsCut: boolean;

	constructor(ring: Ring, sizes: WriteSizes = SIZES, progress?: WriteProgress) {
		this.#ring = ring;
		this.#sizes = sizes;
		this.#owned = progress?.owned ?? false;
		this.#needed = progress?.needed ?? 0;
		this.#awaitsCut = progress?.awaitsCut ?? false;
		this.waits = ring.waits;
		this.mutex = ring.writeMutex;
		this.signal = ring.room;
		this.#pump = new Pump(this, new RingNeeds(this));
	}

	get progress(): WriteProgress {
		return { owned: this.#owned, needed: this.#needed, awaitsCut: this.#awaitsCut };
	}

	newHolds(): PendingHolds {
		return new PendingHolds();
	}

	/** Publishes a message at once, if nothing stands in the way. */
	tryWrite(bytes: Uint8Array, holds: PendingHolds | undefined, call: string): boolean {
		this.#checkReaders(call);
		const frame = frameBytes(bytes.length);
		if (!this.#pump.isIdle || frame > this.#sizes.whole || frame > this.#ring.free || !this.mutex.tryAcquire())
			return false;
		this.acquired();
		const fits = frame <= this.#ring.free;
		if (fits) this.#publish(bytes, frame, holds);
		this.#release();
		if (fits) this.#ring.data.notifyAll();
		return fits;
	}

	write(message: Outgoing, signal: AbortSignal | undefined): Promise<void> {
		checkLength(message);
		return this.#pump.start(message, signal, (reason) => this.#abort(message, reason));
	}

	/** As `write`, with the message's own callbacks. */
	begin(message: Outgoing): void {
		checkLength(message);
		this.#pump.begin(message);
	}

	writeSync(message: Outgoing): void {
		checkLength(message);
		this.#pump.run(message);
	}

	/** Rejects what an owner has not written. */
	drop(owner: object, reason: unknown): void {
		for (const message of this.#pump.jobsOf(owner)) this.#abort(message, reason);
	}

	// --- what the pump drives ---

	forgetParent(): void {
		this.#owned = false;
		this.#needed = 0;
		this.#awaitsCut = false;
	}

	readonly ready = (thorough: boolean): boolean => {
		if (!this.#ring.has('readers', thorough)) return true;
		return this.#ring.free >= this.#needed && !(this.#awaitsCut && this.#isCut());
	};

	acquired(): void {
		this.#owned = true;
		cutLeftStream(this.#ring);
	}

	step(message: Outgoing): RingNeed | undefined {
		try {
			return this.#advance(message);
		} catch (error) {
			this.giveUp(message);
			throw error;
		}
	}

	/** Ends a message that may be half in the ring, and lets go of the mutex. */
	giveUp(message: Outgoing): void {
		if (message.written >= 0 && message.written < message.bytes.length) cutStream(this.#ring);
		if (this.#owned) this.#release();
	}

	#advance(message: Outgoing): RingNeed | undefined {
		this.#checkReaders(message.call);
		if (!this.#owned) {
			// Where this thread has the mutex and does not know of it, somebody has written so.
			if (!this.mutex.tryAcquire() && !this.mutex.isMine()) return 'mutex';
			this.acquired();
		}
		const frame = frameBytes(message.bytes.length);
		const done = frame <= this.#sizes.whole ? this.#advanceWhole(message, frame) : this.#advanceStream(message);
		if (!done) return 'signal';
		this.#release();
		this.#ring.data.notifyAll();
		return undefined;
	}

	#advanceWhole(message: Outgoing, frame: number): boolean {
		this.#awaitsCut = false;
		this.#needed = frame;
		if (this.#ring.free < frame) return false;
		this.#publish(message.bytes, frame, message.holds);
		return true;
	}

	#publish(bytes: Uint8Array, frame: number, holds: PendingHolds | undefined): void {
		const ring = this.#ring;
		const head = ring.head;
		const end = (head + (frame >> 2)) | 0;
		ring.putLength(head, bytes.length);
		ring.copyIn((head + 1) | 0, bytes);
		holds?.settle(new Hold(-ring.block.reference, end));
		ring.words.store(RING.head, end);
	}

	/** The piece of a large message that fits. True: it was the last. */
	#advanceStream(message: Outgoing): boolean {
		if (message.written < 0 && !this.#begin(message)) return false;
		this.#awaitsCut = false;
		while (message.written < message.bytes.length) {
			const left = message.bytes.length - message.written;
			this.#needed = Math.min(this.#sizes.piece, frameBytes(left));
			if (this.#ring.free < this.#needed) return false;
			this.#writePiece(message, Math.min(left, this.#sizes.piece));
		}
		this.#ring.words.store(RING.streaming, 0);
		return true;
	}

	#begin(message: Outgoing): boolean {
		const ring = this.#ring;
		this.#needed = this.#sizes.piece;
		this.#awaitsCut = true;
		if (ring.free < this.#sizes.piece || this.#isCut()) return false;
		const head = ring.head;
		message.holds?.settle(new Hold(-ring.block.reference, (head + (frameBytes(message.bytes.length) >> 2)) | 0));
		ring.words.store(RING.streaming, 1);
		ring.putLength(head, message.bytes.length);
		ring.words.store(RING.head, (head + HEADER_BYTES / 4) | 0);
		message.written = 0;
		return true;
	}

	#writePiece(message: Outgoing, length: number): void {
		const head = this.#ring.head;
		this.#ring.copyIn(head, message.bytes.subarray(message.written, message.written + length));
		this.#ring.words.store(RING.head, (head + ((length + 3) >> 2)) | 0);
		message.written += length;
		this.#ring.data.notifyAll();
	}

	/** There is one mark for a cut: the reader must have passed it before another stream begins. */
	#isCut(): boolean {
		return this.#ring.words.load(RING.cut) === 1;
	}

	#abort(message: Outgoing, reason: unknown): void {
		if (this.#pump.current === message) this.giveUp(message);
		this.#pump.drop(message);
		if (this.#pump.isIdle && this.#owned) this.#release();
		message.reject(reason);
	}

	#release(): void {
		this.#owned = false;
		this.mutex.release();
	}

	#checkReaders(call: string): void {
		if (this.#ring.has('readers', false)) return;
		throw new BrokenPipeError(
			`Connection.${call}: nobody is left to receive: every process that had the other end has closed it or ended.`,
		);
	}
}

function checkLength({ bytes, call }: Outgoing): void {
	if (bytes.length <= MAX_MESSAGE_BYTES) return;
	throw rangeError(
		`Connection.${call}: a message of ${bytes.length} bytes is longer than ${MAX_MESSAGE_BYTES}; send it in parts.`,
	);
}
