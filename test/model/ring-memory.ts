/** A ring of a few words in a model's memory: where everything is, and what the ring's two sides take for a `Ring`. */
import type { Ring } from '../../src/channel/ring.ts';
import { RING } from '../../src/channel/ring-layout.ts';
import type { Words } from '../../src/memory/words.ts';
import type { Mutex } from '../../src/sync/mutex.ts';
import type { Signal } from '../../src/sync/signal.ts';
import type { Model } from './model.ts';
import type { ModelProcess } from './replay.ts';
import { SimpleMutex, SimpleSignal } from './simple-waits.ts';

export const SIZES = { whole: 8, piece: 4 };
const MOST_PROCESSES = 4;
const MOST_MESSAGES = 4;

/** Where a ring's words are in a model's memory; the rest of RING is not used by what is modelled. */
const PLACES: ReadonlyMap<number, string> = new Map([
	[RING.tail, 'tail'],
	[RING.head, 'head'],
	[RING.streaming, 'streaming'],
	[RING.cut, 'cut'],
	[RING.cutAt, 'cutAt'],
	[RING.messageEnd, 'messageEnd'],
	[RING.reading, 'reading'],
]);
export const POSITIONS = new Map([...PLACES.keys()].map((index, i) => [index, i + 1]));
export const WRITE_MUTEX: number = PLACES.size + 1;
export const READ_MUTEX: number = WRITE_MUTEX + 1;
/** One word a process: whether it has its side open. */
export const OPEN: number = READ_MUTEX + 1;
/** One word a message: how often it was received; whether sending it has ended, and how. */
export const GOT: number = OPEN + MOST_PROCESSES;
export const SENT: number = GOT + MOST_MESSAGES;
/** Readers that have died, or left in the middle of a message. */
export const GONE: number = SENT + MOST_MESSAGES;
const DATA: number = GONE + 1;

/** For planted bugs: words by what they are. `dataSignal`: where a reader sleeps for data, in a model of one writer and one reader. */
export const AT = {
	tail: POSITIONS.get(RING.tail)!,
	head: POSITIONS.get(RING.head)!,
	cut: POSITIONS.get(RING.cut)!,
	reading: POSITIONS.get(RING.reading)!,
	data: DATA,
	dataSignal: (capacity: number): number => DATA + capacity + 2,
} as const;

export const SENDING = { complete: 1, aborted: 2 } as const;

export interface RingModel {
	/** For each writer, the words of its messages. A message's number is its place among all. */
	readonly writers: readonly (readonly number[])[];
	readonly readers: number;
	/** Words the ring holds; a power of two. */
	readonly capacity: number;
	/** The first writer may stop in the middle of a message; the first reader may leave there. */
	readonly mayStop?: 'writer' | 'reader';
	readonly deaths?: { readonly of: readonly number[]; readonly most: number };
	readonly ticks?: Model['ticks'];
	/** Where things stand at the beginning: words by name, and what processes (by number) keep. */
	readonly words?: Readonly<Record<string, number>>;
	readonly starts?: Readonly<Record<number, Partial<Local>>>;
	/** A ring that does something else now and then: for bugs that must be found. */
	readonly bug?: (words: Words, process: ModelProcess) => Partial<Words>;
}

/** What a process keeps between two steps. */
export interface Local {
	readonly at: 'steps' | 'looks' | 'sleeps' | 'queues' | 'waits' | 'ends';
	readonly owned: boolean;
	/** Writer: the message it is at, and how far. */
	readonly message: number;
	readonly written: number;
	readonly needed: number;
	readonly awaitsCut: boolean;
	/** Reader: the message it has in part; no words: it skips it. */
	readonly partial?: { end: number; filled: number; words: number[] | null } | undefined;
}

export const START: Local = { at: 'steps', owned: false, message: 0, written: -1, needed: 0, awaitsCut: false };

export interface Layout {
	readonly model: RingModel;
	readonly processes: number;
	readonly records: number;
	readonly size: number;
	/** Message numbers of each writer. */
	readonly messages: readonly (readonly number[])[];
	readonly lengths: readonly number[];
}

export function layoutOf(model: RingModel): Layout {
	const processes = model.writers.length + model.readers;
	const records = DATA + model.capacity;
	let next = 0;
	return {
		model,
		processes,
		records,
		size: records + processes * 2,
		messages: model.writers.map((lengths) => lengths.map(() => next++)),
		lengths: model.writers.flat(),
	};
}

/** Where a process sleeps: for its side's signal, for its side's mutex. Of a waiter's record there is just the state. */
export function recordsOf(layout: Layout, participant: number): { signal: number; mutex: number } {
	const signal = layout.records + (participant - 1) * 2;
	return { signal, mutex: signal + 1 };
}

/** The words of a message: which it is, and which of its words. */
export function wordsOf(layout: Layout, message: number): number[] {
	return Array.from({ length: layout.lengths[message]! }, (_, i) => (message + 1) * 16 + i);
}

