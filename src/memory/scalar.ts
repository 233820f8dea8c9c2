/**
 * Single numbers and characters: Python's type codes and their names. Sizes do not depend on the platform: `l` and `L`
 * have 64 bits and `u` has 32 everywhere.
 *
 * A write is checked in full, unlike in C: what is no such value is a `TypeError`, what does not fit a `RangeError`.
 */
import { rangeError, typeError } from '../base/errors.ts';
import type { Extent } from './extent.ts';
import { SharedType } from './shared-type.ts';
import type { ScalarName } from './type-names.ts';
import type { IntegerCells } from './words.ts';

export type Raw = number | bigint;
export type Cells = IntegerCells | Float32Array | Float64Array;
type CellsClass = new (buffer: ArrayBuffer, offset: number, length: number) => Cells;

/** Of this machine. */
export const LITTLE_ENDIAN: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const NOT_A_CHARACTER = '\ufffd';
const LAST_CODE_POINT = 0x10ffff;

/** Turns what is to be written into what is stored, or throws. */
type Encode = (value: unknown, what: string) => Raw;

/** What a scalar type is made of. */
interface Making {
	readonly code: string;
	readonly names: readonly ScalarName[];
	readonly View: CellsClass & { readonly BYTES_PER_ELEMENT: number };
	get(data: DataView, offset: number): Raw;
	set(data: DataView, offset: number, raw: Raw): void;
	readonly encode: Encode;
	readonly decode?: (raw: Raw) => unknown;
	/** For integer types: checks what is to be added, which may be negative in unsigned types too. */
	readonly addend?: Encode;
}

export class Scalar extends SharedType {
	readonly code: string;
	readonly size: number;
	readonly alignment: number;
	readonly isInteger: boolean;
	readonly #making: Making;

	constructor(making: Making) {
		super();
		this.code = making.code;
		this.size = making.View.BYTES_PER_ELEMENT;
		this.alignment = this.size;
		this.isInteger = making.addend !== undefined;
		this.#making = making;
	}

	read(extent: Extent, offset: number): unknown {
		const raw = this.#making.get(extent.data, offset);
		return this.#making.decode === undefined ? raw : this.#making.decode(raw);
	}

	write(extent: Extent, offset: number, value: unknown, what: string): void {
		this.#making.set(extent.data, offset, this.#making.encode(value, what));
	}

	encode(value: unknown, what: string): Raw {
		return this.#making.encode(value, what);
	}

	/** Checks what is to be added to an integer. */
	addend(value: unknown, what: string): Raw {
		return this.#making.addend!(value, what);
	}

	cells(buffer: ArrayBuffer, offset: number, count: number): Cells {
		return new this.#making.View(buffer, offset, count);
	}

	/** Whether these are cells of this very type. */
	isCells(value: unknown): value is Cells {
		return value instanceof this.#making.View;
	}

	override toString(): string {
		return this.code;
	}
}

function shown(value: unknown): string {
	return typeof value === 'string' ? JSON.stringify(value) : typeof value === 'bigint' ? `${value}n` : String(value);
}

function integer(code: string, min: number, max: number): Encode {
	return (value, what) => {
		const number = typeof value === 'bigint' && value >= min && value <= max ? Number(value) : value;
		if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) return number;
		if (typeof number !== 'bigint' && !Number.isInteger(number)) {
			throw typeError(`${what}: type '${code}' takes an integer, not ${shown(value)}`);
		}
		throw rangeError(`${what}: ${shown(value)} does not fit type '${code}', which goes from ${min} to ${max}`);
	};
}

function longInteger(code: string, min: bigint, max: bigint): Encode {
	return (value, what) => {
		if (typeof value !== 'bigint' && !Number.isInteger(value)) {
			throw typeError(`${what}: type '${code}' takes a bigint or a safe integer, not ${shown(value)}`);
		}
		if (typeof value === 'number' && !Number.isSafeInteger(value)) {
			throw rangeError(`${what}: ${value} is no safe integer, it may have been rounded; write a bigint`);
		}
		const long = BigInt(value as Raw);
		if (long >= min && long <= max) return long;
		throw rangeError(`${what}: ${shown(value)} does not fit type '${code}', which goes from ${min} to ${max}`);
	};
}

function float(code: string, round: (value: number) => number): Encode {
	return (value, what) => {
		if (typeof value !== 'number') throw typeError(`${what}: type '${code}' takes a number, not ${shown(value)}`);
		if (Number.isFinite(value) && !Number.isFinite(round(value))) {
			throw rangeError(`${what}: ${value} does not fit type '${code}'`);
		}
		return value;
	};
}

