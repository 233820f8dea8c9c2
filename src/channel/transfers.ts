/** What a connection does with its ends: it sends and receives messages, objects and bytes, in both forms. */
import { breather } from '../base/breather.ts';
import { Deadline, signalOf, type WaitOptions } from '../base/deadline.ts';
import { ClosedError, ProcessError, rangeError, typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import type { PendingHolds } from '../memory/family.ts';
import { encode } from '../wire/codec.ts';
import { OUTSIDE } from '../wire/handoff.ts';
import { byteSlice, byteTarget } from './byte-arguments.ts';
import { Ends, type MessageReader, type MessageWriter } from './ends.ts';
import { allocate, type Consumer, Incoming, Outgoing } from './message.ts';
import { ReceivedBytes, ReceivedInto, ReceivedObject } from './received.ts';

/**
 * Every wait may be aborted; what was not taken stays, nothing is half sent. A message that has begun to go out over a
 * socket cannot be taken back: from then on the signal is not listened to, and the promise settles as without it.
 */
export interface TransferOptions {
	signal?: AbortSignal | undefined;
}

export class Transfers {
	readonly ends: Ends;

	constructor(ends: unknown) {
		if (!(ends instanceof Ends)) {
			throw typeError('Connection: connections are made by Pipe(), Client() and Listener.accept(), not by new');
		}
		this.ends = ends;
	}

	async send(value: unknown, options?: TransferOptions): Promise<void> {
		const writer = this.#writer('send');
		const signal = liveSignal(options, 'send');
		const holds = writer.newHolds();
		const bytes = encode(value, { root: 'message', to: holds ?? OUTSIDE });
		if (writer.tryWrite(bytes, holds, 'send')) await breather.breathe();
		else await writer.write(this.#outgoing('send', copyOf(bytes), holds), signal);
	}

	sendSync(value: unknown): void {
		const writer = this.#writer('sendSync');
		const holds = writer.newHolds();
		const bytes = encode(value, { root: 'message', to: holds ?? OUTSIDE });
		if (!writer.tryWrite(bytes, holds, 'sendSync')) writer.writeSync(this.#outgoing('sendSync', bytes, holds));
	}

	async recv(options?: TransferOptions): Promise<unknown> {
		const reader = this.reader('recv');
		const signal = liveSignal(options, 'recv');
		const received = new ReceivedObject(reader.trust);
		await reader.read(this.#incoming('recv', received), signal);
		await breather.breathe();
		return received.value;
	}

	recvSync(): unknown {
		const reader = this.reader('recvSync');
		const received = new ReceivedObject(reader.trust);
		reader.readSync(this.#incoming('recvSync', received));
		return received.value;
	}

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

	sendBytesSync(data: ArrayBufferView | ArrayBufferLike, offset?: number, size?: number): void {
		const bytes = byteSlice(data, offset, size, 'sendBytesSync');
		const writer = this.#writer('sendBytesSync');
		if (!writer.tryWrite(bytes, undefined, 'sendBytesSync')) writer.writeSync(this.#outgoing('sendBytesSync', bytes));
	}

	async recvBytes(maxLength?: number, options?: TransferOptions): Promise<Buffer> {
		checkMaxLength(maxLength, 'recvBytes');
		const reader = this.reader('recvBytes');
		const signal = liveSignal(options, 'recvBytes');
		const received = new ReceivedBytes(maxLength, 'recvBytes');
		await reader.read(this.#incoming('recvBytes', received), signal);
		await breather.breathe();
		return received.bytes;
	}

	recvBytesSync(maxLength?: number): Buffer {
		checkMaxLength(maxLength, 'recvBytesSync');
		const received = new ReceivedBytes(maxLength, 'recvBytesSync');
		this.reader('recvBytesSync').readSync(this.#incoming('recvBytesSync', received));
		return received.bytes;
	}

	async recvBytesInto(
		target: ArrayBufferView | ArrayBufferLike,
		offset?: number,
		options?: TransferOptions,
	): Promise<number> {
		const room = byteTarget(target, offset, 'recvBytesInto');
		const reader = this.reader('recvBytesInto');
		const signal = liveSignal(options, 'recvBytesInto');
		const received = new ReceivedInto(room, 'recvBytesInto');
		await reader.read(this.#incoming('recvBytesInto', received), signal);
		await breather.breathe();
		return received.length;
	}

	recvBytesIntoSync(target: ArrayBufferView | ArrayBufferLike, offset?: number): number {
		const room = byteTarget(target, offset, 'recvBytesIntoSync');
		const received = new ReceivedInto(room, 'recvBytesIntoSync');
		this.reader('recvBytesIntoSync').readSync(this.#incoming('recvBytesIntoSync', received));
		return received.length;
	}

	async poll(options: WaitOptions): Promise<boolean> {
		const deadline = Deadline.from(options, 'Connection.poll');
		const reader = this.reader('poll');
		deadline.signal?.throwIfAborted();
		if (reader.target.ready(deadline.expired)) return true;
		return deadline.expired ? false : reader.poll(deadline);
	}

	pollSync(options: WaitOptions): boolean {
		const deadline = Deadline.from(options, 'Connection.pollSync');
		return this.reader('pollSync').pollSync(deadline);
	}

	#outgoing(call: string, bytes: Uint8Array, holds?: PendingHolds): Outgoing {
		return new Outgoing(call, this.ends, bytes, holds);
	}

	#incoming(call: string, consumer: Consumer): Incoming {
		return new Incoming(call, this.ends, consumer);
	}

	checkOpen(call: string): void {
		if (this.ends.closed) throw new ClosedError(`Connection.${call}: this connection is closed.`);
	}

	reader(call: string): MessageReader {
		this.checkOpen(call);
		if (this.ends.reader !== undefined) return this.ends.reader;
		throw new ProcessError(`Connection.${call}: this end of a one-way pipe can only send. Use the other one.`, {
			code: 'ERR_MP_NOT_READABLE',
		});
	}

	#writer(call: string): MessageWriter {
		this.checkOpen(call);
		if (this.ends.writer !== undefined) return this.ends.writer;
		throw new ProcessError(`Connection.${call}: this end of a one-way pipe can only receive. Use the other one.`, {
			code: 'ERR_MP_NOT_WRITABLE',
		});
	}

	close(): void {
		this.ends.close(new ClosedError('Connection.close: the connection was closed while this call was waiting.'));
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
