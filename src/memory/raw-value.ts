/** One number, character or struct in shared memory, without a lock. */
import { inspect } from 'node:util';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import type { Raw } from './scalar.ts';
import { StoredValue, type ValueReference } from './stored-value.ts';
import type { ReadOf, TypeArgument, WrittenOf } from './type-names.ts';

const KIND = 'RawValue';

/**
 * A value in shared memory, zero at first, that any process may read and write at any time. `value.value += 1` is a read
 * and a write: where several processes count, use `add`, or a `Value` and its lock.
 *
 * @example
 * ```js
 * const count = new mp.RawValue('i', 5);
 * count.add(2);                 // 5; and count.value is 7
 * ```
 */
export class RawValue<T extends TypeArgument = TypeArgument> implements Shareable {
	readonly #stored: StoredValue;

	/**
	 * @throws TypeError for a bad type code, or `init` of another type (a float for an integer)
	 * @throws RangeError when `init` does not fit
	 */
	constructor(type: T, init?: WrittenOf<T>) {
		this.#stored = (type as unknown) instanceof StoredValue ? (type as never) : StoredValue.create(type, init, KIND);
	}

	/** 64-bit types are read as bigint. Of a struct it is a live record: writing to its fields writes to shared memory. */
	get value(): ReadOf<T> {
		return this.#stored.read() as ReadOf<T>;
	}

	/** @throws TypeError and RangeError as the constructor */
	set value(value: WrittenOf<T>) {
		this.#stored.write(value);
	}

	/** Adds, atomically; sums wrap around as in C. Integer types only. Returns the old value. */
	add(n: WrittenOf<T> & Raw): ReadOf<T> {
		return this.#stored.add(n) as ReadOf<T>;
	}

	/** Writes, atomically. Integer types only. Returns the old value. */
	exchange(n: WrittenOf<T> & Raw): ReadOf<T> {
		return this.#stored.exchange(n) as ReadOf<T>;
	}

	/** Writes `n` if the value is `expected`, atomically. Integer types only. Returns the old value either way. */
	compareExchange(expected: WrittenOf<T> & Raw, n: WrittenOf<T> & Raw): ReadOf<T> {
		return this.#stored.compareExchange(expected, n) as ReadOf<T>;
	}

	/** Lets go of it in this process, now rather than when it is collected; using it afterwards is a `ClosedError`. */
	[Symbol.dispose](): void {
		this.#stored.close();
	}

	[handoff](destination: Destination): SharedReference {
		return { kind: KIND, data: this.#stored.handOff(destination) };
	}

	[inspect.custom](): string {
		return `<${this.constructor.name} '${this.#stored.type}' ${this.#stored.shown()}>`;
	}
}

registerShared<ValueReference>(KIND, (reference) => new RawValue(StoredValue.attach(reference, KIND) as never));
