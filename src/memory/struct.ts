/**
 * Records of several fields, laid out as C lays out a struct: each field at the next multiple of its alignment, the whole
 * rounded up to the largest. A record is live: its fields are accessors over shared memory. They are properties of its
 * own, so that a record prints, compares, spreads and travels like the plain object it looks like.
 */
import { inspect } from 'node:util';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import type { Extent } from './extent.ts';
import type { RawArray } from './raw-array.ts';
import { RecordLayout } from './record-layout.ts';
import { SharedType } from './shared-type.ts';
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

/** A struct: what `struct()` makes, to be used as the type of values, arrays and fields. */
export class StructType<F extends Fields = Fields>
	extends SharedType<RecordOf<F>, WrittenRecord<F>>
	implements Shareable
{
	readonly size: number;
	readonly alignment: number;
	readonly #given: F;
	readonly #layout: RecordLayout;

	constructor(given: F) {
		super();
		this.#layout = new RecordLayout(given);
		this.#given = given;
		this.size = this.#layout.size;
		this.alignment = this.#layout.alignment;
	}

	read(extent: Extent, offset: number): RecordOf<F> {
		return this.#layout.read(extent, offset) as RecordOf<F>;
	}

	write(extent: Extent, offset: number, value: WrittenRecord<F>, what: string): void {
		this.#layout.write(extent, offset, value, what);
	}

	cells(buffer: ArrayBuffer, offset: number, count: number): Uint8Array {
		return new Uint8Array(buffer, offset, count * this.size);
	}

	override toString(): string {
		return String(this.#layout);
	}

	[handoff](_destination: Destination): SharedReference {
		return { kind: KIND, data: this.#given };
	}

	[inspect.custom](): string {
		return `<${this}>`;
	}
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
