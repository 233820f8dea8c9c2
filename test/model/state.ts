/** A state of a model: memory, where each process is, and what the kernel knows of it. */
import type { Place, Replay } from './replay.ts';

/** What the kernel knows of a process. */
export const LIFE = { awake: 0, asleep: 1, woken: 2, dead: 3 } as const;

export interface State {
	readonly memory: Int32Array;
	readonly places: Place[];
	readonly lives: number[];
}

/** Makes `to` what `from` is: there are millions of copies, and each would be an allocation. */
export function copyInto(to: State, from: State): void {
	to.memory.set(from.memory);
	for (let i = 0; i < from.places.length; i++) {
		to.places[i] = from.places[i]!;
		to.lives[i] = from.lives[i]!;
	}
}

/** Where a dead process was makes no difference any more. */
const GRAVE = 0xffff;

/** Writes a state as 16-bit units. Small numbers and the four highest bits are all that the algorithms use. */
export function encode({ memory, places, lives }: State, units: Uint16Array): void {
	for (let i = 0; i < memory.length; i++) {
		const word = memory[i]!;
		units[i] = (word & 0xfff) | ((word >>> 28) << 12);
		if (decodeWord(units[i]!) !== word) throw new RangeError(`the model cannot store ${word}`);
	}
	for (let i = 0; i < places.length; i++) {
		const life = lives[i]!;
		const place = places[i]!.id;
		if (place >= GRAVE) throw new RangeError('too many places');
		units[memory.length + 2 * i] = life === LIFE.dead ? GRAVE : place;
		units[memory.length + 2 * i + 1] = life;
	}
}

function decodeWord(unit: number): number {
	return (unit & 0xfff) | ((unit >>> 12) << 28);
}

export function decode(units: Uint16Array, replays: readonly Replay[]): State {
	const size = units.length - 2 * replays.length;
	const memory = new Int32Array(size);
	for (let i = 0; i < size; i++) memory[i] = decodeWord(units[i]!);
	const lives = replays.map((_, i) => units[size + 2 * i + 1]!);
	const places = replays.map((replay, i) => replay.places[units[size + 2 * i]!] ?? replay.root(undefined));
	return { memory, places, lives };
}

const CHUNK = 1 << 14;

/** All states found, each once, numbered from 0: a hash table in flat arrays, for there are millions. */
export class States {
	readonly #width: number;
	readonly #chunks: Uint16Array[] = [];
	#table = new Int32Array(1 << 16).fill(-1);
	count = 0;

	constructor(width: number) {
		this.#width = width;
	}

	/** The number of a state; the next one if it is new. */
	number(units: Uint16Array): number {
		if (this.count * 2 > this.#table.length) this.#grow();
		const slot = this.#slotOf(units);
		if (this.#table[slot]! >= 0) return this.#table[slot]!;
		if (this.count % CHUNK === 0) this.#chunks.push(new Uint16Array(CHUNK * this.#width));
		this.#table[slot] = this.count;
		this.at(this.count).set(units);
		return this.count++;
	}

	at(id: number): Uint16Array {
		const start = (id % CHUNK) * this.#width;
		return this.#chunks[Math.floor(id / CHUNK)]!.subarray(start, start + this.#width);
	}

	/** Where a state is in the table, or should be. */
	#slotOf(units: Uint16Array): number {
		const mask = this.#table.length - 1;
		for (let slot = hashOf(units) & mask; ; slot = (slot + 1) & mask) {
			const id = this.#table[slot]!;
			if (id < 0 || this.#equals(id, units)) return slot;
		}
	}

	#equals(id: number, units: Uint16Array): boolean {
		const chunk = this.#chunks[Math.floor(id / CHUNK)]!;
		const start = (id % CHUNK) * this.#width;
		for (let i = 0; i < units.length; i++) if (chunk[start + i] !== units[i]) return false;
		return true;
	}

	#grow(): void {
		this.#table = new Int32Array(this.#table.length * 4).fill(-1);
		for (let id = 0; id < this.count; id++) this.#table[this.#slotOf(this.at(id))] = id;
	}
}

function hashOf(units: Uint16Array): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < units.length; i++) hash = Math.imul(hash ^ units[i]!, 0x01000193);
	hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
	return (hash ^ (hash >>> 13)) >>> 0;
}
