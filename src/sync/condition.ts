/** Waiting, with a lock let go, for what others do under that lock. */
import { inspect } from 'node:util';
import type { WaitOptions } from '../base/deadline.ts';
import type { BlockReference } from '../memory/heap.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { ConditionBlock } from './condition-block.ts';
import type { Lock } from './lock.ts';
import type { AcquireOptions } from './lock-options.ts';
import type { RLock } from './rlock.ts';

const KIND = 'Condition';

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
	readonly #shared: ConditionBlock;

	/** @param lock an RLock of its own by default */
	constructor(lock?: Lock | RLock) {
		const given: unknown = lock;
		this.#shared = given instanceof ConditionBlock ? given : ConditionBlock.create(given);
	}

	/** Acquires the lock; see `Lock.acquire`. */
	async acquire(options?: AcquireOptions): Promise<boolean> {
		return this.#shared.lock.acquire(options);
	}

	/** As `acquire`, blocking this thread. */
	acquireSync(options?: AcquireOptions): boolean {
		return this.#shared.lock.acquireSync(options);
	}

	/** Releases the lock. */
	release(): void {
		this.#shared.lock.release();
	}

	/** Whether anybody holds the lock. */
	locked(): boolean {
		return this.#shared.lock.locked();
	}

	/** Acquires the lock, to be released by `using`. */
	async hold(options?: AcquireOptions): Promise<Disposable> {
		return this.#shared.lock.hold(options);
	}

	/** As `hold`, blocking this thread. */
	holdSync(options?: AcquireOptions): Disposable {
		return this.#shared.lock.holdSync(options);
	}

	/**
	 * Lets go of the lock, waits to be notified, and takes the lock again. Of a recursive lock one level is let go: any
	 * others may belong to other tasks of this thread, which go on.
	 *
	 * @returns false when `timeout` milliseconds passed first
	 * @throws ProcessError if this thread does not hold the lock
	 * @throws the signal's reason when it is aborted before a notification; the lock is held again then, too
	 */
	wait(timeout?: WaitOptions): Promise<boolean> {
		return this.#shared.wait(timeout);
	}

	/** As `wait`, blocking this thread: all levels of a recursive lock are let go, for no other task can run. */
	waitSync(timeout?: WaitOptions): boolean {
		return this.#shared.waitSync(timeout);
	}

	/**
	 * Waits until `predicate`, which is asked with the lock held, is true (or resolves to something true).
	 *
	 * @returns false when `timeout` milliseconds passed altogether and it was not
	 */
	waitFor(predicate: () => unknown, timeout?: WaitOptions): Promise<boolean> {
		return this.#shared.waitFor(predicate, timeout);
	}

	/** As `waitFor`, blocking this thread; `predicate` must not return a promise. */
	waitForSync(predicate: () => unknown, timeout?: WaitOptions): boolean {
		return this.#shared.waitForSync(predicate, timeout);
	}

	/**
	 * Releases the `n` waiters that have waited longest, or as many as there are. They go on once they get the lock.
	 *
	 * @throws ProcessError if this thread does not hold the lock
	 */
	notify(n: number = 1): void {
		this.#shared.notify(n);
	}

	/** Releases everybody who waits. */
	notifyAll(): void {
		this.#shared.notifyAll();
	}

	[handoff](destination: Destination): SharedReference {
		const { block, lock } = this.#shared;
		block.holdFor(destination);
		const data: ConditionReference = { block: block.toReference(), lock };
		return { kind: KIND, data };
	}

	[inspect.custom](): string {
		return `<Condition(${inspect(this.#shared.lock)}, ${this.#shared.waiting})>`;
	}
}

registerShared<ConditionReference>(
	KIND,
	({ block, lock }) => new Condition(ConditionBlock.attach(block, lock, KIND) as unknown as Lock),
	Condition,
);
