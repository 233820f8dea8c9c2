/** A fixed number of numbers, characters or structs in shared memory, without a lock. */
import { inspect } from 'node:util';
import { rangeError, typeError } from '../base/errors.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { Extent } from './extent.ts';
import type { BlockReference } from './heap.ts';
import { Scalar, sharedType } from './scalar.ts';
import type { SharedType } from './shared-type.ts';
import { readText, writeText } from './text.ts';
import type { ReadOf, TypeArgument, ViewOf, WrittenOf } from './type-names.ts';

const KIND = 'RawArray';

/** What crosses: a block, and which part of it (in bytes) the array is. */
export interface ArrayReference {
	readonly at: BlockReference;
	readonly type: string | SharedType;
	readonly offset: number;
	readonly length: number;
	/** Bytes of the whole block that are the value's. */
	readonly room: number;
}

/** How many, or what: text and bytes too for 'c', text for 'u'. */
export type ArrayInit<T> = number | Iterable<WrittenOf<T>> | (T extends 'c' ? Uint8Array : never);

/** Where an array is, and of what: what it is made over when it is not new. */
export class StoredArray {
	readonly extent: Extent;
	readonly type: SharedType;
	/** Of its first byte in the extent. */
	readonly offset: number;
	readonly length: number;

	constructor(extent: Extent, type: SharedType, offset: number, length: number) {
		this.extent = extent;
		this.type = type;
		this.offset = offset;
		this.length = length;
	}

	static create(argument: unknown, sizeOrInit: unknown, what: string): StoredArray {
		const type = sharedType(argument, `new ${what}`);
		if (typeof sizeOrInit === 'number') return StoredArray.#ofLength(type, sizeOrInit, what);
		const values = elements(type, sizeOrInit, `new ${what}`);
		const stored = StoredArray.#ofLength(type, values.length, what);
		stored.fill(values, `new ${what}`);
		return stored;
	}

	static #ofLength(type: SharedType, length: number, what: string): StoredArray {
		if (!Number.isInteger(length)) throw typeError(`new ${what}: the size must be an integer, not ${length}`);
		if (length < 0) throw rangeError(`new ${what}: the size must not be negative, and ${length} is`);
		return new StoredArray(Extent.create(length * type.size, `new ${what}`), type, 0, length);
	}

	static attach({ at, type: argument, offset, length, room }: ArrayReference, what: string): StoredArray {
		return new StoredArray(Extent.attach(at, room, what), sharedType(argument, what), offset, length);
	}

	handOff(destination: Destination): ArrayReference {
		const type = this.type instanceof Scalar ? this.type.code : this.type;
		const { offset, length } = this;
		return { at: this.extent.handOff(destination), type, offset, length, room: this.extent.length };
	}

	/** Writes values from `start` on. */
	fill(values: ArrayLike<unknown>, what: string, start: number = 0): void {
		if (this.type instanceof Scalar && this.type.isCells(values)) {
			this.bytes().set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start * this.type.size);
			return;
		}
		for (let i = 0; i < values.length; i++) {
			this.type.write(this.extent, this.place(start + i), values[i] as never, `${what}, element ${start + i}`);
		}
	}

	/** Where in the extent an element is. */
	place(index: number): number {
		return this.offset + index * this.type.size;
	}

	/** All bytes, live; not for programs. */
	bytes(): Uint8Array {
		const { buffer, byteOffset } = this.extent.data;
		return new Uint8Array(buffer, byteOffset + this.offset, this.length * this.type.size);
	}
}

/** Values to be written to elements of `type`. */
function elements(type: SharedType, values: unknown, what: string): ArrayLike<unknown> {
	if (String(type) === 'c' && typeof values === 'string') return Buffer.from(values);
	if (Array.isArray(values) || ArrayBuffer.isView(values)) return values as unknown as ArrayLike<unknown>;
	const isIterable = typeof values === 'string' || (typeof values === 'object' && values !== null);
	if (isIterable && Symbol.iterator in Object(values)) return [...(values as Iterable<unknown>)];
	throw typeError(`${what}: takes a size or the values (an iterable), not ${String(values)}`);
}

/**
 * An array in shared memory, of a fixed length, that any process may read and write at any time.
 *
 * @example
 * ```js
 * const samples = new mp.RawArray('d', 1000);
 * samples.view.fill(0.5);          // a Float64Array over the shared memory itself
 * ```
 */
export class RawArray<T extends TypeArgument = TypeArgument> implements Shareable, Iterable<ReadOf<T>> {
	readonly #stored: StoredArray;
	#view: ArrayBufferView | undefined;

	/**
	 * @param sizeOrInit how many elements, all zero, or the elements
	 * @throws TypeError for a bad type code or elements of another type (a float for an integer)
	 * @throws RangeError for a negative size, or elements that do not fit
	 */
	constructor(type: T, sizeOrInit: ArrayInit<T>) {
		this.#stored =
			(type as unknown) instanceof StoredArray ? (type as never) : StoredArray.create(type, sizeOrInit, KIND);
	}

	/** How many elements. */
	get length(): number {
		return this.#stored.length;
	}

