/**
 * Bytes being read: primitives, bounds, and nothing else. The bytes may be a window of shared memory that somebody
 * overwrites as soon as the message is decoded, so whatever leaves this class is a copy.
 */
import { UnpicklingError } from '../base/errors.ts';
import { InternedStrings } from './interned-strings.ts';

const NOTHING = new Uint8Array(0);
const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);
const interned = new InternedStrings();

export class ByteReader {
	bytes: Uint8Array = NOTHING;
	end = 0;
	at = 0;

	/** Begins to read the first `length` of `bytes`. */
	open(bytes: Uint8Array, length: number): void {
		this.bytes = bytes;
		this.end = length;
		this.at = 0;
	}

	damaged(what: string): never {
		const where = `byte ${Math.min(this.at, this.end)} of ${this.end}`;
		throw new UnpicklingError(`Cannot unpickle: ${what} at ${where}; these are not the bytes of a whole pickled value`);
	}

	byte(): number {
		if (this.at >= this.end) this.damaged('the message ends too early');
		return this.bytes[this.at++]!;
	}

	varint(): number {
		let value = 0;
		for (let scale = 1; scale < 2 ** 53; scale *= 128) {
			const byte = this.byte();
			value += (byte & 0x7f) * scale;
			if (byte < 0x80) return value;
		}
		this.damaged('a number is too large');
	}

	/** How many things follow, each of at least `size` bytes: never more than there are bytes left to hold them. */
	count(size: number = 1): number {
		const count = this.varint();
		if (count * size > this.end - this.at) this.damaged('a length goes beyond the end');
		return count;
	}

	float64(): number {
		const at = this.at;
		if (at + 8 > this.end) this.damaged('the message ends too early');
		for (let i = 0; i < 8; i++) doubleBytes[i] = this.bytes[at + i]!;
		this.at = at + 8;
		return double[0]!;
	}

	uint16(): number {
		return this.byte() | (this.byte() << 8);
	}

	shortString(length: number): string {
		const at = this.at;
		if (at + length > this.end) this.damaged('the message ends too early');
		this.at = at + length;
		return interned.read(this.bytes, at, length);
	}

	/** Lets go of the bytes. */
	close(): void {
		this.bytes = NOTHING;
	}

	longString(encoding: 'latin1' | 'utf8' | 'utf16le'): string {
		const low = this.uint16();
		const size = low + this.uint16() * 0x10000;
		const window = this.window(size);
		// V8 reads UTF-8 twice, first to know how long the text will be: not from where somebody may change it in between.
		return (encoding === 'utf8' ? Buffer.from(window) : window).toString(encoding);
	}

	/** The next `size` bytes, not copied. */
	window(size: number): Buffer {
		if (size > this.end - this.at) this.damaged('the message ends too early');
		const { buffer, byteOffset } = this.bytes;
		const window = Buffer.from(buffer as ArrayBuffer, byteOffset + this.at, size);
		this.at += size;
		return window;
	}
}
