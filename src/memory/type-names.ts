/** The types of shared values as TypeScript sees them: what each code and name reads as, takes, and looks like as a view. */
import type { SharedType } from './shared-type.ts';

/** What reading a value of each type gives. */
export interface ScalarValues {
	c: string;
	u: string;
	b: number;
	B: number;
	h: number;
	H: number;
	i: number;
	I: number;
	l: bigint;
	L: bigint;
	q: bigint;
	Q: bigint;
	f: number;
	d: number;
	int8: number;
	uint8: number;
	int16: number;
	uint16: number;
	int32: number;
	uint32: number;
	int64: bigint;
	uint64: bigint;
	float32: number;
	float64: number;
}

/** The typed array that is a live view of each type. */
export interface ScalarViews {
	c: Uint8Array;
	u: Uint32Array;
	b: Int8Array;
	B: Uint8Array;
	h: Int16Array;
	H: Uint16Array;
	i: Int32Array;
	I: Uint32Array;
	l: BigInt64Array;
	L: BigUint64Array;
	q: BigInt64Array;
	Q: BigUint64Array;
	f: Float32Array;
	d: Float64Array;
	int8: Int8Array;
	uint8: Uint8Array;
	int16: Int16Array;
	uint16: Uint16Array;
	int32: Int32Array;
	uint32: Uint32Array;
	int64: BigInt64Array;
	uint64: BigUint64Array;
	float32: Float32Array;
	float64: Float64Array;
}

export type ScalarName = keyof ScalarValues;

/** What may stand for a type: a code, a name, or a struct. */
export type TypeArgument = ScalarName | SharedType<unknown, never>;

/** What reading a `T` gives. */
export type ReadOf<T> = T extends ScalarName
	? ScalarValues[T]
	: T extends SharedType<infer Read, never>
		? Read
		: unknown;

/** What may be written to a `T`. */
export type WrittenOf<T> = T extends 'c'
	? string | Uint8Array | number
	: T extends ScalarName
		? ScalarValues[T] extends bigint
			? bigint | number
			: ScalarValues[T]
		: T extends SharedType<unknown, infer Written>
			? Written
			: never;

/** The live view of a `T`. */
export type ViewOf<T> = T extends ScalarName ? ScalarViews[T] : Uint8Array;
