/**
 * The encoder's memory of object shapes. Most objects of a message, and of the next one, have the same keys in the same
 * order; their keys are then copied as one block (first time in a message) or named by a number (after that).
 *
 * A direct-mapped table: an entry is found by a cheap look at the keys and verified key by key, which is a comparison
 * of pointers. Only what was met twice gets a stored block, so objects used as dictionaries cost nothing extra.
 */
import type { ByteWriter } from './byte-writer.ts';
import * as tag from './tags.ts';

const SLOTS = 1024;
/** Objects with more keys are dictionaries rather than records. */
export const MOST_KEYS = 64;
const LARGEST_BLOCK = 0xffff;

interface Shape {
	readonly keys: string[];
	/** The key block and its hash, ready to be copied; empty until the shape is met a second time. */
	block: Int32Array | null;
	/** Bytes of it. */
	size: number;
	/** Which message has it last, and under which number. */
	message: number;
	number: number;
}

function slotOf(keys: string[]): number {
	const first = keys[0]!;
	const last = keys[keys.length - 1]!;
	const mixed = keys.length * 37 + first.length * 5 + last.length * 11;
	return (mixed + first.charCodeAt(0) * 13 + last.charCodeAt(last.length - 1) * 59) & (SLOTS - 1);
}

function sameKeys(a: string[], b: string[]): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}

export class WrittenShapes {
	readonly #table: (Shape | undefined)[] = new Array(SLOTS);
	#message = 0;
	#count = 0;

	startMessage(): void {
		this.#message++;
		this.#count = 0;
	}

	/** Writes tag and keys of an object. False, and nothing written, if its keys do not make a shape. */
	write(out: ByteWriter, keys: string[]): boolean {
		if (keys.length === 0) return this.#writeNew(out, keys, null);
		if (keys.length > MOST_KEYS) return false;
		const slot = slotOf(keys) | 0;
		const shape = this.#table[slot];
		if (shape === undefined || !sameKeys(shape.keys, keys)) {
			const fresh = { keys, block: null, size: 0, message: this.#message, number: this.#count };
			if (!this.#writeNew(out, keys, null)) return false;
			this.#table[slot] = fresh;
			return true;
		}
		if (shape.message === this.#message) {
			out.byte(tag.OBJECT_KNOWN_SHAPE);
			out.varint(shape.number);
			return true;
		}
		shape.message = this.#message;
		shape.number = this.#count;
		return shape.block === null ? this.#writeNew(out, keys, shape) : this.#copy(out, shape.block, shape.size);
	}

	/** By words, which is several times as quick; the bytes behind the last one are overwritten by what comes next. */
	#copy(out: ByteWriter, block: Int32Array, size: number): true {
		out.need(block.length * 4);
		const { view, at } = out;
		for (let i = 0; i < block.length; i++) view.setInt32(at + i * 4, block[i]!, true);
		out.at = at + size;
		this.#count++;
		return true;
	}

	#writeNew(out: ByteWriter, keys: string[], keep: Shape | null): boolean {
		const start = out.at;
		out.need(5);
		out.bytes[start] = tag.OBJECT_NEW_SHAPE;
		out.at = start + 5;
		out.varint(keys.length);
		for (let i = 0; i < keys.length; i++) out.string(keys[i]!);
		const size = out.at - start - 5;
		if (size > LARGEST_BLOCK) {
			out.at = start;
			return false;
		}
		let hash = size;
		for (let i = start + 5; i < out.at; i++) hash = (Math.imul(hash, 31) + out.bytes[i]!) | 0;
		out.uint16((hash ^ (hash >>> 16)) & 0xffff, start + 1);
		out.uint16(size, start + 3);
		if (keep !== null) this.#keep(keep, out, start);
		this.#count++;
		return true;
	}

	#keep(shape: Shape, out: ByteWriter, start: number): void {
		shape.size = out.at - start;
		shape.block = new Int32Array((shape.size + 3) >> 2);
		out.need(4);
		for (let i = 0; i < shape.block.length; i++) shape.block[i] = out.view.getInt32(start + i * 4, true);
	}
}
