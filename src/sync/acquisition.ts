/**
 * Getting a mutex: what Lock and RLock do when it is not free at once, synchronously and asynchronously. First a short
 * spin, because most critical sections are short; then the queue.
 */
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
		if (deadline.expired) return mutex.giveUp(record);
		if (remaining > TICK) mutex.lookAfter();
	}
}

/** Never blocks the event loop. Rejects with the signal's reason, holding nothing then. */
export async function acquireAsync(mutex: Mutex, waits: ThreadWaits, deadline: Deadline): Promise<boolean> {
	deadline.signal?.throwIfAborted();
	if (mutex.tryAcquire()) return true;
	if (deadline.expired) return poll(mutex);
	const record = waits.takeRecord(WAITER_MODE.async);
	if (mutex.enqueue(record) === ATTEMPT.acquired) {
		waits.giveBack(record);
		return true;
	}
	return new Promise<boolean>((resolve, reject) => {
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
	readonly resolve: (acquired: boolean) => void;
	readonly reject: (reason: unknown) => void;
}

/** An asynchronous acquisition under way: ends by being given the mutex, by time, or by its signal. */
class PendingAcquisition implements CancellableAcquisition {
	readonly #parts: PendingParts;
	#callOff: () => void = () => {};

	constructor(parts: PendingParts) {
		this.#parts = parts;
	}

	begin(): void {
		const { deadline, waits, record } = this.#parts;
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
		const acquired = this.#parts.mutex.giveUp(this.#parts.record);
		this.#finish(() => this.#parts.resolve(acquired));
	}

	readonly #abort = (): void => {
		const { mutex, record, deadline, reject } = this.#parts;
		if (mutex.giveUp(record)) mutex.release();
		this.#finish(() => reject(deadline.signal?.reason));
	};

	#finish(settle: () => void): void {
		this.#callOff();
		this.#parts.deadline.signal?.removeEventListener('abort', this.#abort);
		this.#parts.waits.unwatch(this.#parts.record);
		settle();
	}
}
