/**
 * Records of several fields, laid out as C lays out a struct: each field at the next multiple of its alignment, the whole
 * rounded up to the largest. A record is live: its fields are accessors over shared memory. They are properties of its
 * own, so that a record prints, compares, spreads and travels like the plain object it looks like.
 */
import { inspect } from 'node:util';
import { rangeError, typeError } from '../base/errors.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import type { Extent } from './extent.ts';
import { RawArray, StoredArray } from './raw-array.ts';
import { sharedType } from './scalar.ts';
import { SharedType } from './shared-type.ts';
import { readText, writeText } from './text.ts';
import type { ReadOf, TypeArgument, WrittenOf } from './type-names.ts';

const KIND = 'struct';

/** The type of a field: a type, or `[type, length]` for an array inside the record. */
export type FieldType = TypeArgument | readonly [type: TypeArgument, length: number];
export type Fields = Readonly<Record<string, FieldType>>;

type FieldRead<F> = F extends readonly [infer T, number]
	? T extends 'c' | 'u'
		? string
		: T extends TypeArgument
			? RawArray<T>
			: never
	: ReadOf<F>;
type FieldWritten<F> = F extends readonly [infer T, number]
	? T extends 'c'
		? string | Uint8Array
		: T extends 'u'
			? string
			: Iterable<WrittenOf<T>>
	: WrittenOf<F>;

/** What a struct reads as: a live record. */
export type RecordOf<F extends Fields> = { -readonly [Name in keyof F]: FieldRead<F[Name]> };
/** What may be written to a struct: some or all of its fields, or all in their order. */
export type WrittenRecord<F extends Fields> =
	| { readonly [Name in keyof F]?: FieldWritten<F[Name]> }
	| readonly unknown[];

interface Field {
	readonly name: string;
	readonly type: SharedType<unknown, never>;
	readonly offset: number;
}

/** Where a record is. Not enumerable: nobody sees it. */
const PLACE: unique symbol = Symbol('place of a record');
interface Placed {
	readonly [PLACE]: { readonly extent: Extent; readonly offset: number };
}

/** Prints as the plain object it looks like. */
const PRINTS: PropertyDescriptor = {
	value(this: object) {
		return { ...this };
	},
};

/** An array inside a record: text if it is of characters, otherwise a live array. */
class ArrayField extends SharedType<unknown, never> {
	readonly size: number;
	readonly alignment: number;
	readonly #type: SharedType;
	readonly #length: number;

	constructor(type: SharedType, length: unknown, what: string) {
		super();
		if (typeof length !== 'number' || !Number.isInteger(length)) {
			throw typeError(`${what}: the length of an array must be an integer, not ${String(length)}`);
		}
		if (length < 0) throw rangeError(`${what}: the length of an array must not be negative, and ${length} is`);
		this.#type = type;
		this.#length = length;
		this.size = type.size * length;
		this.alignment = type.alignment;
	}

