/** A fixed number of numbers, characters or structs in shared memory, without a lock. */
import { inspect } from 'node:util';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { type ArrayReference, StoredArray } from './stored-array.ts';
import type { ReadOf, TypeArgument, ViewOf, WrittenOf } from './type-names.ts';

const KIND = 'RawArray';

/** How many, or what: text and bytes too for 'c', text for 'u'. */
export type ArrayInit<T> = number | Iterable<WrittenOf<T>> | (T extends 'c' ? Uint8Array : never);

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
		return this.#stored.at(index) as ReadOf<T>;
	}

	/** Writes one element; negative indices count from the end. */
	set(index: number, value: WrittenOf<T>): void {
		this.#stored.set(index, value);
	}

	/** A copy of some elements, from `start` up to but not including `end`, as `Array.prototype.slice`; of 'c' their bytes, of 'u' text. */
	slice(start?: number, end?: number): T extends 'c' ? Buffer : T extends 'u' ? string : ReadOf<T>[] {
		return this.#stored.slice(start, end) as never;
	}

	/**
	 * Writes to the elements from `start` up to but not including `end`: Python's `a[start:end] = values`.
	 *
	 * @throws RangeError when there are not just as many values
	 */
	setSlice(start: number | undefined, end: number | undefined, values: ArrayInit<T> & object): void {
		this.#stored.setSlice(start, end, values);
	}

	/** The shared memory itself, as a typed array: reading and writing it is reading and writing the elements. Of structs, their bytes. */
	get view(): ViewOf<T> {
		const { type, extent, offset, length } = this.#stored;
		this.#view ??= type.cells(extent.buffer(), offset, length);
		return this.#view as ViewOf<T>;
	}

	/** Of 'c' and 'u': the text up to the first NUL. */
	get value(): string {
		return this.#stored.text;
	}

	/** Of 'c' and 'u': writes text (UTF-8) or bytes, and a NUL if there is room. */
	set value(text: string | Uint8Array) {
		this.#stored.text = text as string;
	}

	/** Of 'c': a copy of all bytes. */
	get raw(): Buffer {
		return this.#stored.raw;
	}

	/** Of 'c': writes bytes, not more than there are. */
	set raw(bytes: string | Uint8Array) {
		this.#stored.raw = bytes as Buffer;
	}

	[Symbol.iterator](): Iterator<ReadOf<T>> {
		return this.#stored.elements() as Iterator<ReadOf<T>>;
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
		return `<${this.constructor.name} '${this.#stored.type}' ${this.#stored.shown()}>`;
	}
}

registerShared<ArrayReference>(
	KIND,
	(reference) => new RawArray(StoredArray.attach(reference, KIND) as never, 0 as never),
);
