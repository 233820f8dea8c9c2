/** Reading the arguments of the calls that take bytes: a buffer or view, an offset and a size, all in bytes. */
import { rangeError, typeError } from '../base/errors.ts';

function asBytes(data: unknown, call: string): Uint8Array {
	if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
	if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data);
	throw typeError(
		`Connection.${call}: bytes must be a Buffer, typed array, DataView or ArrayBuffer, not ${typeof data}; encode text with Buffer.from(text)`,
	);
}

function checkedOffset(offset: number | undefined, length: number, call: string): number {
	if (offset === undefined) return 0;
	if (!Number.isInteger(offset)) throw typeError(`Connection.${call}: offset must be a whole number of bytes`);
	if (offset < 0 || offset > length) {
		throw rangeError(`Connection.${call}: offset ${offset} is outside of the buffer's ${length} bytes`);
	}
	return offset;
}

/** The bytes that are to be sent. */
export function byteSlice(
	data: unknown,
	offset: number | undefined,
	size: number | undefined,
	call: string,
): Uint8Array {
	const bytes = asBytes(data, call);
	const start = checkedOffset(offset, bytes.length, call);
	if (size === undefined) return start === 0 ? bytes : bytes.subarray(start);
	if (!Number.isInteger(size)) throw typeError(`Connection.${call}: size must be a whole number of bytes`);
	if (size < 0 || start + size > bytes.length) {
		throw rangeError(
			`Connection.${call}: size ${size} from offset ${start} is outside of the buffer's ${bytes.length} bytes`,
		);
	}
	return bytes.subarray(start, start + size);
}

/** Where received bytes are to go. */
export function byteTarget(target: unknown, offset: number | undefined, call: string): Uint8Array {
	const bytes = asBytes(target, call);
	return bytes.subarray(checkedOffset(offset, bytes.length, call));
}
