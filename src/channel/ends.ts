/**
 * What a connection holds, whatever it goes over: a side to receive from, a side to send to, or one of them. Apart from
 * the connection itself so that it can be closed after a connection that nobody closed has been collected.
 */
import type { Deadline } from '../base/deadline.ts';
import { ClosedError } from '../base/errors.ts';
import type { PendingHolds } from '../memory/family.ts';
import type { WaitTarget } from '../sync/waitable.ts';
import type { Destination } from '../wire/handoff.ts';
import type { Trust } from '../wire/trust.ts';
import type { Incoming, Outgoing } from './message.ts';

export interface MessageReader {
	/** How far whoever sends what is received is trusted. */
	readonly trust: Trust;
	/** Whether there is something to receive, be it the end, and how to wait until there is. */
	readonly target: WaitTarget;
	/** Receives a message. `signal` ends the wait for it and leaves it where it is. */
	read(request: Incoming, signal: AbortSignal | undefined): Promise<void>;
	readSync(request: Incoming): void;
	poll(deadline: Deadline): Promise<boolean>;
	pollSync(deadline: Deadline): boolean;
}

export interface MessageWriter {
	/** What will hold the shared objects of a message; `undefined`: none can be in it. */
	newHolds(): PendingHolds | undefined;
	/** Sends a message at once, if nothing stands in the way. */
	tryWrite(bytes: Uint8Array, holds: PendingHolds | undefined, call: string): boolean;
	write(message: Outgoing, signal: AbortSignal | undefined): Promise<void>;
	writeSync(message: Outgoing): void;
}

export abstract class Ends {
	abstract readonly reader: MessageReader | undefined;
	abstract readonly writer: MessageWriter | undefined;
	abstract readonly fd: number;
	#closed = false;

	static readonly #collected: FinalizationRegistry<Ends> = new FinalizationRegistry((ends) =>
		ends.close(new ClosedError('Connection: it was collected.')),
	);

	static closeWhenCollected(connection: object, ends: Ends): void {
		Ends.#collected.register(connection, ends, ends);
	}

	get closed(): boolean {
		return this.#closed;
	}

	/** The program itself is going to answer a challenge that comes. */
	expectHandshake(): void {}

	/** Whatever waits is rejected with `reason`. */
	close(reason: unknown): void {
		if (this.#closed) return;
		this.#closed = true;
		Ends.#collected.unregister(this);
		this.release(reason);
	}

	protected abstract release(reason: unknown): void;

	/** What crosses in place of a connection with these ends. */
	abstract handoff(destination: Destination): object;
}
