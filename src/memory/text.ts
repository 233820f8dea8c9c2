/** Arrays of characters as text: bytes in UTF-8 ('c') or code points of 32 bits ('u'), up to the first NUL. */
import { rangeError, typeError } from '../base/errors.ts';
import type { Extent } from './extent.ts';
import { character } from './scalar.ts';
import type { SharedType } from './shared-type.ts';

/** Where the characters are. */
interface Characters {
	readonly extent: Extent;
	readonly type: SharedType;
	readonly offset: number;
	readonly length: number;
}

/** Bytes, or code points; live. */
function cellsOf({ extent, type, offset, length }: Characters, what: string): Uint8Array | Uint32Array {
	const code = String(type);
	if (code !== 'c' && code !== 'u') throw typeError(`${what}: only arrays of type 'c' and 'u' are text, not '${code}'`);
	const { buffer, byteOffset } = extent.data;
	return type.cells(buffer as ArrayBuffer, byteOffset + offset, length) as Uint8Array | Uint32Array;
}

export function readText(characters: Characters, what: string): string {
	const cells = cellsOf(characters, what);
	const end = cells.indexOf(0);
	const used = cells.subarray(0, end === -1 ? cells.length : end);
	return used instanceof Uint8Array ? Buffer.from(used).toString() : Array.from(used, character).join('');
}

export function writeText(characters: Characters, text: unknown, what: string): void {
	const cells = cellsOf(characters, what);
	const encoded = encode(text, cells, what);
	if (encoded.length > cells.length) {
		throw rangeError(`${what}: ${encoded.length} ${unitOf(cells)} do not fit in ${cells.length}`);
	}
	cells.set(encoded);
	if (encoded.length < cells.length) cells[encoded.length] = 0;
}

function encode(text: unknown, cells: Uint8Array | Uint32Array, what: string): ArrayLike<number> {
	if (typeof text === 'string') {
		return cells instanceof Uint8Array ? Buffer.from(text) : Array.from(text, (one) => one.codePointAt(0) as number);
	}
	if (text instanceof Uint8Array && cells instanceof Uint8Array) return text;
	throw typeError(`${what}: takes text${cells instanceof Uint8Array ? ' or bytes' : ''}, not ${String(text)}`);
}

function unitOf(cells: Uint8Array | Uint32Array): string {
	return cells instanceof Uint8Array ? 'bytes' : 'characters';
}
