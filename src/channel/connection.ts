/** The public end of a pipe: objects and bytes, both ways, in both forms. */

import { inspect } from 'node:util';
import type { WaitOptions } from '../base/deadline.ts';
import { type Waitable, type WaitTarget, waitable } from '../sync/waitable.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { messagesOf } from './contents.ts';
import { Ends } from './ends.ts';
import { ends } from './ends-key.ts';
import { handshakeAhead } from './handshake-key.ts';
import { RingEnds, type RingEndsData } from './ring-ends.ts';
import { StreamEnds, type StreamEndsData } from './stream-ends.ts';
import { type TransferOptions, Transfers } from './transfers.ts';

const KIND = 'Connection';

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
	readonly #transfers: Transfers;

	/** @internal Use `Pipe()`, `Client()` or a `Listener`. */
	constructor(over: Ends) {
		this.#transfers = new Transfers(over);
		Ends.closeWhenCollected(this, over);
	}

	/**
	 * Sends a value. Resolves when it is in shared memory, or with the system: this process may end then, and it is still
	 * received.
	 *
	 * @throws PicklingError at the call, if it cannot travel; nothing is sent
	 * @throws BrokenPipeError if nobody is left to receive
	 */
	send(value: unknown, options?: TransferOptions): Promise<void> {
		return this.#transfers.send(value, options);
	}

	/** As `send`, blocking this thread while there is no room. */
	sendSync(value: unknown): void {
		this.#transfers.sendSync(value);
	}

	/**
	 * Receives the next value.
	 *
	 * @throws EOFError when every holder of the other end has closed it or ended, and all it sent has been received
	 * @throws UnpicklingError if it cannot be rebuilt here; it is gone then
	 */
	recv(options?: TransferOptions): Promise<unknown> {
		return this.#transfers.recv(options);
	}

	/** As `recv`, blocking this thread. */
	recvSync(): unknown {
		return this.#transfers.recvSync();
	}

	/** Sends `size` bytes of `data` from `offset` on, as one message. `data` must not change until it resolves. */
	sendBytes(
		data: ArrayBufferView | ArrayBufferLike,
		offset?: number,
		size?: number,
		options?: TransferOptions,
	): Promise<void> {
		return this.#transfers.sendBytes(data, offset, size, options);
	}

	/** As `sendBytes`, blocking this thread while there is no room. */
	sendBytesSync(data: ArrayBufferView | ArrayBufferLike, offset?: number, size?: number): void {
		this.#transfers.sendBytesSync(data, offset, size);
	}

	/**
	 * Receives one message of bytes, as a copy of its own.
	 *
	 * @throws BufferTooShort if it is longer than `maxLength` bytes; the message is taken. From a pipe it is in `data`, from
	 *   a socket it is not even read: `data` is empty and `size` says how long it was
	 */
	recvBytes(maxLength?: number, options?: TransferOptions): Promise<Buffer> {
		return this.#transfers.recvBytes(maxLength, options);
	}

	/** As `recvBytes`, blocking this thread. */
	recvBytesSync(maxLength?: number): Buffer {
		return this.#transfers.recvBytesSync(maxLength);
	}

	/**
	 * Receives one message of bytes into `target` from byte `offset` on; resolves to how many bytes it had.
	 *
	 * @throws BufferTooShort if it does not fit; `data` is the whole message
	 */
	recvBytesInto(
		target: ArrayBufferView | ArrayBufferLike,
		offset?: number,
		options?: TransferOptions,
	): Promise<number> {
		return this.#transfers.recvBytesInto(target, offset, options);
	}

	/** As `recvBytesInto`, blocking this thread. */
	recvBytesIntoSync(target: ArrayBufferView | ArrayBufferLike, offset?: number): number {
		return this.#transfers.recvBytesIntoSync(target, offset);
	}

	/** Whether there is something to receive within `timeout` ms (0: now); the end of the connection counts as something. */
	poll(options: WaitOptions = 0): Promise<boolean> {
		return this.#transfers.poll(options);
	}

	/** As `poll`, blocking this thread. */
	pollSync(options: WaitOptions = 0): boolean {
		return this.#transfers.pollSync(options);
	}

	/** Closes this end, here. Sends that have not resolved are rejected. May be called again. */
	close(): void {
		this.#transfers.close();
	}

	get closed(): boolean {
		return this.#transfers.ends.closed;
	}

	get readable(): boolean {
		return this.#transfers.ends.reader !== undefined;
	}

	get writable(): boolean {
		return this.#transfers.ends.writer !== undefined;
	}

	/** The descriptor of the connection: of its socket, or of the shared memory, which all pipes of a family live in. */
	fileno(): number {
		this.#transfers.checkOpen('fileno');
		return this.#transfers.ends.fd;
	}

	/** Everything that is received, until the other end is closed. */
	[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
		return messagesOf(this);
	}

	[Symbol.dispose](): void {
		this.close();
	}

	/** How `wait()` waits for it. */
	[waitable](): WaitTarget {
		return this.#transfers.reader('wait').target;
	}

	/** @internal */
	get [ends](): Ends {
		return this.#transfers.ends;
	}

	/** @internal A challenge that comes next is for the program, not for this connection. */
	[handshakeAhead](): void {
		this.#transfers.ends.expectHandshake();
	}

	[handoff](destination: Destination): SharedReference {
		this.#transfers.checkOpen('send');
		return { kind: KIND, data: this.#transfers.ends.handoff(destination) };
	}

	[inspect.custom](): string {
		const directions = [this.readable && 'readable', this.writable && 'writable'].filter(Boolean).join(', ');
		return `<Connection ${this.closed ? 'closed' : directions}>`;
	}
}

registerShared<RingEndsData | StreamEndsData>(KIND, (data) => {
	return new Connection('descriptor' in data ? StreamEnds.receive(data) : RingEnds.receive(data));
});