	/** One element; negative indices count from the end. 64-bit types are read as bigint; a struct is a live record. */
	at(index: number): ReadOf<T> {
		const place = this.#stored.place(this.#index(index, 'at'));
		return this.#stored.type.read(this.#stored.extent, place) as ReadOf<T>;
	}

	/** Writes one element; negative indices count from the end. */
	set(index: number, value: WrittenOf<T>): void {
		const place = this.#stored.place(this.#index(index, 'set'));
		this.#stored.type.write(this.#stored.extent, place, value as never, 'set');
	}

	/** A copy of some elements, from `start` up to but not including `end`, as `Array.prototype.slice`; of 'c' their bytes, of 'u' text. */
	slice(start?: number, end?: number): T extends 'c' ? Buffer : T extends 'u' ? string : ReadOf<T>[] {
		const [from, to] = this.#range(start, end);
		const code = String(this.#stored.type);
		if (code === 'c') return Buffer.from(this.#stored.bytes().subarray(from, to)) as never;
		const values = Array.from({ length: to - from }, (_, i) => this.at(from + i));
		return (code === 'u' ? values.join('') : values) as never;
	}

	/**
	 * Writes to the elements from `start` up to but not including `end`: Python's `a[start:end] = values`.
	 *
	 * @throws RangeError when there are not just as many values
	 */
	setSlice(start: number | undefined, end: number | undefined, values: ArrayInit<T> & object): void {
		const [from, to] = this.#range(start, end);
		const list = elements(this.#stored.type, values, 'setSlice');
		if (list.length !== to - from) {
			throw rangeError(`setSlice: ${list.length} values cannot be put in the place of ${to - from} elements`);
		}
		this.#stored.fill(list, 'setSlice', from);
	}

	/** The shared memory itself, as a typed array: reading and writing it is reading and writing the elements. Of structs, their bytes. */
	get view(): ViewOf<T> {
		const { type, extent, offset, length } = this.#stored;
		this.#view ??= type.cells(extent.buffer(), offset, length);
		return this.#view as ViewOf<T>;
	}

	/** Of 'c' and 'u': the text up to the first NUL. */
	get value(): string {
		return readText(this.#stored, 'value');
	}

	/** Of 'c' and 'u': writes text (UTF-8) or bytes, and a NUL if there is room. */
	set value(text: string | Uint8Array) {
		writeText(this.#stored, text, 'value');
	}

	/** Of 'c': a copy of all bytes. */
	get raw(): Buffer {
		this.#checkBytes();
		return Buffer.from(this.#stored.bytes());
	}

	/** Of 'c': writes bytes, not more than there are. */
	set raw(bytes: string | Uint8Array) {
		this.#checkBytes();
		if (typeof bytes !== 'string' && !(bytes instanceof Uint8Array)) {
			throw typeError(`raw: takes bytes or text, not ${String(bytes)}`);
		}
		const list = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
		if (list.length > this.length) throw rangeError(`raw: ${list.length} bytes do not fit in ${this.length}`);
		this.#stored.bytes().set(list);
	}

	*[Symbol.iterator](): Iterator<ReadOf<T>> {
		for (let i = 0; i < this.length; i++) yield this.at(i);
	}

	#checkBytes(): void {
		if (String(this.#stored.type) === 'c') return;
		throw typeError(`raw: only arrays of type 'c' have it, and this one is of '${this.#stored.type}'; use view`);
	}

	#index(index: unknown, call: string): number {
		if (typeof index !== 'number' || !Number.isInteger(index)) {
			throw typeError(`${call}: the index must be an integer, not ${String(index)}`);
		}
		const position = index < 0 ? index + this.length : index;
		if (position >= 0 && position < this.length) return position;
		throw rangeError(`${call}: index ${index} is out of range of an array of ${this.length}`);
	}

	/** Start and end as `Array.prototype.slice` takes them. */
	#range(start: number | undefined, end: number | undefined): [from: number, to: number] {
		const from = this.#limit(start ?? 0);
		return [from, Math.max(from, this.#limit(end ?? this.length))];
	}

	#limit(index: unknown): number {
		if (typeof index !== 'number' || Number.isNaN(index)) {
			throw typeError(`slice: indices must be numbers, not ${String(index)}`);
		}
		const position = index < 0 ? index + this.length : index;
		return Math.min(Math.max(0, Math.trunc(position)), this.length);
	}

	/** Lets go of it in this process, now rather than when it is collected; views that were taken stay good. */
	[Symbol.dispose](): void {
		this.#view = undefined;
		this.#stored.extent.close();
	}

	[handoff](destination: Destination): SharedReference {
		return { kind: KIND, data: this.#stored.handOff(destination) };
	}

	[inspect.custom](): string {
		return `<${this.constructor.name} '${this.#stored.type}' ${this.#shown()}>`;
	}

	#shown(): string {
		if (this.#stored.extent.isClosed) return '(disposed of)';
		return inspect(String(this.#stored.type) === 'c' ? this.raw : [...this]);
	}
}

registerShared<ArrayReference>(
	KIND,
	(reference) => new RawArray(StoredArray.attach(reference, KIND) as never, 0 as never),
);
