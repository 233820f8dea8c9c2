/**
 * The decoder's memory of object shapes: a key block that was met before need not be read again, and objects of a shape
 * that is met often are made by a function generated for it, so that they all have one hidden class and their fields are
 * stored by constant names. Direct-mapped by the hash in the message, verified byte by byte.
 */
import type { ByteReader } from './byte-reader.ts';

const SLOTS = 4096;
/** After so many objects a shape is worth compiling. */
const COMPILE_AFTER = 16;
const MOST_COMPILED_KEYS = 32;

/** What the generated code needs: somewhere to note the new object before its fields are read, and the fields. */
export interface FieldSource {
	note(object: object): void;
	read(): unknown;
}

/** Where key blocks are read from. */
export interface KeySource extends ByteReader {
	strings(): string[];
}

type Make = (source: FieldSource) => object;

/** Sets a field as an object literal would: `__proto__` becomes a field like any other. */
export function setField(target: object, key: string, value: unknown): void {
	if (key === '__proto__') {
		Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
	} else {
		(target as Record<string, unknown>)[key] = value;
	}
}

/** `null` where code generation is forbidden (--disallow-code-generation-from-strings). */
function compile(keys: string[]): Make | null {
	const names = keys.map((key) => JSON.stringify(key));
	const literal = names.map((name) => `${name}: undefined`).join(', ');
	const fields = names.map((name) => `o[${name}] = s.read();`).join(' ');
	try {
		return new Function('s', `const o = {${literal}}; s.note(o); ${fields} return o;`) as Make;
	} catch {
		return null; // Only slower: the loop in `make` does the same.
	}
}

export class ReadShape {
	readonly keys: string[];
	readonly block: Uint8Array;
	#uses = 0;
	#make: Make | null = null;
	readonly #compilable: boolean;

	constructor(keys: string[], block: Uint8Array) {
		this.keys = keys;
		this.block = block;
		this.#compilable = keys.length <= MOST_COMPILED_KEYS && !keys.includes('__proto__');
	}

	make(source: FieldSource): object {
		if (this.#make !== null) return this.#make(source);
		if (++this.#uses === COMPILE_AFTER && this.#compilable) this.#make = compile(this.keys);
		const object = {};
		source.note(object);
		for (const key of this.keys) setField(object, key, source.read());
		return object;
	}
}

export class ReadShapes {
	readonly #table: (ReadShape | undefined)[] = new Array(SLOTS);

	/** Reads hash, length and key block. */
	read(reader: KeySource): ReadShape {
		const slot = reader.uint16() & (SLOTS - 1);
		const size = reader.uint16();
		if (size > reader.end - reader.at) reader.damaged('a key block goes beyond the end');
		const known = this.#table[slot];
		if (known !== undefined && known.block.length === size) {
			const { bytes, at } = reader;
			let i = 0;
			while (i < size && known.block[i] === bytes[at + i]) i++;
			if (i === size) {
				reader.at = at + size;
				return known;
			}
		}
		return this.#learn(reader, slot, size);
	}

	#learn(reader: KeySource, slot: number, size: number): ReadShape {
		const start = reader.at;
		const shape = new ReadShape(reader.strings(), new Uint8Array(reader.bytes.subarray(start, start + size)));
		if (reader.at !== start + size) reader.damaged('a key block has the wrong length');
		this.#table[slot] = shape;
		return shape;
	}
}
