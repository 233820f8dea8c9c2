/**
 * Long arrays of nothing but numbers: written as typed arrays are, which takes a fraction of the time of writing them one
 * by one. Processors that are not little-endian do not run Node.
 */

import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import * as tag from './tags.ts';

/** Below, there is little to be gained. */
export const LEAST_NUMBERS = 32;
const INTEGER_BYTES = 4;
const DOUBLE_BYTES = 8;

function isInteger32(value: unknown): boolean {
	const integer = (value as number) | 0;
	return integer === value && (integer !== 0 || !Object.is(value, -0));
}

/** Writes the array, if there is nothing else in it. */
export function writeNumbers(out: ByteWriter, array: readonly unknown[]): boolean {
	const last = array.length - 1;
	if (typeof array[0] !== 'number' || typeof array[last] !== 'number') return false;
	const start = out.at;
	if (isInteger32(array[0]) && isInteger32(array[last])) {
		if (writeIntegers(out, array)) return true;
		out.at = start;
	}
	if (writeDoubles(out, array)) return true;
	out.at = start;
	return false;
}

function begin(out: ByteWriter, array: readonly unknown[], size: number): void {
	out.byte(tag.NUMBERS);
	out.byte(size);
	out.varint(array.length);
	out.need(array.length * size);
}

function writeIntegers(out: ByteWriter, array: readonly unknown[]): boolean {
	begin(out, array, INTEGER_BYTES);
	const { view } = out;
	let { at } = out;
	for (const value of array) {
		if (!isInteger32(value)) return false;
		view.setInt32(at, value as number, true);
		at += INTEGER_BYTES;
	}
	out.at = at;
	return true;
}

function writeDoubles(out: ByteWriter, array: readonly unknown[]): boolean {
	begin(out, array, DOUBLE_BYTES);
	const { view } = out;
	let { at } = out;
	for (const value of array) {
		if (typeof value !== 'number') return false;
		view.setFloat64(at, value, true);
		at += DOUBLE_BYTES;
	}
	out.at = at;
	return true;
}

/** Reads them to the end of an array. */
export function readNumbersInto(array: unknown[], from: ByteReader): void {
	const size = from.byte();
	if (size !== INTEGER_BYTES && size !== DOUBLE_BYTES) from.damaged('an array holds something else');
	const length = from.count(size);
	const numbers = size === INTEGER_BYTES ? new Int32Array(length) : new Float64Array(length);
	const bytes = new Uint8Array(numbers.buffer);
	bytes.set(from.window(bytes.length));
	for (let i = 0; i < length; i++) array.push(numbers[i]);
}
