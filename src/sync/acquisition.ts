/**
 * Getting a mutex: what Lock and RLock do when it is not free at once, synchronously and asynchronously. First a short
 * spin, because most critical sections are short; then the queue.
 */
import { afterFork } from '../base/after-fork.ts';
import { breather } from '../base/breather.ts';
import { Deadline } from '../base/deadline.ts';
import { ATTEMPT, type Mutex } from './mutex.ts';
import { type ThreadWaits, TICK } from './thread-waits.ts';
import { WAITER_MODE } from './waiter.ts';

/** Looks at a taken mutex before queueing; about a microsecond. */
const SPINS = 100;
const FOR_EVER: Deadline = new Deadline(Number.POSITIVE_INFINITY);

function trySpinning(mutex: Mutex): boolean {
	for (let i = 0; i < SPINS; i++) if (mutex.owner() === 0 && mutex.tryAcquire()) return true;
	return false;
}

/** One look, which also finds an owner that is dead. */
function poll(mutex: Mutex): boolean {
	mutex.lookAfter();
	return mutex.tryAcquire();
}

/** Blocks the thread. False: the deadline came first. */
export function acquireSync(mutex: Mutex, waits: ThreadWaits, deadline: Deadline): boolean {
	if (mutex.tryAcquire()) return true;
	if (deadline.expired) return poll(mutex);
	if (trySpinning(mutex)) return true;
	const earlier = pendingHere.of(mutex);
	try {
		return earlier.some((pending) => pending.suspend()) || waitInQueue(mutex, waits, deadline);
	} finally {
		for (const pending of earlier) pending.resume();
	}
}

function waitInQueue(mutex: Mutex, waits: ThreadWaits, deadline: Deadline): boolean {
	const record = waits.takeRecord(WAITER_MODE.sync);
	const acquired = mutex.enqueue(record) === ATTEMPT.acquired || waitSync(mutex, waits, record, deadline);
	waits.giveBack(record);
	return acquired;
}

function waitSync(mutex: Mutex, waits: ThreadWaits, record: number, deadline: Deadline): boolean {
	for (;;) {
		const remaining = deadline.remaining;
		waits.sleep(record, remaining);
		if (mutex.attempt(record) === ATTEMPT.acquired) return true;
		if (deadline.expired) return lastTry(mutex, record);
		if (remaining > TICK) mutex.lookAfter();
	}
}

/** Time is up: but perhaps its owner is dead, and it is there to be had. */
function lastTry(mutex: Mutex, record: number): boolean {
	mutex.lookAfter();
	return mutex.attempt(record) === ATTEMPT.acquired || mutex.giveUp(record);
}

/** Called in the very turn in which a mutex is acquired. `together`: this thread had it, see `enterTogether`. */
export type Acquired = (together: boolean) => void;

/** Never blocks the event loop. Rejects with the signal's reason, holding nothing then. */
export async function acquireAsync(
	mutex: Mutex,
	waits: ThreadWaits,
	deadline: Deadline,
	acquired: Acquired = () => {},
): Promise<boolean> {
	deadline.signal?.throwIfAborted();
	// At the call, not a turn later: tasks of a thread are served in the order of their calls, and a recursive lock that
	// one of them has been given is entered by the next.
	if (mutex.tryAcquire()) {
		acquired(false);
		await breather.breathe();
		return true;
	}
	if (deadline.expired) {
		const free = poll(mutex);
		if (free) acquired(false);
		return free;
	}
	const record = waits.takeRecord(WAITER_MODE.async);
	if (mutex.enqueue(record) === ATTEMPT.acquired) {
		waits.giveBack(record);
		acquired(false);
		return true;
	}
	return new Promise<boolean>((settle, reject) => {
		const resolve = (done: boolean, together = false): void => {
			if (done) acquired(together);
			settle(done);
		};
		new PendingAcquisition({ mutex, waits, record, deadline, resolve, reject }).begin();
	});
}

/** An acquisition that its caller may call off. */
export interface CancellableAcquisition {
	/** Stops waiting. True: the mutex had been given meanwhile and is held now. */
	cancel(): boolean;
}

