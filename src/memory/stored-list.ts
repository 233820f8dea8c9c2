/**
 * The items of a `ShareableList` in named shared memory, in CPython's layout, so that Python's `ShareableList` is the
 * same list. All integers have 64 bits:
 *
 * ```
 *   +-------+---------------------+-----------------+---------------------+-------------------+
 *   | count | count + 1 offsets   | slots           | count formats       | count codes       |
 *   | N     | of slots, 0 first   | multiples of 8  | of 8 bytes          | of 1 byte         |
 *   +-------+---------------------+-----------------+---------------------+-------------------+
 * ```
 *
 * The size of a slot never changes: what is put there later must fit. Writing is several steps and takes no lock.
 */
import { inspect } from 'node:util';
import { rangeError, typeError, UnpicklingError } from '../base/errors.ts';
import {
	decodeItem,
	type EncodedItem,
	encodeItem,
	FORMAT_BYTES,
	type ListItem,
	plainFormat,
	slotSize,
} from './list-items.ts';
import { LITTLE_ENDIAN } from './scalar.ts';
import { SharedMemory } from './shared-memory.ts';

const KIND = 'ShareableList';
const WORD = 8;

export interface ShareableListOptions {
	/** What to attach to; or, with a sequence, what to call the new list. */
	readonly name?: string | undefined;
}

export class StoredList {
	/** The memory it is in: to close it, to unlink it, and for its name. */
	readonly shm: SharedMemory;
	readonly length: number;
	/** Where each slot begins, and behind them where the last ends; from the start of the memory. */
	readonly #slots: readonly number[];

	constructor(sequence: unknown, options: ShareableListOptions) {
		const isNew = (sequence !== undefined && sequence !== null) || options?.name === undefined;
		const items = isNew ? encodeAll(sequence ?? []) : [];
		const { name } = checked(options);
		this.shm = isNew ? new SharedMemory({ name, create: true, size: totalSize(items) }) : new SharedMemory({ name });
		if (isNew) this.#layOut(items);
		const data = this.#data;
		const count = data.byteLength < WORD ? -1 : Number(data.getBigInt64(0, LITTLE_ENDIAN));
		this.length = count;
		this.#slots = this.#readSlots(count);
	}

	at(index: unknown): ListItem {
		const place = this.#index(index, 'at');
		return decodeItem(this.#slot(place), this.#format(place), this.shm.buf[this.#codes + place] as number);
	}

	set(index: unknown, item: unknown): void {
		const place = this.#index(index, 'set');
		this.#put(place, encodeItem(item, 'set', this.#room(place)));
	}

	count(item: ListItem): number {
		let count = 0;
		for (const other of this) if (isSame(item, other)) count++;
		return count;
	}

	index(item: ListItem): number {
		for (let i = 0; i < this.length; i++) if (isSame(item, this.at(i))) return i;
		throw rangeError(`index: ${inspect(item)} is not in this ShareableList`);
	}

	get format(): string {
		return Array.from(this.#slots.slice(1), (_, i) => plainFormat(this.#format(i), this.#room(i))).join('');
	}

	*[Symbol.iterator](): Generator<ListItem> {
		for (let i = 0; i < this.length; i++) yield this.at(i);
	}

	get #data(): DataView {
		const { buffer, byteOffset, byteLength } = this.shm.buf;
		return new DataView(buffer, byteOffset, byteLength);
	}

	/** Where the formats begin. */
	get #formats(): number {
		return this.#slots[this.length] as number;
	}

