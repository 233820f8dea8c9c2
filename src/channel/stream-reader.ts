/**
 * The receiving side of a connection over a socket. A message is collected piece by piece, and no byte behind it is
 * taken. A request that is called off leaves what has been collected to the next one.
 */
import type { Deadline } from '../base/deadline.ts';
import { AuthenticationError, ClosedError, EOFError, ProcessError } from '../base/errors.ts';
import type { Direction } from '../os/contract.ts';
import type { WaitTarget } from '../sync/waitable.ts';
import type { Trust } from '../wire/trust.ts';
import type { MessageReader } from './ends.ts';
import { headerLength, LONG_HEADER, messageLength, SHORT_HEADER } from './frame.ts';
import { isOfHandshake } from './handshake-words.ts';
import { allocate, type Incoming } from './message.ts';
import { Pump, type Side } from './pump.ts';
import type { Stream } from './stream.ts';

/** What is known of whoever is at the other end. */
export interface StreamPeer {
	/** Whether the first message may tell that the other side wants a key and this one has none. */
	readonly mayBeChallenged: boolean;
	readonly trust: Trust;
}

type Need = Direction | Promise<void>;

/** A message whose header has been read. */
interface Partial {
	readonly length: number;
	/** Undefined: nobody wants it, it is skipped. */
	readonly buffer: Uint8Array | undefined;
	filled: number;
}

/** Where skipped bytes go. */
const PIT_BYTES = 65_536;

export class StreamReader implements MessageReader, Side<Incoming, Direction> {
	readonly trust: Trust;
	readonly #stream: Stream;
	readonly #pump: Pump<Incoming, Direction>;
	/** Ends the connection: nothing that comes can be understood. */
	readonly #breakOff: (reason: Error) => void;
	readonly #header = Buffer.alloc(LONG_HEADER);
	#headerFilled = 0;
	#partial: Partial | undefined;
	/** Whether the first message may tell that the other side wants a key and this one has none. */
	mayBeChallenged: boolean;

	constructor(stream: Stream, { mayBeChallenged, trust }: StreamPeer, breakOff: (reason: Error) => void) {
		this.#stream = stream;
		this.mayBeChallenged = mayBeChallenged;
		this.trust = trust;
		this.#breakOff = breakOff;
		this.#pump = new Pump(this, stream);
	}