/** Waits without end for a taken mutex; `acquired` is called in the very turn in which it is given. */
export function beginAcquire(mutex: Mutex, waits: ThreadWaits, acquired: () => void): CancellableAcquisition {
	const record = waits.takeRecord(WAITER_MODE.async);
	const pending = new PendingAcquisition({
		mutex,
		waits,
		record,
		deadline: FOR_EVER,
		resolve: acquired,
		reject: acquired,
	});
	if (mutex.enqueue(record) === ATTEMPT.wait) pending.begin();
	else {
		waits.giveBack(record);
		acquired();
	}
	return pending;
}

interface PendingParts {
	readonly mutex: Mutex;
	readonly waits: ThreadWaits;
	readonly record: number;
	readonly deadline: Deadline;
	readonly resolve: (acquired: boolean, together?: boolean) => void;
	readonly reject: (reason: unknown) => void;
}

/** What this thread has just acquired, its other tasks that wait for it have, too: for what a thread owns. */
export function enterTogether(mutex: Mutex): void {
	for (const pending of pendingHere.of(mutex)) pending.enter();
}

/**
 * This thread's asynchronous acquisitions under way, by mutex. A thread that blocks for a mutex takes its own out of the
 * queue for that time: what they were given would wait for an event loop that does not run, and the thread for them.
 */
class PendingHere {
	readonly #byTarget = new Map<number, Set<PendingAcquisition>>();

	of(mutex: Mutex): PendingAcquisition[] {
		return [...(this.#byTarget.get(mutex.target) ?? [])];
	}

	clear(): void {
		this.#byTarget.clear();
	}

	add(mutex: Mutex, pending: PendingAcquisition): void {
		const known = this.#byTarget.get(mutex.target);
		if (known === undefined) this.#byTarget.set(mutex.target, new Set([pending]));
		else known.add(pending);
	}

	delete(mutex: Mutex, pending: PendingAcquisition): void {
		const known = this.#byTarget.get(mutex.target);
		known?.delete(pending);
		if (known?.size === 0) this.#byTarget.delete(mutex.target);
	}
}

const pendingHere = new PendingHere();

afterFork(() => pendingHere.clear());

/** An asynchronous acquisition under way: ends by being given the mutex, by time, or by its signal. */
class PendingAcquisition implements CancellableAcquisition {
	readonly #parts: PendingParts;
	#callOff: () => void = () => {};
	#suspended = false;

	constructor(parts: PendingParts) {
		this.#parts = parts;
	}

	begin(): void {
		const { deadline, waits, record, mutex } = this.#parts;
		pendingHere.add(mutex, this);
		this.#callOff = deadline.onExpiry(() => this.#expire());
		deadline.signal?.addEventListener('abort', this.#abort, { once: true });
		waits.watch(record, this);
	}

	onWake(): void {
		if (this.#parts.mutex.attempt(this.#parts.record) === ATTEMPT.acquired)
			this.#finish(() => this.#parts.resolve(true));
	}

	onTick(): void {
		this.#parts.mutex.lookAfter();
	}

	cancel(): boolean {
		const acquired = this.#parts.mutex.giveUp(this.#parts.record);
		this.#finish(() => {});
		return acquired;
	}

	#expire(): void {
		const acquired = lastTry(this.#parts.mutex, this.#parts.record);
		this.#finish(() => this.#parts.resolve(acquired));
	}

	readonly #abort = (): void => {
		const { mutex, record, deadline, reject } = this.#parts;
		if (mutex.giveUp(record)) mutex.release();
		this.#finish(() => reject(deadline.signal?.reason));
	};

	/** Stops waiting: this thread holds the mutex. */
	enter(): void {
		this.#parts.mutex.giveUp(this.#parts.record);
		this.#finish(() => this.#parts.resolve(true, true));
	}

	/** Leaves the queue for as long as this thread blocks. True: it had been given the mutex, which is held now. */
	suspend(): boolean {
		this.#suspended = true;
		return this.#parts.mutex.giveUp(this.#parts.record);
	}

	/** Queues again after `suspend`, behind those who came meanwhile; harmless without it. */
	resume(): void {
		if (!this.#suspended) return;
		this.#suspended = false;
		const { mutex, record, resolve } = this.#parts;
		if (mutex.enqueue(record) === ATTEMPT.acquired) this.#finish(() => resolve(true));
	}

	#finish(settle: () => void): void {
		pendingHere.delete(this.#parts.mutex, this);
		this.#callOff();
		this.#parts.deadline.signal?.removeEventListener('abort', this.#abort);
		this.#parts.waits.unwatch(this.#parts.record);
		settle();
	}
}
