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

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
	return new DataView(buffer, byteOffset, length);
}

function wordsOf({ buffer, byteOffset, length }: Uint8Array): Int32Array {
	return new Int32Array(buffer, byteOffset, Math.floor(length / 4)); // more than 2³¹ are not an int32
}

/** More than there may be: what is left of the value is not looked at. */
export class TooLong extends Error {
	/** It has so many at least. */
	readonly bytes: number;

	constructor(bytes: number) {
		super(`${bytes} bytes are more than there may be`);
		this.bytes = bytes;
	}
}

export class ByteWriter {
	/** Bytes there may be, about: what is far longer is not written to its end. */
	most: number = Number.POSITIVE_INFINITY;
	bytes: Buffer = Buffer.allocUnsafeSlow(INITIAL);
	/** The same bytes, as numbers at any address. */
	view: DataView = viewOf(this.bytes);
	/** The same bytes, as words. */
	words: Int32Array = wordsOf(this.bytes);
	at = 0;

	/** Makes room for `size` more bytes. */
	need(size: number): void {
		if (this.at + size > this.bytes.length) this.#grow(this.at + size);
	}

	/** @throws TooLong if there is too much already: what is needed is a guess, mostly */
	#grow(size: number): void {
		if (this.at > this.most) throw new TooLong(this.at);
		const filled = this.bytes.subarray(0, this.at);
		this.#allocate(Math.max(size, Math.min(this.bytes.length * 2, this.most + KEPT)));
		this.bytes.set(filled);
	}

	#allocate(size: number): void {
		this.bytes = Buffer.allocUnsafeSlow(Math.ceil(size / 8) * 8);
		this.view = viewOf(this.bytes);
		this.words = wordsOf(this.bytes);
	}

	/** Starts over, with a small scratch if the last message was huge. */
	rewind(): void {
		if (this.bytes.length > KEPT && this.at < KEPT / 4) this.#allocate(INITIAL);
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
		this.view.setFloat64(this.at, value, true);
		this.at += 8;
	}

	uint16(value: number, at: number): void {
		this.bytes[at] = value & 0xff;
		this.bytes[at + 1] = value >>> 8;
	}

	raw(bytes: Uint8Array): void {
		if (this.at + bytes.length > this.most) throw new TooLong(this.at + bytes.length);
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
