/** Waiting, with a lock let go, for what others do under that lock. */
import { inspect } from 'node:util';
import { Deadline, type WaitOptions } from '../base/deadline.ts';
import { ProcessError, rangeError, typeError } from '../base/errors.ts';
import { Block } from '../memory/block.ts';
import type { BlockReference } from '../memory/heap.ts';
import { BLOCK, BLOCK_KIND } from '../memory/layout.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { Lock } from './lock.ts';
import type { AcquireOptions } from './lock-options.ts';
import { mutexBlock } from './mutex-block-key.ts';
import { NOTICES_WORDS, Notices } from './notices.ts';
import { waitQueued, waitQueuedSync } from './queued-wait.ts';
import { RLock } from './rlock.ts';
import { type ThreadWaits, threadWaits } from './thread-waits.ts';
import { WAITER_MODE } from './waiter.ts';

const KIND = 'Condition';

/** What a condition is made of when it arrives from another process. */
class Parts {
	readonly block: Block;
	readonly lock: Lock | RLock;

	constructor(block: Block, lock: Lock | RLock) {
		this.block = block;
		this.lock = lock;
	}
}

interface ConditionReference {
	readonly block: BlockReference;
	readonly lock: Lock | RLock;
}

/**
 * A condition variable shared by processes, with a lock of its own (an RLock) or one that it shares with other
 * conditions. Who waits lets go of the lock, and has it again when the wait is over, however it ended.
 *
 * A waiter may be notified without a reason, as everywhere: ask whether what you wait for is so (`waitFor` does).
 *
 * @example
 * ```js
 * const changed = new mp.Condition();
 * {
 *   using held = await changed.hold();
 *   await changed.waitFor(() => stock.value > 0);
 *   stock.value--;
 * }
 * ```
 */
export class Condition implements Shareable {
	readonly #block: Block;
	readonly #lock: Lock | RLock;
	readonly #notices: Notices;
	readonly #waits: ThreadWaits;

	/** @param lock an RLock of its own by default */
	constructor(lock?: Lock | RLock) {
		const given: unknown = lock;
		const { block, lock: own } = given instanceof Parts ? given : make(given);
		this.#block = block;
		this.#lock = own;
		this.#waits = threadWaits();
		this.#notices = new Notices(block.words, BLOCK.body, block.firstWord + BLOCK.body, block.family.arena, this.#waits);
	}

	/** Acquires the lock; see `Lock.acquire`. */
	async acquire(options?: AcquireOptions): Promise<boolean> {
		return this.#lock.acquire(options);
	}

	/** As `acquire`, blocking this thread. */
	acquireSync(options?: AcquireOptions): boolean {
		return this.#lock.acquireSync(options);
	}

	/** Releases the lock. */
	release(): void {
		this.#lock.release();
	}

	/** Whether anybody holds the lock. */
	locked(): boolean {
		return this.#lock.locked();
	}

	/** Acquires the lock, to be released by `using`. */
	async hold(options?: AcquireOptions): Promise<Disposable> {
		return this.#lock.hold(options);
	}

	/** As `hold`, blocking this thread. */
	holdSync(options?: AcquireOptions): Disposable {
		return this.#lock.holdSync(options);
	}

	/**
	 * Lets go of the lock, waits to be notified, and takes the lock again. Of a recursive lock one level is let go: any
	 * others may belong to other tasks of this thread, which go on.
	 *
	 * @returns false when `timeout` milliseconds passed first
	 * @throws ProcessError if this thread does not hold the lock
	 * @throws the signal's reason when it is aborted before a notification; the lock is held again then, too
	 */
	async wait(timeout?: WaitOptions): Promise<boolean> {
		const deadline = Deadline.from(timeout, 'Condition.wait');
		this.#checkHeld('wait');
		deadline.signal?.throwIfAborted();
		const record = this.#enqueue(WAITER_MODE.async);
		this.#lock.release();
		try {
			return await waitQueued(this.#notices, this.#waits, record, deadline);
		} finally {
			await this.#lock.acquire().finally(() => this.#leave(record));
		}
	}

	/** As `wait`, blocking this thread: all levels of a recursive lock are let go, for no other task can run. */
	waitSync(timeout?: WaitOptions): boolean {
		const deadline = Deadline.from(timeout, 'Condition.waitSync');
		this.#checkHeld('waitSync');
		const shared = this.#lock[mutexBlock];
		const levels = shared.depth;
		const record = this.#enqueue(WAITER_MODE.sync);
		shared.mutex.release();
		try {
			return waitQueuedSync(this.#notices, this.#waits, record, deadline);
		} finally {
			try {
				this.#lock.acquireSync();
				if (levels > 1) shared.depth += levels - 1;
			} finally {
				this.#leave(record);
			}
		}
	}

	#enqueue(mode: number): number {
		const record = this.#waits.takeRecord(mode);
		this.#notices.enqueue(record);
		return record;
	}

	/** With the lock: until then a waiter that is killed has its notification passed on. */
	#leave(record: number): void {
		this.#notices.leave(record);
		this.#waits.giveBack(record);
	}