	/** Whether a part of a message has been read and the rest has not. */
	isAmidMessage(): boolean {
		if (this.#isSkipping) this.#skip();
		return this.#headerFilled > 0;
	}

	get target(): WaitTarget {
		return {
			ready: this.#isReady,
			sentinel: this.#stream.fd,
			watch: (callback) => this.#watch(callback),
		};
	}

	read(request: Incoming, signal: AbortSignal | undefined): Promise<void> {
		return this.#pump.start(request, signal, (reason) => this.#abort(request, reason));
	}

	readSync(request: Incoming): void {
		this.#pump.run(request);
	}

	poll(deadline: Deadline): Promise<boolean> {
		return new Promise((resolve, reject) => {
			const { signal } = deadline;
			const end = (settle: () => void): void => {
				stop();
				callOff();
				signal?.removeEventListener('abort', onAbort);
				settle();
			};
			const onReady = (): void => end(() => (this.#stream.closed ? reject(closedWhilePolling()) : resolve(true)));
			const onAbort = (): void => end(() => reject(signal?.reason));
			const stop = this.#watch(onReady);
			const callOff = deadline.onExpiry(() => end(() => resolve(false)));
			signal?.addEventListener('abort', onAbort, { once: true });
		});
	}

	pollSync(deadline: Deadline): boolean {
		for (;;) {
			if (this.#isReady()) return true;
			if (deadline.expired) return false;
			this.#stream.block('readable', deadline);
		}
	}

	/** Rejects an owner's requests. */
	drop(owner: object, reason: unknown): void {
		for (const request of this.#pump.jobsOf(owner)) this.#abort(request, reason);
	}

	forgetParent(): void {}

	step(request: Incoming, blocking: boolean): Need | undefined {
		for (;;) {
			const partial = this.#partial ?? this.#begin(request);
			if (partial === undefined) return 'readable';
			if (!this.#collect(partial, request)) return 'readable';
			if (partial.buffer !== undefined) return this.#use(partial.buffer, request, blocking);
			this.#end();
		}
	}

	/** Reads the header, as far as it is there. */
	#begin(request: Incoming): Partial | undefined {
		if (!this.#fillHeader(SHORT_HEADER, request)) return undefined;
		if (!this.#fillHeader(headerLength(this.#header), request)) return undefined;
		const length = messageLength(this.#header);
		if (length === undefined) throw this.#broken(request, 'what has arrived is no message: its length is impossible');
		const refusal = request.consumer.refuse?.(length);
		const buffer = refusal === undefined ? this.#place(length, request) : undefined;
		this.#partial = { length, buffer, filled: 0 };
		if (refusal !== undefined) throw refusal;
		return this.#partial;
	}

	#place(length: number, request: Incoming): Uint8Array {
		try {
			return request.consumer.place(length);
		} catch (cause) {
			throw this.#broken(request, `there is no memory for a message of ${length} bytes`, cause);
		}
	}

	#fillHeader(length: number, request: Incoming): boolean {
		while (this.#headerFilled < length) {
			const count = this.#receive(this.#header.subarray(this.#headerFilled, length), request);
			if (count === undefined) return false;
			this.#headerFilled += count;
		}
		return true;
	}

	/** True: all of the message is there. */
	#collect(partial: Partial, request: Incoming): boolean {
		while (partial.filled < partial.length) {
			const room = partial.buffer?.subarray(partial.filled) ?? pit(partial.length - partial.filled);
			const count = this.#receive(room, request);
			if (count === undefined) return false;
			partial.filled += count;
		}
		return true;
	}

	/** Some bytes; `undefined`: none now. */
	#receive(into: Uint8Array, request: Incoming): number | undefined {
		const count = this.#stream.receive(into);
		if (count !== 0) return count;
		const inside =
			this.#headerFilled > 0
				? 'in the middle of a message, of which nothing is left'
				: 'and all it sent has been received';
		throw new EOFError(`Connection.${request.call}: the other end is closed, ${inside}.`);
	}

	#use(bytes: Uint8Array, request: Incoming, blocking: boolean): Promise<void> | undefined {
		if (this.mayBeChallenged && isOfHandshake(bytes)) {
			throw this.#fail(
				new AuthenticationError(
					`Connection.${request.call}: the other side wants a key and this one was made without. Give both sides the same authkey.`,
				),
			);
		}
		this.mayBeChallenged = false;
		try {
			const need = request.consumer.use(bytes, blocking);
			if (need !== undefined) return need;
		} catch (error) {
			this.#end();
			throw error;
		}
		this.#end();
		return undefined;
	}

	#end(): void {
		this.#partial = undefined;
		this.#headerFilled = 0;
	}

	/** Where one message ends and the next begins is lost: the connection is of no use any more. */
	#broken(request: Incoming, why: string, cause?: unknown): ProcessError {
		return this.#fail(
			new ProcessError(
				`Connection.${request.call}: ${why}. The connection is closed now; is the other end one of multiprocessing's?`,
				{ code: 'ERR_MP_FRAME', cause },
			),
		);
	}

	#fail<E extends Error>(error: E): E {
		this.#breakOff(error);
		return error;
	}

	get #isSkipping(): boolean {
		return this.#partial !== undefined && this.#partial.buffer === undefined;
	}

	/** Whether a request that is made now gets a message, or at least a piece of one, or the end. */
	readonly #isReady = (): boolean => {
		if (this.#stream.closed || this.#isCollected()) return true;
		if (this.#isSkipping) this.#skip();
		return !this.#isSkipping && this.#stream.isReadable;
	};

	/** Whether a whole message waits here for somebody to use it. */
	#isCollected(): boolean {
		const partial = this.#partial;
		return partial?.buffer !== undefined && partial.filled === partial.length;
	}

	/** Takes what has come of a message that nobody wants. */
	#skip(): void {
		const { length } = this.#partial!;
		while (this.#partial!.filled < length) {
			const count = this.#stream.receive(pit(length - this.#partial!.filled));
			if (count === undefined) return;
			if (count === 0) break; // the end: whoever receives next is told
			this.#partial!.filled += count;
		}
		this.#end();
	}

	/** Calls back once there is something to receive, until the returned function is called. */
	#watch(callback: () => void): () => void {
		const look = (): void => {
			if (this.#isReady()) callback();
			else wait = this.#stream.begin('readable', look);
		};
		let wait = this.#stream.begin('readable', look);
		return () => wait.cancel();
	}

	/** Ends a request; what has been read of its message is kept for the next, in memory of its own. */
	#abort(request: Incoming, reason: unknown): void {
		const partial = this.#partial;
		if (this.#pump.current === request && partial?.buffer !== undefined) {
			const buffer = allocate(partial.length);
			buffer.set(partial.buffer.subarray(0, partial.filled));
			this.#partial = { ...partial, buffer };
		}
		this.#pump.drop(request);
		request.reject(reason);
	}
}

function closedWhilePolling(): ClosedError {
	return new ClosedError('Connection.poll: the connection was closed while this call was waiting.');
}

let skipped: Buffer | undefined;

/** Room for at most `length` bytes that nobody will look at. */
function pit(length: number): Uint8Array {
	skipped ??= allocate(PIT_BYTES);
	return length < PIT_BYTES ? skipped.subarray(0, length) : skipped;
}
