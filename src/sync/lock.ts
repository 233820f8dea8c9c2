/** A lock between processes: held by one at a time, released by anyone, taken over when its holder dies. */
import { inspect } from 'node:util';
import { rangeError, TimeoutError } from '../base/errors.ts';
import type { BlockReference } from '../memory/heap.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { type AcquireOptions, acquireDeadline, type LockOptions, throwsOnOwnerDeath } from './lock-options.ts';
import { MutexBlock } from './mutex-block.ts';
import { mutexBlock } from './mutex-block-key.ts';

const KIND = 'Lock';

/**
 * A non-recursive lock shared by processes. Any process or thread may release it, as in Python.
 *
 * If a process dies while it holds the lock, the next waiter gets it within a second and `ownerDied` is true until that
 * holder releases it; with `{onOwnerDeath: 'throw'}` the acquisition rejects with `OwnerDiedError` instead.
 *
 * @example
 * ```js
 * const lock = new mp.Lock();
 * {
 *   using held = lock.holdSync();
 *   console.log('one process at a time');
 * }
 * ```
 */
export class Lock implements Shareable {
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
		return this.#shared.acquire(acquireDeadline(options, 'Lock.acquire'));
	}

	/** As `acquire`, blocking this thread. */
	acquireSync(options?: AcquireOptions): boolean {
		if (options === undefined && this.#shared.mutex.tryAcquireClean()) return true;
		return this.#shared.acquireSync(acquireDeadline(options, 'Lock.acquireSync'));
	}

	/**
	 * Releases the lock, whoever holds it.
	 *
	 * @throws RangeError if nobody holds it
	 */
	release(): void {
		if (!this.#shared.mutex.release()) {
			throw rangeError('Lock.release: the lock is not held; it was released more often than it was acquired.');
		}
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
		if (!acquired) throw new TimeoutError('Lock.hold: the lock was not free in time.');
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
		return `<${KIND}(owner=${this.#shared.ownerName()})>`;
	}
}

registerShared<BlockReference>(KIND, (reference) => new Lock(MutexBlock.attach(reference, KIND) as LockOptions), Lock);
