/**
 * What the parts of the encoder see of it: bytes, identities, the list of modules, and "write this value too". Each part
 * (built-in types, instances, functions) writes its own kinds and hands everything inside them back through this.
 */
import { ByteWriter } from './byte-writer.ts';
import type { Destination } from './handoff.ts';
import * as tag from './tags.ts';
import { located } from './unpicklable.ts';
import { WrittenShapes } from './written-shapes.ts';

/** Up to so many objects a linear search beats a Map. */
const LINEAR = 10;

export abstract class ValueWriter extends ByteWriter {
	/** Who will hold the shared objects in this message. */
	destination: Destination = null;
	readonly shapes: WrittenShapes = new WrittenShapes();
	readonly #modules: string[] = [];
	/** The first objects of the message. */
	readonly #seen: unknown[] = new Array(LINEAR).fill(null);
	#count = 0;
	#numbers: Map<unknown, number> | null = null;

	abstract write(value: unknown): void;

	/** Writes a plain object's (or an instance's) keys and values. */
	abstract fields(object: object, keys: string[]): void;

	/** Writes an array's items, and whatever else it has. */
	abstract array(array: unknown[]): void;

	/** Has everything that `write` writes in one place: the receiver will use it before the end of the message. */
	abstract together(write: () => void): void;

	/** Forgets the last message. */
	start(destination: Destination, most: number = Number.POSITIVE_INFINITY): void {
		this.rewind();
		this.most = most;
		this.byte(tag.PLAIN);
		this.destination = destination;
		this.shapes.startMessage();
	}

	/** Lets go of everything this message referred to. */
	release(): void {
		for (let i = Math.min(this.#count, LINEAR); i-- > 0; ) this.#seen[i] = null;
		this.#count = 0;
		this.#numbers = null;
		if (this.#modules.length > 0) this.#modules.length = 0;
		this.destination = null;
	}

	/** Writes a value that sits inside another one, at `step` of it. */
	inside(step: string, value: unknown): void {
		try {
			this.write(value);
		} catch (error) {
			throw located(error, step);
		}
	}

	/** If `object` is in this message already, refers to it. If not, it has the next number from now on. */
	refer(object: unknown): boolean {
		const seen = this.#seen;
		const count = this.#count;
		if (count >= LINEAR) return this.#referByMap(object);
		for (let i = 0; i < count; i++) {
			if (seen[i] === object) {
				this.byte(tag.REF);
				this.varint(i);
				return true;
			}
		}
		seen[count] = object;
		this.#count = count + 1;
		return false;
	}

	#referByMap(object: unknown): boolean {
		this.#numbers ??= new Map(this.#seen.map((seen, number) => [seen, number]));
		const number = this.#numbers.get(object);
		if (number === undefined) {
			this.#numbers.set(object, this.#numbers.size);
			return false;
		}
		this.byte(tag.REF);
		this.varint(number);
		return true;
	}

	/** Refers to a module by its place in the message's list. */
	module(name: string): void {
		let number = this.#modules.indexOf(name);
		if (number < 0) number = this.#modules.push(name) - 1;
		this.varint(number);
	}

	strings(list: readonly string[]): void {
		this.varint(list.length);
		for (const text of list) this.string(text);
	}

	/** Ends the message, which is `bytes` up to `at`: the list of modules, if there is one. */
	finish(): void {
		if (this.#modules.length > 0) {
			const list = this.at;
			this.strings(this.#modules);
			this.float64(list);
			this.bytes[0] = tag.MODULES;
		}
	}
}
