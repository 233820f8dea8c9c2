/**
 * Getting what may be taken: what a lock or a semaphore does when it is not to be had at once, synchronously and
 * asynchronously. First a short spin, because most critical sections are short; then the queue.
 */
import { afterFork } from '../base/after-fork.ts';
import { breather } from '../base/breather.ts';
import { Deadline } from '../base/deadline.ts';
import { type Acquirable, ATTEMPT } from './queueable.ts';
import { PendingInQueue, waitQueuedSync } from './queued-wait.ts';
import type { ThreadWaits } from './thread-waits.ts';
import { WAITER_MODE } from './waiter.ts';

/** Looks at a taken object before queueing; about a microsecond. */
const SPINS = 100;
const NO_RECORD = 0;
const FOR_EVER: Deadline = new Deadline(Number.POSITIVE_INFINITY);

function trySpinning(object: Acquirable): boolean {
	for (let i = 0; i < SPINS; i++) if (object.mayBeFree() && object.tryAcquire()) return true;
	return false;
}

/** One look, which also finds an owner that is dead. */
function poll(object: Acquirable): boolean {
	object.lookAfter(NO_RECORD);
	return object.tryAcquire();
}

/** Blocks the thread. False: the deadline came first. */
export function acquireSync(object: Acquirable, waits: ThreadWaits, deadline: Deadline): boolean {
	if (object.tryAcquire()) return true;
	if (deadline.expired) return poll(object);
	if (trySpinning(object)) return true;
	const earlier = pendingHere.of(object);
	try {
		return earlier.some((pending) => pending.suspend()) || waitInQueue(object, waits, deadline);
	} finally {
		for (const pending of earlier) pending.resume();
	}
}

function waitInQueue(object: Acquirable, waits: ThreadWaits, deadline: Deadline): boolean {
	const record = waits.takeRecord(WAITER_MODE.sync);
	try {
		return object.enqueue(record) === ATTEMPT.acquired || waitQueuedSync(object, waits, record, deadline);
	} finally {
		waits.giveBack(record);
	}
}

/** Called in the very turn in which it is acquired. `together`: this thread had it, see `enterTogether`. */
export type Acquired = (together: boolean) => void;

/** Never blocks the event loop. Rejects with the signal's reason, holding nothing then. */
export async function acquireAsync(
	object: Acquirable,
	waits: ThreadWaits,
	deadline: Deadline,
	acquired: Acquired = () => {},
): Promise<boolean> {
	deadline.signal?.throwIfAborted();
	// At the call, not a turn later: tasks of a thread are served in the order of their calls, and a recursive lock that
	// one of them has been given is entered by the next.
	if (object.tryAcquire()) {
		acquired(false);
		await breather.breathe();
		return true;
	}
	if (deadline.expired) {
		const free = poll(object);
		if (free) acquired(false);
		return free;
	}
	const record = waits.takeRecord(WAITER_MODE.async);
	if (object.enqueue(record) === ATTEMPT.acquired) {
		waits.giveBack(record);
		acquired(false);
		return true;
	}
	return new Promise<boolean>((settle, reject) => {
		const resolve = (done: boolean, together = false): void => {
			if (done) acquired(together);
			settle(done);
		};
		new PendingAcquisition({ object, waits, record, deadline, resolve, reject }).begin();
	});
}

/** An acquisition that its caller may call off. */
export interface CancellableAcquisition {
	/** Stops waiting. True: it had been given meanwhile and is held now. */
	cancel(): boolean;
}

/** Waits without end for what is taken; `acquired` is called in the very turn in which it is given. */
export function beginAcquire(object: Acquirable, waits: ThreadWaits, acquired: () => void): CancellableAcquisition {
	const record = waits.takeRecord(WAITER_MODE.async);
	const pending = new PendingAcquisition({
		object,
		waits,
		record,
		deadline: FOR_EVER,
		resolve: acquired,
		reject: acquired,
	});
	if (object.enqueue(record) === ATTEMPT.wait) pending.begin();
	else {
		waits.giveBack(record);
		acquired();
	}
	return pending;
}

/** What this thread has just acquired, its other tasks that wait for it have, too: for what a thread owns. */
export function enterTogether(object: Acquirable): void {
	for (const pending of pendingHere.of(object)) pending.enter();
}

/** What a task of this thread waits for is done now, if it may be: the thread is blocked, and its event loop cannot. */
export function attemptFor(object: Acquirable): void {
	for (const pending of pendingHere.of(object)) if (pending.isFor(object)) pending.onWake();
}

/** What a task of this thread waits for has been done in its stead: that wait is over. */
export function endWaitsFor(object: Acquirable): void {
	for (const pending of pendingHere.of(object)) if (pending.isFor(object)) pending.enter();
}

/**
 * This thread's asynchronous acquisitions under way, by object. A thread that blocks for one takes its own out of the
 * queue for that time: what they were given would wait for an event loop that does not run, and the thread for them.
 */
class PendingHere {
	readonly #byTarget = new Map<number, Set<PendingAcquisition>>();

	of(object: Acquirable): PendingAcquisition[] {
		return [...(this.#byTarget.get(object.target) ?? [])];
	}

	get isEmpty(): boolean {
		return this.#byTarget.size === 0;
	}

	clear(): void {
		this.#byTarget.clear();
	}

	add(object: Acquirable, pending: PendingAcquisition): void {
		const known = this.#byTarget.get(object.target);
		if (known === undefined) this.#byTarget.set(object.target, new Set([pending]));
		else known.add(pending);
	}

	delete(object: Acquirable, pending: PendingAcquisition): void {
		const known = this.#byTarget.get(object.target);
		known?.delete(pending);
		if (known?.size === 0) this.#byTarget.delete(object.target);
	}
}

const pendingHere = new PendingHere();

afterFork(
	() => pendingHere.clear(),
	() => !pendingHere.isEmpty,
);

class PendingAcquisition extends PendingInQueue<Acquirable> implements CancellableAcquisition {
	#suspended = false;

	override begin(): void {
		pendingHere.add(this.parts.object, this);
		super.begin();
	}

	cancel(): boolean {
		const acquired = this.parts.object.giveUp(this.parts.record);
		this.finish(() => {});
		return acquired;
	}

	isFor(object: Acquirable): boolean {
		return this.parts.object === object;
	}

	/** Stops waiting: this thread holds it. */
	enter(): void {
		this.parts.object.giveUp(this.parts.record);
		this.finish(() => this.parts.resolve(true, true));
	}

	/** Leaves the queue for as long as this thread blocks. True: what it had been given is as good for who blocks. */
	suspend(): boolean {
		const { object, record } = this.parts;
		this.#suspended = true;
		return object.giveUp(record) && object.isPersonal !== true;
	}

	/** Queues again after `suspend`, behind those who came meanwhile; harmless without it. */
	resume(): void {
		if (!this.#suspended) return;
		this.#suspended = false;
		const { object, record, resolve } = this.parts;
		if (object.enqueue(record) === ATTEMPT.acquired) this.finish(() => resolve(true));
	}

	protected override finish(settle: () => void): void {
		pendingHere.delete(this.parts.object, this);
		super.finish(settle);
	}
}
