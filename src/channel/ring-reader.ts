/**
 * The reading side of a ring. A message that is whole in the ring is looked at where it is and taken by one store to
 * `tail`; a streamed one is collected piece by piece. What a dead reader had begun is skipped, what a dead writer had
 * begun is dropped: see ring-layout.ts.
 */
import type { Deadline } from '../base/deadline.ts';
import { EOFError } from '../base/errors.ts';
import { corrupted } from '../memory/corrupted.ts';
import type { Mutex } from '../sync/mutex.ts';
import type { Signal } from '../sync/signal.ts';
import type { ThreadWaits } from '../sync/thread-waits.ts';
import type { WaitTarget } from '../sync/waitable.ts';
import { SpinBudget, waitUntil, waitUntilSync } from '../sync/waiting.ts';
import { Trust } from '../wire/trust.ts';
import type { MessageReader } from './ends.ts';
import { allocate, type Consumer, type Incoming } from './message.ts';
import { Pump, type Side } from './pump.ts';
import type { Ring } from './ring.ts';
import { frameBytes, RING, RING_CAPACITY } from './ring-layout.ts';
import { type RingNeed, RingNeeds, type RingSide } from './ring-needs.ts';
import { cutDeadStream } from './stream-cut.ts';

/** Nobody gets more memory for a message than this, in bytes, for saying that it will be so long. */
const MOST_IN_ADVANCE: number = 64 * 1024 * 1024;
/** Pieces that a message can have, and more. */
const MOST_PIECES: number = 2 ** 20;

/** A message that was taken out of the ring for a request that was called off. */
interface LeftOver {
	readonly bytes: Buffer;
	readonly consumer: Consumer;
}

/** A message that is read in pieces, or (no buffer) skipped. */
export interface Partial {
	readonly buffer: Uint8Array | undefined;
	/** Bytes it is to have; a buffer for all of them is made when many have come. */
	readonly length: number;
	/** Position behind it. */
	readonly end: number;
	filled: number;
}

/** How far a reader is: all it keeps to itself between two steps. For the model of this protocol (test/model). */
export interface ReadProgress {
	/** Whether it holds the mutex. */
	readonly owned: boolean;
	readonly partial: Partial | undefined;
}

const DAMAGED = 'This connection';

/** What a step of a request may need. */
type Need = RingNeed | Promise<void>;

export class RingReader implements MessageReader, Side<Incoming, RingNeed>, RingSide {
	readonly waits: ThreadWaits;
	readonly mutex: Mutex;
	readonly signal: Signal;
	readonly #ring: Ring;
	readonly #pump: Pump<Incoming, RingNeed>;
	readonly #spin: SpinBudget = new SpinBudget();
	readonly #leftOver: LeftOver[] = [];
	#owned: boolean;
	#partial: Partial | undefined;

	constructor(ring: Ring, progress?: ReadProgress) {
		this.#ring = ring;
		this.#owned = progress?.owned ?? false;
		this.#partial = progress?.partial;
		this.waits = ring.waits;
		this.mutex = ring.readMutex;
		this.signal = ring.data;
		this.#pump = new Pump(this, new RingNeeds(this));
	}