	/** Where the codes begin. */
	get #codes(): number {
		return this.#formats + this.length * FORMAT_BYTES;
	}

	#room(place: number): number {
		return (this.#slots[place + 1] as number) - (this.#slots[place] as number);
	}

	#slot(place: number): Uint8Array {
		return this.shm.buf.subarray(this.#slots[place], this.#slots[place + 1]);
	}

	#format(place: number): string {
		const at = this.#formats + place * FORMAT_BYTES;
		const bytes = Buffer.from(this.shm.buf.subarray(at, at + FORMAT_BYTES));
		return bytes.toString('latin1').replace(/\0+$/, '');
	}

	#put(place: number, { format, code, bytes }: EncodedItem): void {
		const { buf } = this.shm;
		const at = this.#formats + place * FORMAT_BYTES;
		buf.fill(0, at, at + FORMAT_BYTES).set(Buffer.from(format), at);
		buf[this.#codes + place] = code;
		this.#slot(place).fill(0).set(bytes);
	}

	/** Writes a new list. */
	#layOut(items: readonly EncodedItem[]): void {
		const data = this.#data;
		const setWord = (word: number, value: number): void => data.setBigInt64(word * WORD, BigInt(value), LITTLE_ENDIAN);
		setWord(0, items.length);
		const start = slotsStart(items.length);
		let end = 0;
		items.forEach((item, i) => {
			this.shm.buf.set(item.bytes, start + end);
			end += roomFor(item);
			setWord(i + 2, end);
		});
		const formats = start + end;
		items.forEach(({ format, code }, i) => {
			this.shm.buf.set(Buffer.from(format), formats + i * FORMAT_BYTES);
			this.shm.buf[formats + items.length * FORMAT_BYTES + i] = code;
		});
	}

	#readSlots(count: number): number[] {
		const data = this.#data;
		const start = slotsStart(count);
		const foreign = (): never => {
			throw new UnpicklingError(`The shared memory "${this.shm.name}" does not hold a ShareableList.`);
		};
		if (count < 0 || start > data.byteLength) foreign();
		const slots = Array.from(
			{ length: count + 1 },
			(_, i) => start + Number(data.getBigInt64((i + 1) * WORD, LITTLE_ENDIAN)),
		);
		const isOrdered = slots.every((slot, i) => slot >= (slots[i - 1] ?? start));
		const end = (slots[count] as number) + count * (FORMAT_BYTES + 1);
		if (!isOrdered || end > data.byteLength) foreign();
		return slots;
	}

	#index(index: unknown, call: string): number {
		if (typeof index !== 'number' || !Number.isInteger(index)) {
			throw typeError(`${call}: the index must be an integer, not ${String(index)}`);
		}
		const position = index < 0 ? index + this.length : index;
		if (position >= 0 && position < this.length) return position;
		throw rangeError(`${call}: index ${index} is out of range of a ShareableList of ${this.length}`);
	}
}

function checked(options: unknown): ShareableListOptions {
	if (typeof options !== 'object' || options === null) throw typeError(`new ${KIND}: options must be an object {name}`);
	const unknown = Object.keys(options).find((key) => key !== 'name');
	if (unknown !== undefined) throw typeError(`new ${KIND}: unknown option "${unknown}"; there is name`);
	return options;
}

function encodeAll(sequence: unknown): EncodedItem[] {
	if (typeof sequence !== 'object' || sequence === null || !(Symbol.iterator in sequence)) {
		throw typeError(`new ${KIND}: takes an iterable of items, not ${String(sequence)}`);
	}
	return Array.from(sequence as Iterable<unknown>, (item, i) => encodeItem(item, `new ${KIND}, item ${i}`));
}

/** The slot that a new item gets. */
function roomFor({ format, bytes }: EncodedItem): number {
	return /s ?$/.test(format) ? slotSize(bytes.length) : WORD;
}

function slotsStart(count: number): number {
	return (count + 2) * WORD;
}

function totalSize(items: readonly EncodedItem[]): number {
	const slots = items.reduce((sum, item) => sum + roomFor(item), 0);
	return slotsStart(items.length) + slots + items.length * (FORMAT_BYTES + 1);
}

function isSame(a: ListItem, b: ListItem): boolean {
	if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
	const areNumbers = [a, b].every((one) => typeof one === 'number' || typeof one === 'bigint');
	// biome-ignore lint/suspicious/noDoubleEquals: 1 and 1n are the same integer, read in different ways
	return areNumbers ? a == b : a === b;
}
