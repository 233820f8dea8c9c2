/** A lock between threads of any processes that its owner may acquire again; it must release it as often. */
import { inspect } from 'node:util';
import { ProcessError, rangeError, TimeoutError } from '../base/errors.ts';
import type { BlockReference } from '../memory/heap.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { enterTogether } from './acquisition.ts';
import { type AcquireOptions, acquireDeadline, type LockOptions, throwsOnOwnerDeath } from './lock-options.ts';
import { MutexBlock } from './mutex-block.ts';
import { mutexBlock } from './mutex-block-key.ts';

const KIND = 'RLock';

/**
 * A recursive lock shared by processes, owned by a thread: whatever code runs in that thread may acquire it again.
 *
 * If a process dies while it holds the lock, the next waiter gets it within a second and `ownerDied` is true until that
 * holder releases it; with `{onOwnerDeath: 'throw'}` the acquisition rejects with `OwnerDiedError` instead.
 *
 * @example
 * ```js
 * const lock = new mp.RLock();
 * {
 *   using held = lock.holdSync();
 *   console.log('one process at a time');
 * }
 * ```
 */
export class RLock implements Shareable {
	readonly #shared: MutexBlock;

	constructor(options: LockOptions = {}) {
		if (options instanceof MutexBlock) {
			this.#shared = options;
			return;
		}
		this.#shared = MutexBlock.create(KIND, throwsOnOwnerDeath(options, KIND));
	}

	/**
	 * Acquires the lock.
	 *
	 * @returns false when `timeout` milliseconds passed, or (`block: false`) it was not free
	 * @throws the signal's reason when it is aborted; the lock is not held then
	 * @throws OwnerDiedError see `onOwnerDeath`
	 */
	async acquire(options?: AcquireOptions): Promise<boolean> {
		const deadline = acquireDeadline(options, 'RLock.acquire');
		deadline.signal?.throwIfAborted();
		return this.#reenter() || this.#shared.acquire(deadline, this.#entered);
	}

	/** As `acquire`, blocking this thread. */
	acquireSync(options?: AcquireOptions): boolean {
		const deadline = acquireDeadline(options, 'RLock.acquireSync');
		if (this.#reenter()) return true;
		const acquired = this.#shared.acquireSync(deadline);
		if (acquired) this.#entered(false);
		return acquired;
	}

	#reenter(): boolean {
		if (!this.#shared.mutex.isMine()) return false;
		this.#shared.depth++;
		return true;
	}

	/** At once, not when the promise settles: other tasks of this thread may have entered it again by then. */
	readonly #entered = (together: boolean): void => {
		if (together) {
			this.#shared.depth++;
			return;
		}
		this.#shared.depth = 1;
		if (!this.#shared.isReported()) enterTogether(this.#shared.mutex);
	};

	/**
	 * Releases it once.
	 *
	 * @throws RangeError if nobody holds it
	 * @throws ProcessError if another thread holds it
	 */
	release(): void {
		const owner = this.#shared.mutex.owner();
		if (owner === 0) {
			throw rangeError('RLock.release: the lock is not held; it was released more often than it was acquired.');
		}
		if (owner !== this.#shared.waits.me) {
			throw new ProcessError(
				`RLock.release: the lock is held by ${this.#shared.ownerName(owner)} (pid ${this.#shared.ownerPid(owner)}), not by this thread. Only the thread that acquired it may release it: release it there, or use a Lock, which anybody may release.`,
				{ code: 'ERR_MP_NOT_OWNER' },
			);
		}
		this.#shared.depth--;
		if (this.#shared.depth === 0) this.#shared.mutex.release();
	}

	/** Whether anybody holds it. */
	locked(): boolean {
		return this.#shared.mutex.owner() !== 0;
	}

	/** Whether its last holder died holding it; true until the next release. */
	get ownerDied(): boolean {
		return this.#shared.mutex.ownerDied();
	}

	/** Acquires it, to be released by `using`. `TimeoutError` when time is up. */
	async hold(options?: AcquireOptions): Promise<Disposable> {
		return this.#held(await this.acquire(options));
	}

	/** As `hold`, blocking this thread. */
	holdSync(options?: AcquireOptions): Disposable {
		return this.#held(this.acquireSync(options));
	}

	#held(acquired: boolean): Disposable {
		if (!acquired) throw new TimeoutError('RLock.hold: the lock was not free in time.');
		return { [Symbol.dispose]: () => this.release() };
	}

	/** For the conditions that use it. */
	get [mutexBlock](): MutexBlock {
		return this.#shared;
	}

	[handoff](destination: Destination): SharedReference {
		this.#shared.block.holdFor(destination);
		return { kind: KIND, data: this.#shared.block.toReference() };
	}

	[inspect.custom](): string {
		return `<${KIND}(${this.#shared.ownerName()}, ${this.locked() ? this.#shared.depth : 0})>`;
	}
}

registerShared<BlockReference>(
	KIND,
	(reference) => new RLock(MutexBlock.attach(reference, KIND) as LockOptions),
	RLock,
);