	get progress(): ReadProgress {
		return { owned: this.#owned, partial: this.#partial };
	}

	/** Something to read, or nothing ever more: a waiting request may go on. */
	readonly ready = (thorough: boolean): boolean => {
		if (thorough) cutDeadStream(this.#ring);
		return this.#ring.used > 0 || this.#isCut() || this.#leftOver.length > 0 || !this.#ring.has('writers', thorough);
	};

	/** Whether a request that is made now gets a message, or the news that there will be none. */
	readonly receivable = (thorough: boolean): boolean => {
		cutDeadStream(this.#ring);
		return this.#leftOver.length > 0 || this.#isUnread() || !this.#ring.has('writers', thorough);
	};

	/** Whether there is a message nobody has begun to read, and all of it, or its writer is there to complete it. */
	#isUnread(): boolean {
		const { head, tail, words } = this.#ring; // before `cut`: what was written behind a cut is then not counted
		const end = words.load(RING.messageEnd);
		const isBegun = words.load(RING.reading) === 1 && ((end - tail) | 0) > 0;
		const start = isBegun && this.#pump.current?.calledOff !== true ? end : tail;
		const cutAt = words.load(RING.cutAt);
		if (!this.#isCut() || ((cutAt - tail) | 0) < 0) return ((head - start) | 0) > 0;
		if (isBegun && ((end - cutAt) | 0) > 0) return ((head - cutAt) | 0) > 0;
		// The one that was cut short comes later, perhaps behind whole ones.
		if (((cutAt - start) | 0) > 0 && this.#endOf(start) <= ((cutAt - start) | 0)) return true;
		return ((head - cutAt) | 0) > 0;
	}

	/** Where a message ends that begins at `start`, in units from there. */
	#endOf(start: number): number {
		return frameBytes(this.#ring.lengthAt(start)) >> 2;
	}

	read(request: Incoming, signal: AbortSignal | undefined): Promise<void> {
		return this.#pump.start(request, signal, (reason) => this.#abort(request, reason));
	}

	/** As `read`, with the request's own callbacks, each of which may begin the next request. */
	begin(request: Incoming): void {
		this.#pump.begin(request);
	}

	readSync(request: Incoming): void {
		this.#pump.run(request);
	}

	/** As `readSync`, but waits for nothing. False: there is no message, or not all of one. */
	readNow(request: Incoming): boolean {
		return this.#pump.attempt(request);
	}

	poll(deadline: Deadline): Promise<boolean> {
		return waitUntil({ ...this.target, waits: this.waits, deadline, spin: this.#spin });
	}

	pollSync(deadline: Deadline): boolean {
		return waitUntilSync({ ...this.target, waits: this.waits, deadline, spin: this.#spin });
	}

	get trust(): Trust {
		return Trust.FAMILY;
	}

	get target(): WaitTarget & { signal: Signal } {
		return { ready: this.receivable, signal: this.signal };
	}

	/** Rejects an owner's requests. */
	drop(owner: object, reason: unknown): void {
		for (const request of this.#pump.jobsOf(owner)) this.#abort(request, reason);
	}

	/** Nobody in this thread is left to read. */
	close(): void {
		this.#pump.stop();
		this.#leftOver.length = 0;
		this.#partial = undefined;
		if (this.#owned) this.#release();
	}

	// --- what the pump drives ---

	forgetParent(): void {
		this.#owned = false;
		this.#partial = undefined;
		this.#leftOver.length = 0;
	}

	acquired(): void {
		this.#owned = true;
		const { words } = this.#ring;
		if (this.#partial === undefined && words.load(RING.reading) === 1) {
			this.#partial = { buffer: undefined, length: 0, end: words.load(RING.messageEnd), filled: 0 };
		}
	}

	step(request: Incoming, blocking: boolean): Need | undefined {
		try {
			return this.#advance(request, blocking);
		} catch (error) {
			if (this.#owned) {
				this.#partial = undefined; // what there is makes no sense
				this.#release();
			}
			throw error;
		}
	}

	#advance(request: Incoming, blocking: boolean): Need | undefined {
		const left = request.calledOff ? undefined : this.#leftOver[0];
		if (left !== undefined) return this.#useLeftOver(left, request, blocking);
		if (!this.#owned && this.#ring.used === 0 && !this.#isCut()) return this.#checkWriters(request);
		// Where this thread has the mutex and does not know of it, somebody has written so.
		if (!this.#owned && !this.mutex.tryAcquire() && !this.mutex.isMine()) return 'mutex';
		this.acquired();
		for (let pieces = 0; ; pieces++) {
			if (pieces > MOST_PIECES) throw corrupted(DAMAGED);
			if (request.calledOff && this.#partial === undefined) return this.#release(); // its message was cut short
			const need = this.#partial === undefined ? this.#readNext(request, blocking) : this.#readPiece(request, blocking);
			if (need !== 'again') return need;
		}
	}

	#useLeftOver({ bytes, consumer }: LeftOver, request: Incoming, blocking: boolean): Need | undefined {
		try {
			const need = request.consumer.takeOver?.(consumer) === true ? undefined : request.consumer.use(bytes, blocking);
			if (need !== undefined) return need;
		} catch (error) {
			this.#leftOver.shift();
			throw error;
		}
		this.#leftOver.shift();
		return undefined;
	}

	/** Nothing to read: more may come, or it is the end. */
	#checkWriters({ call }: Incoming): Need {
		if (this.#ring.has('writers', false) || this.#ring.used > 0) return 'signal';
		if (this.#partial !== undefined) this.#endPartial(undefined);
		if (this.#owned) this.#release();
		throw new EOFError(
			`Connection.${call}: the other end is closed: every process that had it has closed it or ended, and all it sent has been received.`,
		);
	}

	#readNext(request: Incoming, blocking: boolean): Need | undefined | 'again' {
		const ring = this.#ring;
		const used = ring.used; // before `cut`: what was written behind a cut is then not counted
		const tail = ring.tail;
		if (used === 0) {
			this.#skipCut(tail, 4);
			this.#release();
			return this.#checkWriters(request);
		}
		const length = ring.lengthAt(tail);
		const frame = frameBytes(length);
		if (length < 0 || frame < length) throw corrupted(DAMAGED);
		if (this.#skipCut(tail, frame)) return 'again';
		if (used >= frame) return this.#useInPlace(request, blocking, length, frame);
		// It is being written; or it has just been, or been cut, since the first look.
		const isStreamed = ring.words.load(RING.streaming) === 1 || this.#isCut() || ring.used >= frame;
		if (!isStreamed) throw corrupted(DAMAGED);
		const { consumer } = request;
		const buffer = length > MOST_IN_ADVANCE ? allocate(MOST_IN_ADVANCE) : consumer.place(length);
		ring.words.store(RING.messageEnd, (tail + (frame >> 2)) | 0);
		ring.words.store(RING.reading, 1);
		this.#partial = { buffer, length, end: (tail + (frame >> 2)) | 0, filled: 0 };
		ring.words.store(RING.tail, (tail + 1) | 0);
		return 'again';
	}

	/** If a message of `frame` bytes from `tail` on was cut short, goes behind what there is of it. */
	#skipCut(tail: number, frame: number): boolean {
		const { words } = this.#ring;
		if (!this.#isCut()) return false;
		const cutAt = words.load(RING.cutAt);
		const before = (cutAt - tail) | 0;
		if (before < 0 || ((words.load(RING.head) - cutAt) | 0) < 0) throw corrupted(DAMAGED);
		if (before * 4 >= frame) return false;
		if (before > 0) words.store(RING.tail, cutAt);
		words.store(RING.reading, 0); // before `cut`: killed in between, the next reader would skip what is behind the cut
		words.store(RING.cut, 0);
		this.#ring.room.notifyAll();
		return true;
	}

	#isCut(): boolean {
		return this.#ring.words.load(RING.cut) === 1;
	}

	#useInPlace(request: Incoming, blocking: boolean, length: number, frame: number): Need | undefined {
		const ring = this.#ring;
		const tail = ring.tail;
		try {
			const need = request.consumer.use(ring.window((tail + 1) | 0, length), blocking);
			if (need !== undefined) {
				this.#release();
				return need;
			}
		} catch (error) {
			this.#take(tail, frame);
			throw error;
		}
		this.#take(tail, frame);
		return undefined;
	}

	#take(tail: number, frame: number): void {
		this.#ring.words.store(RING.tail, (tail + (frame >> 2)) | 0);
		this.#release();
		this.#ring.room.notifyAll();
	}

	#readPiece(request: Incoming, blocking: boolean): Need | undefined | 'again' {
		const ring = this.#ring;
		const partial = this.#partial!;
		const head = ring.head; // before `cut`, as above
		const tail = ring.tail;
		const left = (partial.end - tail) | 0;
		const there = (head - tail) | 0;
		if (left < 0 || there < 0 || there * 4 > RING_CAPACITY) throw corrupted(DAMAGED);
		if (left > 0 && this.#skipCut(tail, left * 4)) return this.#endPartial('again');
		const available = Math.min(there, left);
		if (available === left) return this.#finishPartial(request, blocking, tail, left);
		if (available === 0) return this.#checkWriters(request);
		this.#collect(this.#withRoom(partial, request), tail, available);
		ring.words.store(RING.tail, (tail + available) | 0);
		ring.room.notifyAll();
		return 'again';
	}

	/** As much has come as it got memory for in advance: it is to be believed. */
	#withRoom(partial: Partial, { calledOff, consumer }: Incoming): Partial {
		const { buffer, length, end, filled } = partial;
		if (buffer === undefined || buffer.length === length || filled + RING_CAPACITY <= buffer.length) return partial;
		const whole = calledOff ? allocate(length) : consumer.place(length);
		whole.set(buffer.subarray(0, filled));
		this.#partial = { buffer: whole, length, end, filled };
		return this.#partial;
	}

	#collect(partial: Partial, tail: number, units: number): void {
		if (partial.buffer === undefined) return;
		const length = Math.min(units * 4, partial.buffer.length - partial.filled);
		this.#ring.copyOut(tail, partial.buffer.subarray(partial.filled, partial.filled + length));
		partial.filled += length;
	}

	/** The last piece is taken out of the ring only when the message has been used: until then it holds what is in it. */
	#finishPartial(request: Incoming, blocking: boolean, tail: number, left: number): Need | undefined | 'again' {
		const partial = this.#withRoom(this.#partial!, request);
		const filled = partial.filled;
		this.#collect(partial, tail, left);
		try {
			const need = partial.buffer === undefined ? undefined : this.#use(partial.buffer, request, blocking);
			if (need !== undefined) {
				partial.filled = filled;
				return need;
			}
		} catch (error) {
			this.#ring.words.store(RING.tail, partial.end);
			this.#endMessage();
			throw error;
		}
		this.#ring.words.store(RING.tail, partial.end);
		if (partial.buffer === undefined) return this.#endPartial('again');
		this.#endMessage();
		return undefined;
	}

	/** A whole message that is out of the ring. */
	#use(bytes: Uint8Array, { consumer, calledOff }: Incoming, blocking: boolean): Promise<void> | undefined {
		if (!calledOff) return consumer.use(bytes, blocking);
		const need = consumer.keep?.(bytes, blocking);
		if (need !== undefined) return need;
		this.#leftOver.push({ bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), consumer });
		this.#ring.data.notifyAll(); // somebody may be polling
		return undefined;
	}

	#endMessage(): void {
		this.#endPartial(undefined);
		this.#release();
		this.#ring.room.notifyAll();
	}

	#endPartial<T>(result: T): T {
		this.#partial = undefined;
		this.#ring.words.store(RING.reading, 0);
		return result;
	}

	/** Ends a request; a message it has begun to take is kept for the next. */
	#abort(request: Incoming, reason: unknown): void {
		const partial = this.#partial;
		if (this.#pump.current === request && partial?.buffer !== undefined) {
			// Into memory of its own from here on: the request's may be the caller's buffer.
			const buffer = allocate(partial.buffer.length);
			buffer.set(partial.buffer.subarray(0, partial.filled));
			this.#partial = { buffer, length: partial.length, end: partial.end, filled: partial.filled };
			request.calledOff = true;
			request.owner = undefined;
		} else {
			this.#pump.drop(request);
			if (this.#pump.isIdle && this.#owned) this.#release();
		}
		request.reject(reason);
	}

	#release(): undefined {
		this.#owned = false;
		this.mutex.release();
		return undefined;
	}
}
