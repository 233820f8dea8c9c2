/**
 * A confined process's side of its broker: calls over two sockets it was started with. It may load nothing native, so this
 * is done with what Node has: one socket for calls that are awaited, another that calls which block read from directly.
 *
 * ```
 *  request  | length 4 | call 4 | object 4 | name: length 1, text | arguments, pickled |
 *  answer   | length 4 | call 4 | 1: what is thrown, 0 | value, pickled |
 * ```
 *
 * All numbers unsigned, in network order; the lengths are those of what follows them (channel/frame.ts).
 */
import { readSync, writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { BrokenPipeError } from '../../base/errors.ts';
import { frame } from '../../channel/frame.ts';
import { decode, decodeAsync, encode } from '../../wire/codec.ts';
import { OUTSIDE } from '../../wire/handoff.ts';
import { decodeThrown, decodeThrownAsync } from '../../wire/remote-error.ts';
import { ANSWER_HEAD, CANCEL, LAST_CALL, RELEASE, released, request } from './frames.ts';

/** A call that is not answered yet. */
interface Pending {
	resolve(value: unknown): void;
	reject(reason: unknown): void;
	/** Why it was called off, if it was. */
	cancelled: { readonly reason: unknown } | undefined;
	readonly signal: AbortSignal | undefined;
	readonly onAbort: () => void;
}

const LENGTH = 4;

export class BrokerCalls {
	readonly #awaited: number;
	readonly #blocking: number;
	readonly #pending = new Map<number, Pending>();
	#socket: Socket | undefined;
	#next = 1;
	#received: Buffer[] = [];
	#size = 0;
	#isOver = false;

	/** The descriptors of both sockets. */
	constructor(awaited: number, blocking: number) {
		this.#awaited = awaited;
		this.#blocking = blocking;
	}

	/** Has a method called. It is told when `signal` is aborted; should it have succeeded by then, it has. */
	call(object: number, method: string, args: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
		signal?.throwIfAborted();
		const socket = this.#open();
		const number = this.#number();
		const message = request(number, object, method, encode(args, { root: 'args', to: OUTSIDE }));
		return new Promise((resolve, reject) => {
			const onAbort = (): void => this.#cancel(number);
			this.#pending.set(number, { resolve, reject, cancelled: undefined, signal, onAbort });
			signal?.addEventListener('abort', onAbort, { once: true });
			socket.ref();
			for (const part of frame(message)) socket.write(part);
		});
	}

	/** Says that an object is not used any more, of which so many references had come. */
	release(object: number, references: number): void {
		if (this.#isOver) return;
		const socket = this.#open();
		if (this.#pending.size === 0) socket.unref();
		for (const part of frame(request(object, RELEASE, '', released(references)))) socket.write(part);
	}

	/** The same, blocking this thread. */
	callSync(object: number, method: string, args: readonly unknown[]): unknown {
		const number = this.#number();
		const message = request(number, object, method, encode(args, { root: 'args', to: OUTSIDE }));
		for (const part of frame(message)) this.#write(part);
		const answer = this.#read(this.#read(LENGTH).readUInt32BE());
		const content = answer.subarray(ANSWER_HEAD);
		if (answer[LENGTH] === 0) return decode(content);
		throw decodeThrown(content);
	}

	#number(): number {
		const number = this.#next;
		this.#next = number === LAST_CALL ? 1 : number + 1;
		return number;
	}

	#cancel(number: number): void {
		const pending = this.#pending.get(number);
		if (pending === undefined) return;
		pending.cancelled = { reason: pending.signal?.reason };
		for (const part of frame(request(number, CANCEL, '', NOTHING))) this.#socket!.write(part);
	}

	#open(): Socket {
		if (this.#isOver) throw gone();
		if (this.#socket !== undefined) return this.#socket;
		const { Socket } = process.getBuiltinModule('node:net');
		const socket = new Socket({ fd: this.#awaited, readable: true, writable: true });
		socket.on('data', (bytes: Buffer) => this.#take(bytes));
		socket.on('error', () => {}); // it is closed next
		socket.on('close', () => this.#end());
		this.#socket = socket;
		return socket;
	}

	#take(bytes: Buffer): void {
		this.#received.push(bytes);
		this.#size += bytes.length;
		while (this.#size >= LENGTH) {
			const length = this.#front(LENGTH).readUInt32BE();
			if (this.#size < LENGTH + length) return;
			const whole = this.#front(LENGTH + length);
			this.#received = [whole.subarray(LENGTH + length)];
			this.#size -= LENGTH + length;
			void this.#answered(whole.subarray(LENGTH, LENGTH + length));
		}
	}

	/** All that has come, in one piece if the first one is shorter than `length`. */
	#front(length: number): Buffer {
		if (this.#received[0]!.length < length) this.#received = [Buffer.concat(this.#received)];
		return this.#received[0]!;
	}

	async #answered(answer: Buffer): Promise<void> {
		const number = answer.readUInt32BE();
		const pending = this.#pending.get(number);
		if (pending === undefined) return;
		const isThrown = answer[LENGTH] !== 0;
		const content = answer.subarray(ANSWER_HEAD);
		try {
			const value = isThrown ? await decodeThrownAsync(content) : await decodeAsync(content);
			if (!isThrown) pending.resolve(value);
			else pending.reject(pending.cancelled === undefined ? value : pending.cancelled.reason);
		} catch (error) {
			pending.reject(error);
		}
		this.#settled(number, pending);
	}

	#settled(number: number, { signal, onAbort }: Pending): void {
		signal?.removeEventListener('abort', onAbort);
		this.#pending.delete(number);
		if (this.#pending.size === 0) this.#socket?.unref();
	}

	#end(): void {
		this.#isOver = true;
		for (const [number, pending] of this.#pending) {
			pending.reject(gone());
			this.#settled(number, pending);
		}
	}

	#write(bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length; ) at += orGone(() => writeSync(this.#blocking, bytes, at));
	}

	#read(length: number): Buffer {
		const bytes = Buffer.allocUnsafe(length);
		for (let at = 0; at < length; ) {
			const count = orGone(() => readSync(this.#blocking, bytes, at, length - at, null));
			if (count === 0) throw gone();
			at += count;
		}
		return bytes;
	}
}

const NOTHING = new Uint8Array(0);

/** A broker that is killed with a call unread resets its sockets. */
function orGone(transfer: () => number): number {
	try {
		return transfer();
	} catch (cause) {
		throw gone(cause);
	}
}

function gone(cause?: unknown): BrokenPipeError {
	return new BrokenPipeError(
		'what this process was given cannot be reached any more: the broker that has it for this process, which has permissions, has ended.',
		{ cause },
	);
}