	/**
	 * Waits until `predicate`, which is asked with the lock held, is true (or resolves to something true).
	 *
	 * @returns false when `timeout` milliseconds passed altogether and it was not
	 */
	async waitFor(predicate: () => unknown, timeout?: WaitOptions): Promise<boolean> {
		const deadline = Deadline.from(timeout, 'Condition.waitFor');
		this.#checkPredicate(predicate, 'waitFor');
		while (!(await predicate())) {
			if (deadline.expired) return false;
			await this.wait({ timeout: deadline.remaining, signal: deadline.signal });
		}
		return true;
	}

	/** As `waitFor`, blocking this thread; `predicate` must not return a promise. */
	waitForSync(predicate: () => unknown, timeout?: WaitOptions): boolean {
		const deadline = Deadline.from(timeout, 'Condition.waitForSync');
		this.#checkPredicate(predicate, 'waitForSync');
		while (!isTrue(predicate())) {
			if (deadline.expired) return false;
			this.waitSync(deadline.remaining);
		}
		return true;
	}

	/**
	 * Releases the `n` waiters that have waited longest, or as many as there are. They go on once they get the lock.
	 *
	 * @throws ProcessError if this thread does not hold the lock
	 */
	notify(n: number = 1): void {
		if (typeof n !== 'number') throw typeError(`Condition.notify: n must be a number of waiters, not ${typeof n}`);
		if (!(Number.isInteger(n) && n >= 0)) {
			throw rangeError(`Condition.notify: n must be a whole number of waiters, not ${n}`);
		}
		this.#checkHeld('notify');
		this.#notices.notify(n);
	}

	/** Releases everybody who waits. */
	notifyAll(): void {
		this.#checkHeld('notifyAll');
		this.#notices.notify(Number.POSITIVE_INFINITY);
	}

	#checkPredicate(predicate: unknown, call: string): void {
		if (typeof predicate !== 'function') {
			throw typeError(`Condition.${call}: predicate must be a function, not ${typeof predicate}`);
		}
		this.#checkHeld(call);
	}

	#checkHeld(call: string): void {
		const shared = this.#lock[mutexBlock];
		if (shared.mutex.isMine()) return;
		throw new ProcessError(
			`Condition.${call}: this thread does not hold the condition's lock, ${inspect(this.#lock)}; acquire the condition first.`,
			{ code: 'ERR_MP_NOT_OWNER' },
		);
	}

	[handoff](destination: Destination): SharedReference {
		this.#block.holdFor(destination);
		const data: ConditionReference = { block: this.#block.toReference(), lock: this.#lock };
		return { kind: KIND, data };
	}

	[inspect.custom](): string {
		return `<Condition(${inspect(this.#lock)}, ${this.#notices.count()})>`;
	}
}

function make(lock: unknown): Parts {
	if (lock !== undefined && lock !== null && !(lock instanceof Lock || lock instanceof RLock)) {
		throw typeError(`new Condition: lock must be a Lock or an RLock, not ${typeof lock}`);
	}
	return new Parts(Block.create(NOTICES_WORDS * 4, BLOCK_KIND.condition), lock ?? new RLock());
}

function isTrue(answer: unknown): boolean {
	if (typeof (answer as PromiseLike<unknown> | null | undefined)?.then === 'function') {
		throw typeError('Condition.waitForSync: predicate returned a promise, which cannot be awaited here; use waitFor');
	}
	return Boolean(answer);
}

registerShared<ConditionReference>(
	KIND,
	({ block, lock }) => new Condition(new Parts(Block.attach(block, KIND), lock) as unknown as Lock),
);
