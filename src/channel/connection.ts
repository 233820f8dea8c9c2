/** The public end of a pipe: objects and bytes, both ways, in both forms. */
import { inspect } from 'node:util';
import { breather } from '../base/breather.ts';
import { Deadline, signalOf, type WaitOptions } from '../base/deadline.ts';
import { ClosedError, EOFError, ProcessError, rangeError, typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import type { PendingHolds } from '../memory/family.ts';
import { type Waitable, type WaitTarget, waitable } from '../sync/waitable.ts';
import { encode } from '../wire/codec.ts';
import {
	type Destination,
	handoff,
	OUTSIDE,
	registerShared,
	type Shareable,
	type SharedReference,
} from '../wire/handoff.ts';
import { byteSlice, byteTarget } from './byte-arguments.ts';
import { Ends, type MessageReader, type MessageWriter } from './ends.ts';
import { ends } from './ends-key.ts';
import { handshakeAhead } from './handshake-key.ts';
import { allocate, type Consumer, Incoming, Outgoing } from './message.ts';
import { ReceivedBytes, ReceivedInto, ReceivedObject } from './received.ts';
import { RingEnds, type RingEndsData } from './ring-ends.ts';
import { StreamEnds, type StreamEndsData } from './stream-ends.ts';

const KIND = 'Connection';

/**
 * Every wait may be aborted; what was not taken stays, nothing is half sent. A message that has begun to go out over a
 * socket cannot be taken back: from then on the signal is not listened to, and the promise settles as without it.
 */
export interface TransferOptions {
	signal?: AbortSignal | undefined;
}

/**
 * One end of a pipe between any two processes of a family, or of a connection between any two programs. Messages are
 * objects (anything picklable) or bytes, whole, in order. It can itself be sent. A pipe is safe to use from several
 * processes at once: a message is received by one of them. Over a socket, only one process at a time should send, and one
 * receive.
 *
 * Made by `Pipe()`, `Client()` and `Listener.accept()`.
 *
 * @example
 * ```js
 * const [parent, child] = mp.Pipe();
 * const process = new mp.Process({ target: worker, args: [child] });
 * await process.start();
 * await parent.send({ question: 'how many?' });
 * console.log(await parent.recv());
 * ```
 */
export class Connection implements Shareable, Waitable, AsyncIterable<unknown>, Disposable {
	readonly #ends: Ends;

	/** @internal Use `Pipe()`, `Client()` or a `Listener`. */
	constructor(over: Ends) {
		if (!(over instanceof Ends)) {
			throw typeError('Connection: connections are made by Pipe(), Client() and Listener.accept(), not by new');
		}
		this.#ends = over;
		Ends.closeWhenCollected(this, over);
	}

	/**
	 * Sends a value. Resolves when it is in shared memory, or with the system: this process may end then, and it is still
	 * received.
	 *
	 * @throws PicklingError at the call, if it cannot travel; nothing is sent
	 * @throws BrokenPipeError if nobody is left to receive
	 */
	async send(value: unknown, options?: TransferOptions): Promise<void> {
		const writer = this.#writer('send');
		const signal = liveSignal(options, 'send');
		const holds = writer.newHolds();
		const bytes = encode(value, { root: 'message', to: holds ?? OUTSIDE });
		if (writer.tryWrite(bytes, holds, 'send')) await breather.breathe();
		else await writer.write(this.#outgoing('send', copyOf(bytes), holds), signal);
	}

	/** As `send`, blocking this thread while there is no room. */
	sendSync(value: unknown): void {
		const writer = this.#writer('sendSync');
		const holds = writer.newHolds();
		const bytes = encode(value, { root: 'message', to: holds ?? OUTSIDE });
		if (!writer.tryWrite(bytes, holds, 'sendSync')) writer.writeSync(this.#outgoing('sendSync', bytes, holds));
	}

	/**
	 * Receives the next value.
	 *
	 * @throws EOFError when every holder of the other end has closed it or ended, and all it sent has been received
	 * @throws UnpicklingError if it cannot be rebuilt here; it is gone then
	 */
	async recv(options?: TransferOptions): Promise<unknown> {
		const reader = this.#reader('recv');
		const signal = liveSignal(options, 'recv');
		const received = new ReceivedObject(reader.origin);
		await reader.read(this.#incoming('recv', received), signal);
		await breather.breathe();
		return received.value;
	}

	/** As `recv`, blocking this thread. */
	recvSync(): unknown {
		const reader = this.#reader('recvSync');
		const received = new ReceivedObject(reader.origin);
		reader.readSync(this.#incoming('recvSync', received));
		return received.value;
	}

	/** Sends `size` bytes of `data` from `offset` on, as one message. `data` must not change until it resolves. */
	async sendBytes(
		data: ArrayBufferView | ArrayBufferLike,
		offset?: number,
		size?: number,
		options?: TransferOptions,
	): Promise<void> {
		const bytes = byteSlice(data, offset, size, 'sendBytes');
		const writer = this.#writer('sendBytes');
		const signal = liveSignal(options, 'sendBytes');
		if (writer.tryWrite(bytes, undefined, 'sendBytes')) await breather.breathe();
		else await writer.write(this.#outgoing('sendBytes', bytes), signal);
	}

	/** As `sendBytes`, blocking this thread while there is no room. */
	sendBytesSync(data: ArrayBufferView | ArrayBufferLike, offset?: number, size?: number): void {
		const bytes = byteSlice(data, offset, size, 'sendBytesSync');
		const writer = this.#writer('sendBytesSync');
		if (!writer.tryWrite(bytes, undefined, 'sendBytesSync')) writer.writeSync(this.#outgoing('sendBytesSync', bytes));
	}

	/**
	 * Receives one message of bytes, as a copy of its own.
	 *
	 * @throws BufferTooShort if it is longer than `maxLength` bytes; the message is taken. From a pipe it is in `data`, from
	 *   a socket it is not even read: `data` is empty and `size` says how long it was
	 */
	async recvBytes(maxLength?: number, options?: TransferOptions): Promise<Buffer> {
		checkMaxLength(maxLength, 'recvBytes');
		const reader = this.#reader('recvBytes');
		const signal = liveSignal(options, 'recvBytes');
		const received = new ReceivedBytes(maxLength, 'recvBytes');
		await reader.read(this.#incoming('recvBytes', received), signal);
		await breather.breathe();
		return received.bytes;
	}

	/** As `recvBytes`, blocking this thread. */
	recvBytesSync(maxLength?: number): Buffer {
		checkMaxLength(maxLength, 'recvBytesSync');
		const received = new ReceivedBytes(maxLength, 'recvBytesSync');
		this.#reader('recvBytesSync').readSync(this.#incoming('recvBytesSync', received));
		return received.bytes;
	}

	/**
	 * Receives one message of bytes into `target` from byte `offset` on; resolves to how many bytes it had.
	 *
	 * @throws BufferTooShort if it does not fit; `data` is the whole message
	 */
	async recvBytesInto(
		target: ArrayBufferView | ArrayBufferLike,
		offset?: number,
		options?: TransferOptions,
	): Promise<number> {
		const room = byteTarget(target, offset, 'recvBytesInto');
		const reader = this.#reader('recvBytesInto');
		const signal = liveSignal(options, 'recvBytesInto');
		const received = new ReceivedInto(room, 'recvBytesInto');
		await reader.read(this.#incoming('recvBytesInto', received), signal);
		await breather.breathe();
		return received.length;
	}

	/** As `recvBytesInto`, blocking this thread. */
	recvBytesIntoSync(target: ArrayBufferView | ArrayBufferLike, offset?: number): number {
		const room = byteTarget(target, offset, 'recvBytesIntoSync');
		const received = new ReceivedInto(room, 'recvBytesIntoSync');
		this.#reader('recvBytesIntoSync').readSync(this.#incoming('recvBytesIntoSync', received));
		return received.length;
	}

	/** Whether there is something to receive within `timeout` ms (0: now); the end of the connection counts as something. */
	async poll(options: WaitOptions = 0): Promise<boolean> {
		const deadline = Deadline.from(options, 'Connection.poll');
		const reader = this.#reader('poll');
		deadline.signal?.throwIfAborted();
		if (reader.target.ready(deadline.expired)) return true;
		return deadline.expired ? false : reader.poll(deadline);
	}

	/** As `poll`, blocking this thread. */
	pollSync(options: WaitOptions = 0): boolean {
		const deadline = Deadline.from(options, 'Connection.pollSync');
		return this.#reader('pollSync').pollSync(deadline);
	}

	/** Closes this end, here. Sends that have not resolved are rejected. May be called again. */
	close(): void {
		this.#ends.close(new ClosedError('Connection.close: the connection was closed while this call was waiting.'));
	}

	get closed(): boolean {
		return this.#ends.closed;
	}

	get readable(): boolean {
		return this.#ends.reader !== undefined;
	}

	get writable(): boolean {
		return this.#ends.writer !== undefined;
	}

	/** The descriptor of the connection: of its socket, or of the shared memory, which all pipes of a family live in. */
	fileno(): number {
		this.#checkOpen('fileno');
		return this.#ends.fd;
	}

	/** Everything that is received, until the other end is closed. */
	async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
		try {
			for (;;) yield await this.recv();
		} catch (error) {
			if (!(error instanceof EOFError)) throw error;
		}
	}

	[Symbol.dispose](): void {
		this.close();
	}

	/** How `wait()` waits for it. */
	[waitable](): WaitTarget {
		return this.#reader('wait').target;
	}

	/** @internal */
	get [ends](): Ends {
		return this.#ends;
	}

	/** @internal A challenge that comes next is for the program, not for this connection. */
	[handshakeAhead](): void {
		this.#ends.expectHandshake();
	}

	[handoff](destination: Destination): SharedReference {
		this.#checkOpen('send');
		return { kind: KIND, data: this.#ends.handoff(destination) };
	}

	[inspect.custom](): string {
		const directions = [this.readable && 'readable', this.writable && 'writable'].filter(Boolean).join(', ');
		return `<Connection ${this.closed ? 'closed' : directions}>`;
	}

	#outgoing(call: string, bytes: Uint8Array, holds?: PendingHolds): Outgoing {
		return new Outgoing(call, this.#ends, bytes, holds);
	}

	#incoming(call: string, consumer: Consumer): Incoming {
		return new Incoming(call, this.#ends, consumer);
	}

	#checkOpen(call: string): void {
		if (this.#ends.closed) throw new ClosedError(`Connection.${call}: this connection is closed.`);
	}

	#reader(call: string): MessageReader {
		this.#checkOpen(call);
		if (this.#ends.reader !== undefined) return this.#ends.reader;
		throw new ProcessError(`Connection.${call}: this end of a one-way pipe can only send. Use the other one.`, {
			code: 'ERR_MP_NOT_READABLE',
		});
	}

	#writer(call: string): MessageWriter {
		this.#checkOpen(call);
		if (this.#ends.writer !== undefined) return this.#ends.writer;
		throw new ProcessError(`Connection.${call}: this end of a one-way pipe can only receive. Use the other one.`, {
			code: 'ERR_MP_NOT_WRITABLE',
		});
	}
}

/** The signal to wait with, not aborted yet. */
function liveSignal(options: TransferOptions | undefined, call: string): AbortSignal | undefined {
	if (options === undefined) return undefined;
	if (typeof options !== 'object' || options === null) {
		throw typeError(`Connection.${call}: options must be an object {signal}, not ${String(options)}`);
	}
	checkKnown(options, ['signal'], `Connection.${call}`);
	const signal = signalOf(options.signal, `Connection.${call}`);
	signal?.throwIfAborted();
	return signal;
}

function checkMaxLength(maxLength: number | undefined, call: string): void {
	if (maxLength === undefined) return;
	if (typeof maxLength !== 'number') throw typeError(`Connection.${call}: maxLength must be a number of bytes`);
	if (!(maxLength >= 0)) throw rangeError(`Connection.${call}: maxLength is ${maxLength}; it must not be negative`);
}

/** The pickler's scratch is used again for the next message. (`slice` does not copy: it is a Buffer.) */
function copyOf(bytes: Uint8Array): Uint8Array {
	const copy = allocate(bytes.length);
	copy.set(bytes);
	return copy;
}

registerShared<RingEndsData | StreamEndsData>(KIND, (data) => {
	return new Connection('descriptor' in data ? StreamEnds.receive(data) : RingEnds.receive(data));
});
