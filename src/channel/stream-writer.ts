/** The sending side of a connection over a socket. */
import { BrokenPipeError } from '../base/errors.ts';
import type { Direction } from '../os/contract.ts';
import type { MessageWriter } from './ends.ts';
import { frame } from './frame.ts';
import type { Outgoing } from './message.ts';
import { Pump, type Side } from './pump.ts';
import type { Stream } from './stream.ts';

export class StreamWriter implements MessageWriter, Side<Outgoing, Direction> {
	readonly #stream: Stream;
	readonly #pump: Pump<Outgoing, Direction>;
	/** What is left to write of the message that is being written. */
	#rest: Uint8Array[] = [];

	constructor(stream: Stream) {
		this.#stream = stream;
		this.#pump = new Pump(this, stream);
	}

	/** Whether a part of a message has been written and the rest has not. */
	get isAmidMessage(): boolean {
		return (this.#pump.current?.written ?? 0) > 0;
	}

	newHolds(): undefined {
		return undefined;
	}

	/** Never: half of it might go out. */
	tryWrite(): boolean {
		return false;
	}

	write(message: Outgoing, signal: AbortSignal | undefined): Promise<void> {
		return this.#pump.start(message, signal, (reason) => {
			if (message.written <= 0) this.#abort(message, reason);
		});
	}

	writeSync(message: Outgoing): void {
		this.#pump.run(message);
	}

	/** Rejects what an owner has not written. */
	drop(owner: object, reason: unknown): void {
		for (const message of this.#pump.jobsOf(owner)) this.#abort(message, reason);
	}

	forgetParent(): void {
		this.#rest = [];
	}

	step(message: Outgoing): Direction | undefined {
		if (message.written === -1) {
			message.written = 0;
			this.#rest = frame(message.bytes);
		}
		for (let next = this.#rest[0]; next !== undefined; next = this.#rest[0]) {
			const length = this.#stream.transmit(next);
			if (length === 0) return 'writable';
			if (length === undefined) {
				throw new BrokenPipeError(`Connection.${message.call}: nobody is left to receive: the other end is closed.`);
			}
			message.written += length;
			if (length === next.length) this.#rest.shift();
			else this.#rest[0] = next.subarray(length);
		}
		return undefined;
	}

	#abort(message: Outgoing, reason: unknown): void {
		this.#pump.drop(message);
		message.reject(reason);
	}
}
