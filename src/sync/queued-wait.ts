/**
 * Standing in a queue until it is one's turn: the synchronous and the asynchronous form, the same for every object. The
 * waiter is in the queue already; what its turn is, and when it comes, the object knows (`Queueable`).
 */
import type { Deadline } from '../base/deadline.ts';
import { ProcessError } from '../base/errors.ts';
import { DeadlockWatch } from './deadlock.ts';
import { ATTEMPT, type Queueable } from './queueable.ts';
import { type AsyncWait, type ThreadWaits, TICK } from './thread-waits.ts';
import { wakeCosts } from './waiting.ts';

/**
 * Blocks the thread. False: the deadline came first, and the waiter is out of the queue.
 *
 * @throws DeadlockError if it would never end; the waiter is out of the queue then, too
 */
export function waitQueuedSync(object: Queueable, waits: ThreadWaits, record: number, deadline: Deadline): boolean {
	waits.describe(record, deadline);
	const watch = new DeadlockWatch(waits, record);
	for (;;) {
		const remaining = deadline.remaining;
		waits.sleep(record, remaining);
		const told = waits.hasChanged(record);
		if (object.attempt(record) === ATTEMPT.acquired) return true;
		if (deadline.expired) return lastTry(object, record);
		// Told, and yet somebody was quicker: all is well, and looking after it is slow.
		if (told || remaining <= TICK) continue;
		object.lookAfter(record);
		const deadlock = watch.look();
		if (deadlock === undefined) continue;
		if (object.giveUp(record)) return true;
		throw deadlock;
	}
}

/** Time is up: but perhaps its owner is dead, and it is there to be had. */
function lastTry(object: Queueable, record: number): boolean {
	object.lookAfter(record);
	return object.attempt(record) === ATTEMPT.acquired || object.giveUp(record);
}

export interface QueuedParts<Q extends Queueable = Queueable> {
	readonly object: Q;
	readonly waits: ThreadWaits;
	readonly record: number;
	readonly deadline: Deadline;
	/** When the wait is over its record is still in use. */
	readonly keepsRecord?: true;
	/** Called in the very turn in which the waiter has got what it waited for (true), or the deadline came first. */
	readonly resolve: (acquired: boolean, together?: boolean) => void;
	/** The signal was aborted, and what the waiter had been given has been given on. */
	readonly reject: (reason: unknown) => void;
}

/** An asynchronous wait under way: ends by getting what it waits for, by time, or by its signal. */
export class PendingInQueue<Q extends Queueable = Queueable> implements AsyncWait {
	protected readonly parts: QueuedParts<Q>;
	readonly #watch: DeadlockWatch;
	#callOff: () => void = () => {};

	constructor(parts: QueuedParts<Q>) {
		this.parts = parts;
		this.#watch = new DeadlockWatch(parts.waits, parts.record);
	}

	begin(): void {
		const { deadline, waits, record } = this.parts;
		waits.describe(record, deadline);
		this.#callOff = deadline.onExpiry(() => this.#expire());
		deadline.signal?.addEventListener('abort', this.#abort, { once: true });
		waits.watch(record, this);
	}

	onWake(): void {
		const { object, record, resolve, waits } = this.parts;
		wakeCosts.async.learn(waits.wokenFor(record));
		this.#orFail(() => {
			if (object.attempt(record) === ATTEMPT.acquired) this.finish(() => resolve(true));
		});
	}

	onTick(): void {
		this.#orFail(() => {
			this.parts.object.lookAfter(this.parts.record);
			this.#watch.look();
		});
	}

	#expire(): void {
		this.#orFail(() => {
			const acquired = lastTry(this.parts.object, this.parts.record);
			this.finish(() => this.parts.resolve(acquired));
		});
	}

	readonly #abort = (): void => {
		const { object, record, deadline, resolve, reject } = this.parts;
		this.#orFail(() => {
			const keeps = object.giveUp(record) && !object.handBack();
			this.finish(() => (keeps ? resolve(true) : reject(deadline.signal?.reason)));
		});
	};

	/** Somebody has overwritten what is waited for: this wait learns of it, not the event loop that called. */
	#orFail(action: () => void): void {
		try {
			action();
		} catch (error) {
			if (!(error instanceof ProcessError)) throw error;
			this.finish(() => this.parts.reject(error));
		}
	}

	/** The waiter is out of the queue. */
	protected finish(settle: () => void): void {
		this.#callOff();
		this.parts.deadline.signal?.removeEventListener('abort', this.#abort);
		this.parts.waits.unwatch(this.parts.record);
		if (this.parts.keepsRecord === undefined) this.parts.waits.giveBack(this.parts.record);
		settle();
	}
}

/** As `waitQueuedSync`, without blocking; the record stays the caller's. Rejects with the signal's reason, having got nothing then. */
export function waitQueued(
	object: Queueable,
	waits: ThreadWaits,
	record: number,
	deadline: Deadline,
): Promise<boolean> {
	return new Promise((resolve, reject) =>
		new PendingInQueue({ object, waits, record, deadline, keepsRecord: true, resolve, reject }).begin(),
	);
}
