/**
 * Shared 32-bit words, and the only operations the package performs on them. `Atomics` are sequentially consistent: all
 * processes see all operations in one order, which is why every algorithm here can be checked by running it through all
 * interleavings of these calls (test/model). Algorithms are written against `Words`; the model has its own.
 */

/** Atomic operations on an array of signed 32-bit words. Each returns the old value, `compareExchange` too. */
export interface Words {
	load(index: number): number;
	store(index: number, value: number): void;
	add(index: number, value: number): number;
	exchange(index: number, value: number): number;
	compareExchange(index: number, expected: number, value: number): number;
}

/** Words of a mapped segment. */
export class SharedWords implements Words {
	readonly array: Int32Array;

	constructor(array: Int32Array) {
		this.array = array;
	}

	load(index: number): number {
		return Atomics.load(this.array, index);
	}

	store(index: number, value: number): void {
		Atomics.store(this.array, index, value);
	}

	add(index: number, value: number): number {
		return Atomics.add(this.array, index, value);
	}

	exchange(index: number, value: number): number {
		return Atomics.exchange(this.array, index, value);
	}

	compareExchange(index: number, expected: number, value: number): number {
		return Atomics.compareExchange(this.array, index, expected, value);
	}
}

/**
 * Words that are read and written by one thread at a time, and that others see only after an atomic operation on another
 * word has told them to look: so they need not be atomic themselves, which costs several times as much.
 */
export class PlainWords extends SharedWords {
	override load(index: number): number {
		return this.array[index]!;
	}

	override store(index: number, value: number): void {
		this.array[index] = value;
	}
}

/** Cells of an integer type, as `Atomics` takes them. */
export type IntegerCells =
	| Int8Array
	| Uint8Array
	| Int16Array
	| Uint16Array
	| Int32Array
	| Uint32Array
	| BigInt64Array
	| BigUint64Array;

/** `Atomics` are declared for numbers or for bigints, never for either; which one it is, the cells know. */
type NumberOrBigint = (cells: IntegerCells, index: number, value: number | bigint) => number | bigint;

/** Atomic operations on one cell of any integer type. Each returns the old value; sums wrap around. */
export const cellAtomics = {
	add: Atomics.add as NumberOrBigint,
	exchange: Atomics.exchange as NumberOrBigint,
	compareExchange: Atomics.compareExchange as (
		cells: IntegerCells,
		index: number,
		expected: number | bigint,
		value: number | bigint,
	) => number | bigint,
} as const;
