/**
 * How messages follow each other over a socket: CPython's framing (`multiprocessing.connection`), byte for byte.
 *
 * ```
 *  +----------------+=========+        +----------------+----------------+=========+
 *  | length, 4 byte | message |   or   | −1, 4 bytes    | length, 8 byte | message |
 *  +----------------+=========+        +----------------+----------------+=========+
 * ```
 *
 * Both lengths in network order; the short one is signed, and the long form is for what it cannot say.
 */
import { constants } from 'node:buffer';

export const SHORT_HEADER = 4;
export const LONG_HEADER = 12;
/** In place of a short length: a long one follows. */
const IS_LONG = -1;
const LONGEST_SHORT = 0x7fffffff;
/** Up to this length a message is put behind its header, and goes out with it in one call. */
const JOINED = 16_384;
/** What one buffer can hold. */
const LONGEST: number = constants.MAX_LENGTH;

function header(length: number, room: number): Buffer {
	if (length > LONGEST_SHORT) {
		const bytes = Buffer.alloc(LONG_HEADER);
		bytes.writeInt32BE(IS_LONG);
		bytes.writeBigUInt64BE(BigInt(length), SHORT_HEADER);
		return bytes;
	}
	const bytes = Buffer.allocUnsafe(SHORT_HEADER + room);
	bytes.writeInt32BE(length);
	return bytes;
}

/** What is to be written for a message, in order. */
export function frame(message: Uint8Array): Uint8Array[] {
	if (message.length > JOINED) return [header(message.length, 0), message];
	const bytes = header(message.length, message.length);
	bytes.set(message, SHORT_HEADER);
	return [bytes];
}

/** How long the header is that begins with these four bytes. */
export function headerLength(start: Buffer): number {
	return start.readInt32BE() === IS_LONG ? LONG_HEADER : SHORT_HEADER;
}

/** The length of the message behind a header; `undefined` if no message can be that long. */
export function messageLength(bytes: Buffer): number | undefined {
	const length = bytes.readInt32BE();
	const whole = length === IS_LONG ? Number(bytes.readBigUInt64BE(SHORT_HEADER)) : length;
	return whole >= 0 && whole <= LONGEST ? whole : undefined;
}