	read(extent: Extent, offset: number): unknown {
		const stored = new StoredArray(extent, this.#type, offset, this.#length);
		return this.#isText ? readText(stored, 'field') : new RawArray(stored as never, 0 as never);
	}

	write(extent: Extent, offset: number, value: never, what: string): void {
		const stored = new StoredArray(extent, this.#type, offset, this.#length);
		if (this.#isText) writeText(stored, value, what);
		else new RawArray(stored as never, 0 as never).setSlice(undefined, undefined, value);
	}

	get #isText(): boolean {
		return ['c', 'u'].includes(String(this.#type));
	}

	cells(buffer: ArrayBuffer, offset: number, count: number): Uint8Array {
		return new Uint8Array(buffer, offset, count * this.size);
	}

	override toString(): string {
		return `${this.#type}[${this.#length}]`;
	}
}

function fieldType(given: unknown, what: string): SharedType<unknown, never> {
	if (!Array.isArray(given)) return sharedType(given, what) as SharedType<unknown, never>;
	if (given.length !== 2) throw typeError(`${what}: an array in a struct is written [type, length]`);
	return new ArrayField(sharedType(given[0], what), given[1], what);
}

function roundUp(offset: number, alignment: number): number {
	return Math.ceil(offset / alignment) * alignment;
}

/** A struct: what `struct()` makes, to be used as the type of values, arrays and fields. */
export class StructType<F extends Fields = Fields>
	extends SharedType<RecordOf<F>, WrittenRecord<F>>
	implements Shareable
{
	readonly size: number;
	readonly alignment: number;
	readonly #given: F;
	readonly #fields: readonly Field[];
	readonly #accessors: PropertyDescriptorMap;

	constructor(given: F) {
		super();
		if (typeof given !== 'object' || given === null || Object.keys(given).length === 0) {
			throw typeError("struct: takes an object of fields and their types, like {x: 'd', tag: ['c', 16]}");
		}
		const fields: Field[] = [];
		let end = 0;
		for (const [name, argument] of Object.entries(given)) {
			const type = fieldType(argument, `struct, field ${name}`);
			const offset = roundUp(end, type.alignment);
			fields.push({ name, type, offset });
			end = offset + type.size;
		}
		this.alignment = Math.max(...fields.map(({ type }) => type.alignment));
		this.size = roundUp(end, this.alignment);
		this.#given = given;
		this.#fields = fields;
		this.#accessors = Object.fromEntries(fields.map((field) => [field.name, accessor(field)]));
	}

	read(extent: Extent, offset: number): RecordOf<F> {
		const record = Object.defineProperties({}, { [PLACE]: { value: { extent, offset } }, [inspect.custom]: PRINTS });
		return Object.preventExtensions(Object.defineProperties(record, this.#accessors)) as RecordOf<F>;
	}

	write(extent: Extent, offset: number, value: WrittenRecord<F>, what: string): void {
		for (const [field, part] of this.#parts(value, what)) {
			field.type.write(extent, offset + field.offset, part as never, `${what}, field ${field.name}`);
		}
	}

	#parts(value: unknown, what: string): [field: Field, part: unknown][] {
		if (typeof value !== 'object' || value === null) {
			throw typeError(`${what}: a struct takes an object of its fields, not ${String(value)}`);
		}
		if (Array.isArray(value) && value.length > this.#fields.length) {
			throw rangeError(`${what}: ${value.length} values are more than the ${this.#fields.length} fields of ${this}`);
		}
		if (Array.isArray(value)) return value.map((part, i) => [this.#fields[i]!, part]);
		return Object.entries(value).map(([name, part]) => {
			const field = this.#fields.find((one) => one.name === name);
			if (field === undefined) throw typeError(`${what}: ${this} has no field "${name}"`);
			return [field, part];
		});
	}

	cells(buffer: ArrayBuffer, offset: number, count: number): Uint8Array {
		return new Uint8Array(buffer, offset, count * this.size);
	}

	override toString(): string {
		return `struct {${this.#fields.map(({ name, type }) => `${name}: ${type}`).join(', ')}}`;
	}

	[handoff](_destination: Destination): SharedReference {
		return { kind: KIND, data: this.#given };
	}

	[inspect.custom](): string {
		return `<${this}>`;
	}
}

function accessor({ type, offset, name }: Field): PropertyDescriptor {
	return {
		enumerable: true,
		get(this: Placed) {
			const place = this[PLACE];
			return type.read(place.extent, place.offset + offset);
		},
		set(this: Placed, value: never) {
			const place = this[PLACE];
			type.write(place.extent, place.offset + offset, value, `field ${name}`);
		},
	};
}

/**
 * A type of records for `Value` and `Array`, laid out as in C. Fields have a type each, or `[type, length]` for an array
 * inside the record; `['c', 16]` is text of up to 16 bytes.
 *
 * @example
 * ```js
 * const Point = mp.struct({ x: 'd', y: 'd', tag: ['c', 16] });
 * const point = new mp.Value(Point, { x: 1, y: 2 });
 * point.value.x += 1;
 * ```
 */
export function struct<const F extends Fields>(fields: F): StructType<F> {
	return new StructType(fields);
}

registerShared<Fields>(KIND, struct);
