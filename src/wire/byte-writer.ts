/**
 * Bytes being written: a scratch buffer that grows, and how numbers and strings are laid into it. Knows the format of
 * primitives only. The scratch is kept from message to message, since allocating one costs more than a small message.
 */
import * as tag from './tags.ts';

const INITIAL = 16 * 1024;
/** A scratch that a huge message has left behind is not kept. */
const KEPT = 4 * 1024 * 1024;
/** Strings longer than this are measured before room is made for them: the worst case is 3 bytes a character. */
const MEASURED = 64 * 1024;

interface Text {
	isWellFormed(): boolean;
}

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

export class ByteWriter {
	bytes: Buffer = Buffer.allocUnsafeSlow(INITIAL);
	at = 0;

	/** Makes room for `size` more bytes. */
	need(size: number): void {
		if (this.at + size > this.bytes.length) this.#grow(this.at + size);
	}

	#grow(size: number): void {
		const larger = Buffer.allocUnsafeSlow(Math.max(size, this.bytes.length * 2));
		larger.set(this.bytes.subarray(0, this.at));
		this.bytes = larger;
	}

	/** Starts over, with a small scratch if the last message was huge. */
	rewind(): void {
		if (this.bytes.length > KEPT && this.at < KEPT / 4) this.bytes = Buffer.allocUnsafeSlow(INITIAL);
		this.at = 0;
	}

	byte(value: number): void {
		this.need(1);
		this.bytes[this.at++] = value;
	}

	varint(value: number): void {
		this.need(8);
		const bytes = this.bytes;
		let at = this.at;
		let rest = value;
		while (rest >= 0x80) {
			bytes[at++] = (rest & 0x7f) | 0x80;
			rest = rest > 0x7fffffff ? Math.floor(rest / 128) : rest >>> 7;
		}
		bytes[at++] = rest;
		this.at = at;
	}

	/** A number as a value: one byte for 0–63, a varint for 32-bit integers, a double for all others (−0 too). */
	number(value: number): void {
		const integer = value | 0;
		if (integer !== value || (value === 0 && 1 / value < 0)) {
			this.byte(tag.DOUBLE);
			this.float64(value);
		} else if (integer >= 0 && integer < tag.SHORT_STRING) {
			this.byte(integer);
		} else {
			this.byte(integer < 0 ? tag.NEGATIVE : tag.POSITIVE);
			this.varint(integer < 0 ? -(integer + 1) : integer);
		}
	}

	float64(value: number): void {
		this.need(8);
		const bytes = this.bytes;
		const at = this.at;
		double[0] = value;
		for (let i = 0; i < 8; i++) bytes[at + i] = doubleBytes[i]!;
		this.at = at + 8;
	}

	uint16(value: number, at: number): void {
		this.bytes[at] = value & 0xff;
		this.bytes[at + 1] = value >>> 8;
	}

	raw(bytes: Uint8Array): void {
		this.need(bytes.length);
		this.bytes.set(bytes, this.at);
		this.at += bytes.length;
	}

	/** A string as a value. */
	string(value: string): void {
		const length = value.length;
		if (length > tag.SHORT_LIMIT) {
			this.#long(value);
			return;
		}
		this.need(length + 1);
		const bytes = this.bytes;
		const start = this.at + 1;
		for (let i = 0; i < length; i++) {
			const code = value.charCodeAt(i);
			if (code > 0x7f) {
				this.#long(value);
				return;
			}
			bytes[start + i] = code;
		}
		bytes[start - 1] = tag.SHORT_STRING | length;
		this.at = start + length;
	}

	#long(value: string): void {
		const wellFormed = (value as unknown as Text).isWellFormed();
		this.need(5 + (value.length > MEASURED && wellFormed ? Buffer.byteLength(value) : value.length * 3));
		const start = this.at;
		const size = this.bytes.write(value, start + 5, wellFormed ? 'utf8' : 'utf16le');
		this.bytes[start] = wellFormed ? (size === value.length ? tag.ASCII : tag.UTF8) : tag.UTF16;
		this.bytes.writeUInt32LE(size, start + 1);
		this.at = start + 5 + size;
	}
}
