/**
 * A connected socket, as the two sides of a connection over it use it: bytes that are there now, and waiting for more.
 * Nothing is ever read ahead: what no message has been asked for stays with the system, for whoever asks for it.
 */
import { forkGeneration } from '../base/after-fork.ts';
import { Deadline } from '../base/deadline.ts';
import type { Direction } from '../os/contract.ts';
import { platform } from '../os/platform.ts';
import type { Cancellable } from '../sync/waiting.ts';
import type { Needs } from './pump.ts';

export class Stream implements Needs<Direction> {
	readonly fd: number;
	/** Whether waiting for it keeps the event loop alive: not while nobody has asked for the connection yet. */
	keepsLoop = true;
	#closed = false;
	/** Told when it is closed while they wait, in the process that they wait in. */
	readonly #waiting = new Set<() => void>();
	readonly #generation: number = forkGeneration();

	constructor(fd: number) {
		this.fd = fd;
	}

	get closed(): boolean {
		return this.#closed;
	}

	/** As `Platform.receive`. */
	receive(into: Uint8Array): number | undefined {
		return platform.receive(this.fd, into);
	}

	/** As `Platform.transmit`. */
	transmit(bytes: Uint8Array): number | undefined {
		return platform.transmit(this.fd, bytes);
	}

	/** Whether there is something to receive now, be it the end. */
	get isReadable(): boolean {
		return this.#closed || platform.waitReady(this.fd, 'readable', 0);
	}

	begin(direction: Direction, goOn: () => void): Cancellable {
		const watch = platform.whenReady(this.fd, direction, () => {
			this.#waiting.delete(closing);
			goOn();
		});
		watch.hold(this.keepsLoop);
		const closing = (): void => {
			watch.close();
			goOn();
		};
		this.#waiting.add(closing);
		return {
			cancel: () => {
				this.#waiting.delete(closing);
				watch.close();
			},
		};
	}

	block(direction: Direction, deadline: Deadline = new Deadline(Number.POSITIVE_INFINITY)): void {
		if (!this.#closed) platform.waitReady(this.fd, direction, deadline.remaining);
	}

	/** Whoever still waits goes on, and finds it closed. */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		const waiting = [...this.#waiting];
		this.#waiting.clear();
		if (this.#generation === forkGeneration()) for (const goOn of waiting) goOn();
		platform.closeDescriptor(this.fd);
	}
}
