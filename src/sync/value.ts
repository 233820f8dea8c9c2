/** A shared value with a lock beside it. */
import { RawValue } from '../memory/raw-value.ts';
import { StoredValue, type ValueReference } from '../memory/stored-value.ts';
import type { TypeArgument, WrittenOf } from '../memory/type-names.ts';
import { type Destination, handoff, registerShared, type SharedReference } from '../wire/handoff.ts';
import { type GuardOptions, guardOf, isUnguarded } from './guard.ts';
import type { Lock } from './lock.ts';
import type { AcquireOptions } from './lock-options.ts';
import type { RLock } from './rlock.ts';

const KIND = 'Value';

interface GuardedReference {
	readonly stored: ValueReference;
	readonly lock: Lock | RLock;
}

/**
 * A number, character or struct in shared memory, with a lock for whoever reads and then writes. Reading and writing do
 * not take the lock by themselves.
 *
 * With `{lock: false}` what is made is a `RawValue`: it has no lock and none of the methods for it.
 *
 * @example
 * ```js
 * const count = new mp.Value('i', 0);
 * {
 *   using held = await count.hold();
 *   count.value *= 2;
 * }
 * count.add(1);                 // atomic, no lock needed
 * ```
 */
export class Value<T extends TypeArgument = TypeArgument> extends RawValue<T> {
	readonly #stored: StoredValue;
	readonly #lock: Lock | RLock;
	#raw: RawValue<T> | undefined;

	/**
	 * @throws TypeError for a bad type code, `init` of another type, or a lock that is none
	 * @throws RangeError when `init` does not fit
	 */
	constructor(type: T, init?: WrittenOf<T>, options?: GuardOptions) {
		const unguarded = isUnguarded(options, KIND);
		const stored = (type as unknown) instanceof StoredValue ? (type as never) : StoredValue.create(type, init, KIND);
		super(stored as never);
		this.#stored = stored;
		this.#lock = unguarded ? (undefined as never) : guardOf(options);
		if (unguarded) Object.setPrototypeOf(this, RawValue.prototype); // it has no lock, and no methods for one
	}

	/** The same value without the lock. */
	getObj(): RawValue<T> {
		this.#raw ??= new RawValue<T>(this.#stored as never);
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
	({ stored, lock }) => new Value(StoredValue.attach(stored, KIND) as never, undefined as never, { lock }),
);
