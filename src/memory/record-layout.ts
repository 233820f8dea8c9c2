/** How the fields of a struct lie in a record, and how records are read and written: what a `StructType` is made over. */
import { inspect } from 'node:util';
import { rangeError, typeError } from '../base/errors.ts';
import type { Extent } from './extent.ts';
import { RawArray } from './raw-array.ts';
import { sharedType } from './scalar.ts';
import { SharedType } from './shared-type.ts';
import { StoredArray } from './stored-array.ts';
import { readText, writeText } from './text.ts';

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
		else stored.setSlice(undefined, undefined, value);
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

export class RecordLayout {
	readonly size: number;
	readonly alignment: number;
	readonly #fields: readonly Field[];
	readonly #accessors: PropertyDescriptorMap;

	constructor(given: unknown) {
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
		this.#fields = fields;
		this.#accessors = Object.fromEntries(fields.map((field) => [field.name, accessor(field)]));
	}

	read(extent: Extent, offset: number): object {
		const record = Object.defineProperties({}, { [PLACE]: { value: { extent, offset } }, [inspect.custom]: PRINTS });
		return Object.preventExtensions(Object.defineProperties(record, this.#accessors));
	}

	write(extent: Extent, offset: number, value: unknown, what: string): void {
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

	toString(): string {
		return `struct {${this.#fields.map(({ name, type }) => `${name}: ${type}`).join(', ')}}`;
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
