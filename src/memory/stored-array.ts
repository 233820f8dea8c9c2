/** What a `RawArray` or shared `Array` is made over: a place in shared memory and the type of the elements there. */
import { inspect } from 'node:util';
import { rangeError, typeError, UnpicklingError } from '../base/errors.ts';
import type { Destination } from '../wire/handoff.ts';
import { Extent } from './extent.ts';
import type { BlockReference } from './heap.ts';
import { Scalar, sharedType } from './scalar.ts';
import type { SharedType } from './shared-type.ts';
import { readText, writeText } from './text.ts';

/** What crosses: a block, and which part of it (in bytes) the array is. */
export interface ArrayReference {
	readonly at: BlockReference;
	readonly type: string | SharedType;
	readonly offset: number;
	readonly length: number;
	/** Bytes of the whole block that are the value's. */
	readonly room: number;
}

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
		const values = valuesFor(type, sizeOrInit, `new ${what}`);
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
		const type = sharedType(argument, what);
		const isWithin = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
		if (!isWithin || offset % type.alignment !== 0 || offset + length * type.size > room) {
			throw new UnpicklingError(`This ${what} is none: what it refers to is not within its memory.`);
		}
		return new StoredArray(Extent.attach(at, room, what), type, offset, length);
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

	/** One element; negative indices count from the end. */
	at(index: unknown): unknown {
		return this.type.read(this.extent, this.place(this.#index(index, 'at')));
	}

	set(index: unknown, value: unknown): void {
		this.type.write(this.extent, this.place(this.#index(index, 'set')), value as never, 'set');
	}

	*elements(): Generator<unknown> {
		for (let i = 0; i < this.length; i++) yield this.at(i);
	}

	slice(start: unknown, end: unknown): unknown {
		const [from, to] = this.#range(start, end);
		const code = String(this.type);
		if (code === 'c') return Buffer.from(this.bytes().subarray(from, to));
		const values = Array.from({ length: to - from }, (_, i) => this.at(from + i));
		return code === 'u' ? values.join('') : values;
	}

	setSlice(start: unknown, end: unknown, values: unknown): void {
		const [from, to] = this.#range(start, end);
		const list = valuesFor(this.type, values, 'setSlice');
		if (list.length !== to - from) {
			throw rangeError(`setSlice: ${list.length} values cannot be put in the place of ${to - from} elements`);
		}
		this.fill(list, 'setSlice', from);
	}

	get text(): string {
		return readText(this, 'value');
	}

	set text(text: unknown) {
		writeText(this, text, 'value');
	}

	get raw(): Buffer {
		this.#checkBytes();
		return Buffer.from(this.bytes());
	}

	set raw(bytes: unknown) {
		this.#checkBytes();
		if (typeof bytes !== 'string' && !(bytes instanceof Uint8Array)) {
			throw typeError(`raw: takes bytes or text, not ${String(bytes)}`);
		}
		const list = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
		if (list.length > this.length) throw rangeError(`raw: ${list.length} bytes do not fit in ${this.length}`);
		this.bytes().set(list);
	}

	/** For whoever prints it. */
	shown(): string {
		if (this.extent.isClosed) return '(disposed of)';
		return inspect(String(this.type) === 'c' ? this.raw : [...this.elements()]);
	}

	#checkBytes(): void {
		if (String(this.type) === 'c') return;
		throw typeError(`raw: only arrays of type 'c' have it, and this one is of '${this.type}'; use view`);
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
	#range(start: unknown, end: unknown): [from: number, to: number] {
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
}

/** Values to be written to elements of `type`. */
function valuesFor(type: SharedType, values: unknown, what: string): ArrayLike<unknown> {
	if (String(type) === 'c' && typeof values === 'string') return Buffer.from(values);
	if (Array.isArray(values) || ArrayBuffer.isView(values)) return values as unknown as ArrayLike<unknown>;
	const isIterable = typeof values === 'string' || (typeof values === 'object' && values !== null);
	if (isIterable && Symbol.iterator in Object(values)) return [...(values as Iterable<unknown>)];
	throw typeError(`${what}: takes a size or the values (an iterable), not ${String(values)}`);
}