function byte(value: unknown, what: string): number {
	if (typeof value === 'number') return integer('c', 0, 0xff)(value, what) as number;
	const bytes = typeof value === 'string' ? Buffer.from(value) : value;
	if (!(bytes instanceof Uint8Array)) {
		throw typeError(`${what}: type 'c' takes a character, a byte or a number, not ${shown(value)}`);
	}
	if (bytes.length === 1) return bytes[0] as number;
	throw rangeError(`${what}: type 'c' is one byte, and ${shown(value)} has ${bytes.length} in UTF-8`);
}

function codePoint(value: unknown, what: string): number {
	if (typeof value !== 'string') throw typeError(`${what}: type 'u' takes a character, not ${shown(value)}`);
	const characters = [...value];
	if (characters.length === 1) return value.codePointAt(0) as number;
	throw rangeError(`${what}: type 'u' is one character, and ${shown(value)} has ${characters.length}`);
}

/** The character of a stored code point. */
export function character(raw: Raw): string {
	return raw <= LAST_CODE_POINT ? String.fromCodePoint(raw as number) : NOT_A_CHARACTER;
}

function integerMaking(code: string, names: readonly ScalarName[], View: Making['View'], signed: boolean): Making {
	const bits = View.BYTES_PER_ELEMENT * 8;
	const max = 2 ** (signed ? bits - 1 : bits) - 1;
	const min = signed ? -max - 1 : 0;
	const type = `${signed ? 'Int' : 'Uint'}${bits}` as 'Int32';
	return {
		code,
		names,
		View,
		...accessors(type),
		encode: integer(code, min, max),
		addend: integer(code, signed ? min : -max, max),
	};
}

function longMaking(code: string, names: readonly ScalarName[], View: Making['View'], signed: boolean): Making {
	const max = 2n ** (signed ? 63n : 64n) - 1n;
	const min = signed ? -max - 1n : 0n;
	return {
		code,
		names,
		View,
		...accessors(signed ? 'BigInt64' : 'BigUint64'),
		encode: longInteger(code, min, max),
		addend: longInteger(code, signed ? min : -max, max),
	};
}

/** How `DataView` reads and writes a type. */
function accessors(type: 'Int32' | 'Float32' | 'Float64' | 'Uint8' | 'Uint32' | 'BigInt64' | 'BigUint64'): {
	get: Making['get'];
	set: Making['set'];
} {
	const get = DataView.prototype[`get${type}`] as (offset: number, littleEndian: boolean) => Raw;
	const set = DataView.prototype[`set${type}`] as (offset: number, raw: never, littleEndian: boolean) => void;
	return {
		get: (data, offset) => get.call(data, offset, LITTLE_ENDIAN),
		set: (data, offset, raw) => set.call(data, offset, raw as never, LITTLE_ENDIAN),
	};
}

const MAKINGS: readonly Making[] = [
	{ code: 'c', names: ['c'], View: Uint8Array, ...accessors('Uint8'), encode: byte, decode: character },
	{ code: 'u', names: ['u'], View: Uint32Array, ...accessors('Uint32'), encode: codePoint, decode: character },
	integerMaking('b', ['b', 'int8'], Int8Array, true),
	integerMaking('B', ['B', 'uint8'], Uint8Array, false),
	integerMaking('h', ['h', 'int16'], Int16Array, true),
	integerMaking('H', ['H', 'uint16'], Uint16Array, false),
	integerMaking('i', ['i', 'int32'], Int32Array, true),
	integerMaking('I', ['I', 'uint32'], Uint32Array, false),
	longMaking('q', ['q', 'l', 'int64'], BigInt64Array, true),
	longMaking('Q', ['Q', 'L', 'uint64'], BigUint64Array, false),
	{
		code: 'f',
		names: ['f', 'float32'],
		View: Float32Array,
		...accessors('Float32'),
		encode: float('f', Math.fround),
	},
	{ code: 'd', names: ['d', 'float64'], View: Float64Array, ...accessors('Float64'), encode: float('d', (x) => x) },
];

const scalars: ReadonlyMap<string, Scalar> = new Map(
	MAKINGS.flatMap((making) => {
		const scalar = new Scalar(making);
		return making.names.map((name) => [name, scalar] as const);
	}),
);

/** The type that an argument of `what` (the call, for errors) stands for. */
export function sharedType(argument: unknown, what: string): SharedType {
	if (argument instanceof SharedType) return argument;
	const scalar = typeof argument === 'string' ? scalars.get(argument) : undefined;
	if (scalar !== undefined) return scalar;
	throw typeError(
		`${what}: bad type code ${shown(argument)}; there are ${[...scalars.keys()].join(', ')}, and structs`,
	);
}
