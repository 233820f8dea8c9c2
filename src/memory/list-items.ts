/**
 * Items of a ShareableList: which `struct` format of Python each has, and how it is written and read. A slot is never
 * smaller than 8 bytes, so that any number, bool or null fits the place of any other item.
 *
 * Python pads text and bytes with NULs to the size of their slot, and on reading strips NULs; so it loses those that
 * were there. We write what does not end in NUL as Python does. What does gets a format of its exact length followed by a
 * space: Python reads it like any other (and strips), and when it writes there it puts its own format in, because ours
 * does not end in `s`. So the space says: this length is exact, and polyproc wrote it.
 */
import { rangeError, typeError, UnpicklingError } from '../base/errors.ts';
import { LITTLE_ENDIAN } from './scalar.ts';

/** What a ShareableList can hold. */
export type ListItem = number | bigint | boolean | string | Uint8Array | null;

export const SLOT_UNIT = 8;
export const FORMAT_BYTES = 8;

const INTEGER = 'q';
const FLOAT = 'd';
const BOOLEAN = 'xxxxxxx?';
const NULL = 'xxxxxx?x';
const BOOLEAN_AT = 7;
const EXACT = ' ';
const BYTES_FORMAT = /^(\d+)s( ?)$/;

/** Half of a surrogate pair: no character, so it has no UTF-8. */
const HALF_A_PAIR = /\p{Surrogate}/u;

/** CPython's codes for what becomes of the unpacked value. */
const CODE = { asIs: 0, text: 1, bytes: 2, null: 3 } as const;

const LOWEST: bigint = -(2n ** 63n);
const HIGHEST: bigint = 2n ** 63n - 1n;

/** An item as it is stored. */
export interface EncodedItem {
	readonly format: string;
	readonly code: number;
	/** What goes into its slot, which is filled up with zeros. */
	readonly bytes: Uint8Array;
}

/** Bytes of the slot that CPython would give to an item of so many bytes. */
export function slotSize(length: number): number {
	return SLOT_UNIT * (Math.floor(length / SLOT_UNIT) + 1);
}

/** An item for a slot of `room` bytes; for one made to measure by default. `what` is for errors. */
export function encodeItem(item: unknown, what: string, room?: number): EncodedItem {
	switch (typeof item) {
		case 'boolean':
			return { format: BOOLEAN, code: CODE.asIs, bytes: Uint8Array.from({ length: 8 }, (_, i) => +(i === 7 && item)) };
		case 'number':
			return Number.isSafeInteger(item) && !Object.is(item, -0) ? encodeInteger(BigInt(item), what) : encodeFloat(item);
		case 'bigint':
			return encodeInteger(item, what);
		case 'string':
			if (!HALF_A_PAIR.test(item)) return encodeBytes(Buffer.from(item), CODE.text, what, room);
			throw rangeError(`${what}: text with half of a surrogate pair has no UTF-8`);
	}
	if (item === null) return { format: NULL, code: CODE.null, bytes: new Uint8Array(SLOT_UNIT) };
	if (item instanceof Uint8Array) return encodeBytes(item, CODE.bytes, what, room);
	throw typeError(`${what}: an item must be a number, bigint, boolean, string, bytes or null, not ${typeof item}`);
}

function encodeInteger(value: bigint, what: string): EncodedItem {
	if (value < LOWEST || value > HIGHEST) throw rangeError(`${what}: ${value} does not fit in 64 bits`);
	const bytes = new Uint8Array(SLOT_UNIT);
	new DataView(bytes.buffer).setBigInt64(0, value, LITTLE_ENDIAN);
	return { format: INTEGER, code: CODE.asIs, bytes };
}

function encodeFloat(value: number): EncodedItem {
	const bytes = new Uint8Array(SLOT_UNIT);
	new DataView(bytes.buffer).setFloat64(0, value, LITTLE_ENDIAN);
	return { format: FLOAT, code: CODE.asIs, bytes };
}

function encodeBytes(bytes: Uint8Array, code: number, what: string, room = slotSize(bytes.length)): EncodedItem {
	if (bytes.length > room) {
		throw rangeError(`${what}: ${bytes.length} bytes do not fit in the ${room} that this item has had from the start`);
	}
	const format = bytes.at(-1) === 0 ? `${bytes.length}s${EXACT}` : `${room}s`;
	if (format.length > FORMAT_BYTES) {
		throw rangeError(`${what}: ${bytes.length} bytes are more than the layout can say (10 MB; ending in NUL, 1 MB)`);
	}
	return { format, code, bytes };
}

/** The item in a slot. */
export function decodeItem(slot: Uint8Array, format: string, code: number): ListItem {
	if (slot.length < SLOT_UNIT)
		throw new UnpicklingError('This ShareableList is damaged: an item has no room. Make a new one.');
	const data = new DataView(slot.buffer, slot.byteOffset, slot.byteLength);
	switch (format) {
		case INTEGER:
			return shortened(data.getBigInt64(0, LITTLE_ENDIAN));
		case FLOAT:
			return data.getFloat64(0, LITTLE_ENDIAN);
		case BOOLEAN:
			return data.getUint8(BOOLEAN_AT) !== 0;
		case NULL:
			return null;
	}
	const bytes = decodeBytes(slot, format);
	return code === CODE.text ? bytes.toString() : bytes;
}

/** A number if it is one that is exact. */
function shortened(value: bigint): number | bigint {
	const number = Number(value);
	return Number.isSafeInteger(number) ? number : value;
}

function decodeBytes(slot: Uint8Array, format: string): Buffer {
	const [, length, exact] = BYTES_FORMAT.exec(format) ?? [];
	const bytes = Buffer.from(slot.subarray(0, length === undefined ? slot.length : Number(length)));
	if (exact === EXACT) return bytes;
	let end = bytes.length;
	while (end > 0 && bytes[end - 1] === 0) end--;
	return bytes.subarray(0, end);
}

/** A format as Python would have it for a slot of `room` bytes. */
export function plainFormat(format: string, room: number): string {
	return format.endsWith(EXACT) ? `${room}s` : format;
}
