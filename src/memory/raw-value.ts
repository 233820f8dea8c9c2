/** One number, character or struct in shared memory, without a lock. */
import { inspect } from 'node:util';
import { typeError } from '../base/errors.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { Extent } from './extent.ts';
import type { BlockReference } from './heap.ts';
import { type Raw, Scalar, sharedType } from './scalar.ts';
import type { SharedType } from './shared-type.ts';
import type { ReadOf, TypeArgument, WrittenOf } from './type-names.ts';
import { cellAtomics, type IntegerCells } from './words.ts';

const KIND = 'RawValue';

/** What crosses. */
export interface ValueReference {
	readonly at: BlockReference;
	readonly type: string | SharedType;
}

/** Where a value is, and of what type: what it is made over when it is not new. */
export class StoredValue {
	readonly extent: Extent;
	readonly type: SharedType;

	constructor(extent: Extent, type: SharedType) {
		this.extent = extent;
		this.type = type;
	}

	static create(argument: unknown, init: unknown, what: string): StoredValue {
		const type = sharedType(argument, `new ${what}`);
		const extent = Extent.create(type.size, `new ${what}`);
		if (init !== undefined) type.write(extent, 0, init as never, `new ${what}`);
		return new StoredValue(extent, type);
	}

	static attach({ at, type: argument }: ValueReference, what: string): StoredValue {
		const type = sharedType(argument, what);
		return new StoredValue(Extent.attach(at, type.size, what), type);
	}

	handOff(destination: Destination): ValueReference {
		return { at: this.extent.handOff(destination), type: this.type instanceof Scalar ? this.type.code : this.type };
	}
}

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
	#cells: IntegerCells | undefined;
	#record: object | undefined;

	/**
	 * @throws TypeError for a bad type code, or `init` of another type (a float for an integer)
	 * @throws RangeError when `init` does not fit
	 */
	constructor(type: T, init?: WrittenOf<T>) {
		this.#stored = (type as unknown) instanceof StoredValue ? (type as never) : StoredValue.create(type, init, KIND);
	}

	/** 64-bit types are read as bigint. Of a struct it is a live record: writing to its fields writes to shared memory. */
	get value(): ReadOf<T> {
		const value = this.#record ?? this.#stored.type.read(this.#stored.extent, 0);
		if (typeof value === 'object') this.#record ??= value as object;
		return value as ReadOf<T>;
	}

	/** @throws TypeError and RangeError as the constructor */
	set value(value: WrittenOf<T>) {
		this.#stored.type.write(this.#stored.extent, 0, value as never, 'value');
	}

	/** Adds, atomically; sums wrap around as in C. Integer types only. Returns the old value. */
	add(n: WrittenOf<T> & Raw): ReadOf<T> {
		const cells = this.#cells ?? this.#integer('add');
		return cellAtomics.add(cells, 0, (this.#stored.type as Scalar).addend(n, 'add')) as ReadOf<T>;
	}

	/** Writes, atomically. Integer types only. Returns the old value. */
	exchange(n: WrittenOf<T> & Raw): ReadOf<T> {
		const cells = this.#cells ?? this.#integer('exchange');
		return cellAtomics.exchange(cells, 0, (this.#stored.type as Scalar).encode(n, 'exchange')) as ReadOf<T>;
	}

	/** Writes `n` if the value is `expected`, atomically. Integer types only. Returns the old value either way. */
	compareExchange(expected: WrittenOf<T> & Raw, n: WrittenOf<T> & Raw): ReadOf<T> {
		const cells = this.#cells ?? this.#integer('compareExchange');
		const type = this.#stored.type as Scalar;
		const [from, to] = [type.encode(expected, 'compareExchange'), type.encode(n, 'compareExchange')];
		return cellAtomics.compareExchange(cells, 0, from, to) as ReadOf<T>;
	}

	#integer(call: string): IntegerCells {
		const { type, extent } = this.#stored;
		if (!(type instanceof Scalar) || !type.isInteger) {
			throw typeError(`${call}: only integer types have atomic operations, and this one is '${type}'; use a lock`);
		}
		const { buffer, byteOffset } = extent.data;
		this.#cells = type.cells(buffer as ArrayBuffer, byteOffset, 1) as IntegerCells;
		return this.#cells;
	}

	/** Lets go of it in this process, now rather than when it is collected; using it afterwards is a `ClosedError`. */
	[Symbol.dispose](): void {
		this.#cells = undefined;
		this.#stored.extent.close();
	}

	[handoff](destination: Destination): SharedReference {
		return { kind: KIND, data: this.#stored.handOff(destination) };
	}

	[inspect.custom](): string {
		const shown = this.#stored.extent.isClosed ? '(disposed of)' : inspect(this.value);
		return `<${this.constructor.name} '${this.#stored.type}' ${shown}>`;
	}
}

registerShared<ValueReference>(KIND, (reference) => new RawValue(StoredValue.attach(reference, KIND) as never));
