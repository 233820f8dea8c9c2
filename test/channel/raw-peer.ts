/** The other end of a connection as bytes, for what no well-behaved program would send. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Address } from 'polyproc';

export class RawPeer {
	readonly socket: Socket;
	#received: Buffer = Buffer.alloc(0);
	#ended = false;

	constructor(socket: Socket) {
		this.socket = socket;
		socket.on('data', (bytes) => {
			this.#received = Buffer.concat([this.#received, bytes]);
		});
		socket.on('error', () => {}); // it may be cut off: that is what is tested
		socket.on('close', () => {
			this.#ended = true;
		});
	}

	static async to(address: Address): Promise<RawPeer> {
		const socket = typeof address === 'string' ? connect(address) : connect(address[1], address[0]);
		await once(socket, 'connect');
		return new RawPeer(socket);
	}

	write(...parts: (Uint8Array | string)[]): void {
		this.socket.write(Buffer.concat(parts.map((part) => Buffer.from(part as string))));
	}

	/** A message in its frame. */
	send(message: Uint8Array | string): void {
		const bytes = Buffer.from(message as string);
		this.write(header(bytes.length), bytes);
	}

	/** The next message. */
	async message(): Promise<Buffer> {
		const length = (await this.#take(4)).readInt32BE();
		return this.#take(length);
	}

	async #take(length: number): Promise<Buffer> {
		while (this.#received.length < length) {
			if (this.#ended) throw new Error('the connection has ended');
			await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')]);
		}
		const bytes = this.#received.subarray(0, length);
		this.#received = this.#received.subarray(length);
		return bytes;
	}

	/** Resolves when the other side has ended the connection. */
	async closed(): Promise<void> {
		if (!this.#ended) await once(this.socket, 'close');
	}

	async leave(): Promise<void> {
		this.socket.destroy();
		await this.closed();
	}
}

/** The header of a message. */
export function header(length: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeInt32BE(length);
	return bytes;
}