/** What RingReader and RingWriter use of a ring, over a model's memory. */
export class ModelRing {
	readonly words: Words;
	readonly waits = {};
	readonly block = { reference: 1 };
	readonly writeMutex: Mutex & SimpleMutex;
	readonly readMutex: Mutex & SimpleMutex;
	readonly data: Signal;
	readonly room: Signal;
	readonly #layout: Layout;
	readonly #process: ModelProcess;
	readonly #memory: Words;

	constructor(layout: Layout, process: ModelProcess) {
		const sound = process.words;
		const memory = { ...sound, ...layout.model.bug?.(sound, process) };
		this.#layout = layout;
		this.#process = process;
		this.#memory = memory;
		const at = (index: number): number => POSITIONS.get(index)!;
		this.words = {
			load: (index) => memory.load(at(index)),
			store: (index, value) => memory.store(at(index), value),
			add: (index, value) => memory.add(at(index), value),
			exchange: (index, value) => memory.exchange(at(index), value),
			compareExchange: (index, expected, value) => memory.compareExchange(at(index), expected, value),
		};
		this.writeMutex = simpleMutex(process, memory, WRITE_MUTEX, waitRecords(layout, 'writers', 'mutex'));
		this.readMutex = simpleMutex(process, memory, READ_MUTEX, waitRecords(layout, 'readers', 'mutex'));
		this.data = new SimpleSignal(memory, process.world, waitRecords(layout, 'readers', 'signal')) as unknown as Signal;
		this.room = new SimpleSignal(memory, process.world, waitRecords(layout, 'writers', 'signal')) as unknown as Signal;
	}

	has(side: Side, thorough: boolean): boolean {
		const count = this.#layout.model.writers.length;
		const [first, end] = side === 'writers' ? [0, count] : [count, this.#layout.processes];
		let held = false;
		for (let i = first; i < end; i++) {
			if (this.#memory.load(OPEN + i) === 0) continue;
			if (thorough && !this.#process.world.isAlive(i + 1)) this.#memory.store(OPEN + i, 0);
			else if (!thorough) return true;
			else held = true;
		}
		return held;
	}

	/** This process has no side open any more. */
	leave(side: Side): void {
		this.#memory.store(OPEN + this.#process.me - 1, 0);
		if (side === 'writers') this.data.notifyAll();
		else this.room.notifyAll();
	}

	get head(): number {
		return this.words.load(RING.head);
	}

	get tail(): number {
		return this.words.load(RING.tail);
	}

	get used(): number {
		return (this.head - this.tail) * 4;
	}

	get free(): number {
		return this.#layout.model.capacity * 4 - this.used;
	}

	#place(position: number): number {
		return DATA + (position & (this.#layout.model.capacity - 1));
	}

	copyIn(position: number, source: Uint8Array): void {
		const words = new DataView(source.buffer, source.byteOffset, source.length);
		for (let i = 0; i < source.length; i += 4)
			this.#memory.store(this.#place(position + i / 4), words.getInt32(i, true));
	}

	copyOut(position: number, target: Uint8Array): void {
		const words = new DataView(target.buffer, target.byteOffset, target.length);
		for (let i = 0; i < target.length; i += 4)
			words.setInt32(i, this.#memory.load(this.#place(position + i / 4)), true);
	}

	window(position: number, length: number): Uint8Array {
		this.#process.check(length >= 0 && length <= 64, `a message of ${length} bytes`);
		const copy = new Uint8Array(length);
		this.copyOut(position, copy);
		return copy;
	}

	lengthAt(position: number): number {
		const length = this.#memory.load(this.#place(position));
		this.#process.check(this.#layout.lengths.includes(length / 4), `a header says ${length} bytes`);
		return length;
	}

	putLength(position: number, length: number): void {
		this.#memory.store(this.#place(position), length);
	}

	/** What the product's classes take it for. */
	get asRing(): Ring {
		return this as unknown as Ring;
	}
}

type Side = 'readers' | 'writers';

function participantsOn(layout: Layout, side: Side): number[] {
	const writers = layout.model.writers.length;
	const all = Array.from({ length: layout.processes }, (_, i) => i + 1);
	return all.filter((participant) => participant <= writers === (side === 'writers'));
}

function waitRecords(layout: Layout, side: Side, what: 'signal' | 'mutex'): number[] {
	return participantsOn(layout, side).map((participant) => recordsOf(layout, participant)[what]);
}

function simpleMutex(process: ModelProcess, words: Words, owner: number, records: number[]): Mutex & SimpleMutex {
	return new SimpleMutex(process, words, owner, records) as unknown as Mutex & SimpleMutex;
}

export function wordName(layout: Layout, index: number): string {
	const areas: [number, string][] = [
		[layout.records, 'record word'],
		[DATA, 'data'],
		[GONE, 'gone'],
		[SENT, 'sent'],
		[GOT, 'got'],
		[OPEN, 'open'],
		[READ_MUTEX, 'read mutex'],
		[WRITE_MUTEX, 'write mutex'],
	];
	for (const [start, name] of areas) if (index >= start) return `${name} ${index - start}`;
	return [...PLACES.values()][index - 1]!;
}
