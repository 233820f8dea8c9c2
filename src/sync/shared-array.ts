/** A shared array with a lock beside it. */
import { type ArrayInit, RawArray } from '../memory/raw-array.ts';
import { type ArrayReference, StoredArray } from '../memory/stored-array.ts';
import type { TypeArgument } from '../memory/type-names.ts';
import { type Destination, handoff, registerShared, type SharedReference } from '../wire/handoff.ts';
import { type GuardOptions, guardOf, isUnguarded } from './guard.ts';
import type { Lock } from './lock.ts';
import type { AcquireOptions } from './lock-options.ts';
import type { RLock } from './rlock.ts';

const KIND = 'Array';

interface GuardedReference {
	readonly stored: ArrayReference;
	readonly lock: Lock | RLock;
}

/**
 * An array in shared memory, with a lock for whoever reads and then writes. Reading and writing do not take the lock by
 * themselves. The package exports it as `Array` and as `SharedArray`.
 *
 * With `{lock: false}` what is made is a `RawArray`: it has no lock and none of the methods for it.
 *
 * @example
 * ```js
 * const sums = new mp.Array('d', [1, 2, 3]);
 * sums.set(-1, sums.at(0) + sums.at(1));
 * const text = new mp.Array('c', 'hello');
 * text.value = text.value.toUpperCase();
 * ```
 */
export class SharedArray<T extends TypeArgument = TypeArgument> extends RawArray<T> {
	readonly #stored: StoredArray;
	readonly #lock: Lock | RLock;
	#raw: RawArray<T> | undefined;

	/**
	 * @param sizeOrInit how many elements, all zero, or the elements
	 * @throws TypeError for a bad type code, elements of another type, or a lock that is none
	 * @throws RangeError for a negative size, or elements that do not fit
	 */
	constructor(type: T, sizeOrInit: ArrayInit<T>, options?: GuardOptions) {
		const unguarded = isUnguarded(options, KIND);
		const stored =
			(type as unknown) instanceof StoredArray ? (type as never) : StoredArray.create(type, sizeOrInit, KIND);
		super(stored as never, 0 as never);
		this.#stored = stored;
		this.#lock = unguarded ? (undefined as never) : guardOf(options);
		if (unguarded) Object.setPrototypeOf(this, RawArray.prototype); // it has no lock, and no methods for one
	}

	/** The same array without the lock. */
	getObj(): RawArray<T> {
		this.#raw ??= new RawArray<T>(this.#stored as never, 0 as never);
		return this.#raw;
	}

	/** The lock: an RLock unless another was given. */
	getLock(): Lock | RLock {
		return this.#lock;
	}

	/** Acquires its lock. See `Lock.acquire`. */
	acquire(options?: AcquireOptions): Promise<boolean> {
		return this.#lock.acquire(options);
	}

	acquireSync(options?: AcquireOptions): boolean {
		return this.#lock.acquireSync(options);
	}

	release(): void {
		this.#lock.release();
	}

	/** Acquires its lock, to be released by `using`. */
	hold(options?: AcquireOptions): Promise<Disposable> {
		return this.#lock.hold(options);
	}

	holdSync(options?: AcquireOptions): Disposable {
		return this.#lock.holdSync(options);
	}

	override [handoff](destination: Destination): SharedReference {
		const data: GuardedReference = { stored: this.#stored.handOff(destination), lock: this.#lock };
		return { kind: KIND, data };
	}
}

registerShared<GuardedReference>(
	KIND,
	({ stored, lock }) => new SharedArray(StoredArray.attach(stored, KIND) as never, 0 as never, { lock }),
);
