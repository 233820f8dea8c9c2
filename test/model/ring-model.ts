/**
 * Models of processes that send and receive through one ring: the very `RingWriter` and `RingReader`, driven step by
 * step as the pump drives them, over a ring of a few words. What they keep to themselves between two steps is part of
 * a phase's name; everything else is in memory.
 *
 * A message is some words that say which message they are of, so a torn one is recognised. Pieces are one word, a
 * message of one word is published whole.
 */
import { BrokenPipeError, EOFError } from '../../src/base/errors.ts';
import type { Ring } from '../../src/channel/ring.ts';
import { RING } from '../../src/channel/ring-layout.ts';
import { Incoming, RingReader } from '../../src/channel/ring-reader.ts';
import { Outgoing, RingWriter } from '../../src/channel/ring-writer.ts';
import type { Words } from '../../src/memory/words.ts';
import type { Mutex } from '../../src/sync/mutex.ts';
import type { Signal } from '../../src/sync/signal.ts';
import { WAITER, WAITER_STATE, type WaitWorld } from '../../src/sync/waiter.ts';
import type { Model } from './model.ts';
import { type ModelProcess, type Phase, type Program, SLEPT } from './replay.ts';

const SIZES = { whole: 8, piece: 4 };
const MOST_PROCESSES = 3;
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
const POSITIONS = new Map([...PLACES.keys()].map((index, i) => [index, i + 1]));
const WRITE_MUTEX: number = PLACES.size + 1;
const READ_MUTEX: number = WRITE_MUTEX + 1;
/** One word a process: whether it has its side open. */
const OPEN: number = READ_MUTEX + 1;
/** One word a message: how often it was received; whether sending it has ended, and how. */
const GOT: number = OPEN + MOST_PROCESSES;
const SENT: number = GOT + MOST_MESSAGES;
/** Readers that have died, or left in the middle of a message. */
const GONE: number = SENT + MOST_MESSAGES;
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

const SENDING = { complete: 1, aborted: 2 } as const;

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

const START: Local = { at: 'steps', owned: false, message: 0, written: -1, needed: 0, awaitsCut: false };

interface Layout {
	readonly model: RingModel;
	readonly processes: number;
	readonly records: number;
	readonly size: number;
	/** Message numbers of each writer. */
	readonly messages: readonly (readonly number[])[];
	readonly lengths: readonly number[];
}

function layoutOf(model: RingModel): Layout {
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
function recordsOf(layout: Layout, participant: number): { signal: number; mutex: number } {
	const signal = layout.records + (participant - 1) * 2;
	return { signal, mutex: signal + 1 };
}

/** The words of a message: which it is, and which of its words. */
function wordsOf(layout: Layout, message: number): number[] {
	return Array.from({ length: layout.lengths[message]! }, (_, i) => (message + 1) * 16 + i);
}

/** What `Signal` promises (signal.test.ts proves it), in fewer steps: a waiter that is subscribed is woken. */
class SimpleSignal implements Pick<Signal, 'subscribe' | 'unsubscribe' | 'notifyAll'> {
	readonly #words: Words;
	readonly #world: WaitWorld;
	readonly #records: readonly number[];

	constructor(words: Words, world: WaitWorld, records: readonly number[]) {
		this.#words = words;
		this.#world = world;
		this.#records = records;
	}

	subscribe(record: number): void {
		this.#words.store(record + WAITER.state, WAITER_STATE.waiting);
	}

	unsubscribe(record: number): void {
		this.#words.store(record + WAITER.state, WAITER_STATE.idle);
	}

	notifyAll(): void {
		for (const record of this.#records) {
			const state = record + WAITER.state;
			const was = this.#words.compareExchange(state, WAITER_STATE.waiting, WAITER_STATE.granted);
			if (was === WAITER_STATE.waiting) this.#world.wake(record);
		}
	}
}

const DIED = 1 << 30;
const ID = 0xff;

/** What `Mutex` promises (mutex.test.ts proves it), in fewer steps: exclusion, waiters that are woken, word of a death. */
class SimpleMutex implements Pick<Mutex, 'tryAcquire' | 'release' | 'ownerDied'> {
	readonly #process: ModelProcess;
	readonly #words: Words;
	readonly #owner: number;
	readonly #waiters: SimpleSignal;

	constructor(process: ModelProcess, words: Words, owner: number, records: readonly number[]) {
		this.#process = process;
		this.#words = words;
		this.#owner = owner;
		this.#waiters = new SimpleSignal(words, process.world, records);
	}

	tryAcquire(): boolean {
		return this.#words.compareExchange(this.#owner, 0, this.#process.me) === 0;
	}

	release(): boolean {
		this.#words.store(this.#owner, 0);
		this.#waiters.notifyAll();
		return true;
	}

	ownerDied(): boolean {
		return (this.#words.load(this.#owner) & DIED) !== 0;
	}

	/** What waiting for it comes to: queueing, or having slept. True: acquired. */
	advance(record: number, at: 'queues' | 'waits'): boolean {
		const ticked = at === 'waits' && this.#process.sleep(record) === SLEPT.tick;
		this.#waiters.subscribe(record);
		if (!(this.tryAcquire() || (ticked && this.#takeFromDead()))) return false;
		this.#waiters.unsubscribe(record);
		return true;
	}

	#takeFromDead(): boolean {
		const state = this.#words.load(this.#owner);
		if ((state & ID) === 0 || this.#process.world.isAlive(state & ID)) return false;
		return this.#words.compareExchange(this.#owner, state, DIED | this.#process.me) === state;
	}
}

/** What RingReader and RingWriter use of a ring, over a model's memory. */
class ModelRing {
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

function bytesOf(words: readonly number[]): Uint8Array {
	return new Uint8Array(Int32Array.from(words).buffer);
}

function toWords(bytes: Uint8Array): number[] {
	return [...new Int32Array(new Uint8Array(bytes).buffer)];
}

type Steps = (process: ModelProcess, local: Local) => Local | undefined;

/** Phases whose names are what the process keeps. */
function programOf(start: Partial<Local> | undefined, steps: Steps): Program {
	const phase = (name: string): Phase => {
		const local = name === 'start' ? { ...START, ...start } : (JSON.parse(name) as Local);
		return (process) => {
			const next = steps(process, local);
			return next && JSON.stringify(next);
		};
	};
	return new Proxy({}, { get: (_, name) => phase(String(name)) });
}

function isEnd(error: unknown): boolean {
	return error instanceof EOFError || error instanceof BrokenPipeError;
}

function writerProgram(layout: Layout, participant: number): Program {
	const mine = layout.messages[participant - 1]!;
	const records = recordsOf(layout, participant);
	const mayStop = layout.model.mayStop === 'writer' && participant === 1;
	return programOf(layout.model.starts?.[participant], (process, local) => {
		const ring = new ModelRing(layout, process);
		const writer = new RingWriter(ring.asRing, SIZES, local);
		const number = mine[local.message]!;
		const keep = (at: Local['at'], written = local.written): Local => {
			const waits = at === 'looks' || at === 'sleeps';
			return {
				...local,
				...(waits ? writer.progress : { ...START, owned: writer.progress.owned }),
				message: local.message,
				at,
				written,
			};
		};
		const then = (): Local => {
			const next = { message: local.message + 1, written: -1 };
			return { ...START, ...next, at: next.message < mine.length ? 'steps' : 'ends' };
		};
		if (local.at === 'ends') return void ring.leave('writers');
		const message = new Outgoing(bytesOf(wordsOf(layout, number)), undefined);
		message.written = local.written;
		switch (local.at) {
			case 'steps': {
				try {
					const need = writer.step(message);
					if (need !== undefined) return keep(need === 'mutex' ? 'queues' : 'looks', message.written);
				} catch (error) {
					if (!isEnd(error)) throw error;
					return { ...START, at: 'ends' };
				}
				process.words.store(SENT + number, SENDING.complete);
				return then();
			}
			case 'looks':
				if (mayStop && local.written >= 0 && process.choose(2) === 1) {
					writer.giveUp(message);
					process.words.store(SENT + number, SENDING.aborted);
					return then();
				}
				return keep(look(ring.room, records.signal, () => writer.ready(false)));
			case 'sleeps':
				return keep(sleepUntil(process, ring.room, records.signal, () => writer.ready(true)));
			default: {
				if (!ring.writeMutex.advance(records.mutex, local.at)) return keep('waits');
				writer.acquired();
				return keep('steps');
			}
		}
	});
}

function readerProgram(layout: Layout, participant: number): Program {
	const records = recordsOf(layout, participant);
	const mayStop = layout.model.mayStop === 'reader' && participant === layout.model.writers.length + 1;
	return programOf(layout.model.starts?.[participant], (process, local) => {
		const ring = new ModelRing(layout, process);
		const { partial } = local;
		const buffer = partial?.words && Buffer.from(bytesOf(partial.words));
		const reader = new RingReader(ring.asRing, {
			owned: local.owned,
			partial: partial && { end: partial.end, filled: partial.filled, buffer: buffer ?? undefined },
		});
		const keep = (at: Local['at']): Local => {
			const { owned, partial } = reader.progress;
			if (partial === undefined) return { ...START, at, owned };
			const words = partial.buffer === undefined ? null : toWords(partial.buffer.fill(0, partial.filled));
			return { ...START, at, owned, partial: { end: partial.end, filled: partial.filled, words } };
		};
		switch (local.at) {
			case 'ends':
				return void ring.leave('readers');
			case 'steps': {
				let got: number[] = [];
				const request = new Incoming(
					{
						use: (bytes) => {
							got = toWords(bytes);
							return undefined;
						},
						place: (length) => Buffer.alloc(length),
					},
					() => {},
					() => {},
				);
				try {
					const need = reader.step(request, true);
					if (need !== undefined) return keep(need === 'mutex' ? 'queues' : 'looks');
				} catch (error) {
					if (!isEnd(error)) throw error;
					return keep('ends');
				}
				receive(process, layout, got);
				return keep('steps');
			}
			case 'looks':
				if (mayStop && partial !== undefined && process.choose(2) === 1) {
					reader.close(undefined);
					process.words.add(GONE, 1);
					return { ...START, at: 'ends' };
				}
				return keep(look(ring.data, records.signal, () => reader.ready(false)));
			case 'sleeps':
				return keep(sleepUntil(process, ring.data, records.signal, () => reader.ready(true)));
			default: {
				if (!ring.readMutex.advance(records.mutex, local.at)) return keep('waits');
				reader.acquired();
				return keep('steps');
			}
		}
	});
}

function receive(process: ModelProcess, layout: Layout, words: readonly number[]): void {
	const message = (words[0]! >> 4) - 1;
	process.check(words.join() === wordsOf(layout, message).join(), `a torn message: ${words}`);
	process.check(process.words.add(GOT + message, 1) === 0, `message ${message} came twice`);
}

/** As `waiting.ts` does it: subscribed, then looked once more. */
function look(signal: Signal, record: number, ready: () => boolean): Local['at'] {
	signal.subscribe(record);
	if (!isReady(ready)) return 'sleeps';
	signal.unsubscribe(record);
	return 'steps';
}

function sleepUntil(process: ModelProcess, signal: Signal, record: number, ready: () => boolean): Local['at'] {
	if (process.sleep(record) !== SLEPT.tick) return 'looks';
	if (!isReady(ready)) return 'sleeps';
	signal.unsubscribe(record);
	return 'steps';
}

/** What `ready` throws, the next step throws as well. */
function isReady(ready: () => boolean): boolean {
	try {
		return ready();
	} catch (error) {
		if (!isEnd(error)) throw error;
		return true;
	}
}

/** What is wrong at the end: a message that was sent and not received, or was given up and received. */
function lost(layout: Layout, memory: Int32Array): string | undefined {
	const missing: number[] = [];
	for (const message of layout.lengths.keys()) {
		const [sent, got] = [memory[SENT + message], memory[GOT + message]!];
		if (sent === SENDING.complete && got === 0) missing.push(message);
		if (sent === SENDING.aborted && got > 0) return `message ${message} was given up and received`;
	}
	if (memory[GONE] === layout.model.readers || missing.length <= memory[GONE]!) return undefined;
	return `lost: messages ${missing}`;
}

export function ringModel(given: RingModel): Model {
	const layout = layoutOf(given);
	const participants = Array.from({ length: layout.processes }, (_, i) => i + 1);
	const initial: Record<number, number> = {};
	for (const participant of participants) initial[OPEN + participant - 1] = 1;
	for (const [name, value] of Object.entries(given.words ?? {})) {
		const index = Array.from({ length: layout.size }, (_, i) => i).find((i) => i > 0 && wordName(layout, i) === name);
		initial[index!] = value;
	}
	return {
		size: layout.size,
		initial,
		programs: participants.map((participant) =>
			participant <= given.writers.length ? writerProgram(layout, participant) : readerProgram(layout, participant),
		),
		records: [],
		own: (index, participant, memory) => ownership(layout, index, participant, memory),
		onDeath: (memory, participant) => {
			if (participant > given.writers.length && memory[OPEN + participant - 1] === 1) memory[GONE]!++;
		},
		...(given.deaths && { deaths: given.deaths }),
		...(given.ticks && { ticks: given.ticks }),
		atEnd: (memory) => lost(layout, memory),
		wordName: (index) => wordName(layout, index),
	};
}

/**
 * Positions and marks belong to whoever holds the side's mutex. Where one process has a side for itself, its mutex is
 * its own as well.
 */
function ownership(
	{ model }: Layout,
	index: number,
	participant: number,
	memory: Int32Array,
): 'all' | 'loads' | undefined {
	const isWriter = participant <= model.writers.length;
	const mutex = isWriter ? WRITE_MUTEX : READ_MUTEX;
	const isAlone = (isWriter ? model.writers.length : model.readers) === 1;
	if (isAlone && index === mutex) return 'all';
	if ((memory[mutex]! & ID) !== participant) return undefined;
	return (isWriter ? WRITERS_WORDS : READERS_WORDS).get(index);
}

const WRITERS_WORDS = new Map([
	[POSITIONS.get(RING.streaming)!, 'all'],
	[POSITIONS.get(RING.head)!, 'loads'],
	[POSITIONS.get(RING.cutAt)!, 'loads'],
] as const);
const READERS_WORDS = new Map([
	[POSITIONS.get(RING.messageEnd)!, 'all'],
	[POSITIONS.get(RING.reading)!, 'all'],
	[POSITIONS.get(RING.tail)!, 'loads'],
] as const);

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

function wordName(layout: Layout, index: number): string {
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

/** Two writers: the first is in the middle of a streamed message, of which the reader has taken some words. */
export function halfWritten(more: Partial<RingModel> & { readSoFar?: number }): Model {
	const { readSoFar = 0, ...rest } = more;
	const taken = { 'read mutex 0': 3, tail: 2, messageEnd: 4, reading: 1 };
	const reader: Partial<Local> = { owned: true, partial: { end: 4, filled: 4, words: [16, 0, 0] } };
	return ringModel({
		writers: [[3], [1]],
		readers: 1,
		capacity: 4,
		words: {
			'write mutex 0': 1,
			streaming: 1,
			head: 3,
			'data 0': 12,
			'data 1': 16,
			'data 2': 17,
			...(readSoFar > 0 ? taken : {}),
		},
		starts: { 1: { owned: true, written: 8 }, ...(readSoFar > 0 ? { 3: reader } : {}) },
		...rest,
	});
}

/** Two readers: the first is in the middle of a streamed message, as the writer is; another message comes behind it. */
export function halfRead(more: Partial<RingModel>): Model {
	return ringModel({
		writers: [[3, 1]],
		readers: 2,
		capacity: 4,
		words: {
			'write mutex 0': 1,
			streaming: 1,
			head: 3,
			'data 0': 12,
			'data 1': 16,
			'data 2': 17,
			'read mutex 0': 2,
			tail: 2,
			messageEnd: 4,
			reading: 1,
		},
		starts: {
			1: { owned: true, written: 8 },
			2: { owned: true, partial: { end: 4, filled: 4, words: [16, 0, 0] } },
		},
		...more,
	});
}

/** The same, when the writer has written everything and gone. */
export function halfReadOfAll(more: Partial<RingModel>): Model {
	return ringModel({
		writers: [[3, 1]],
		readers: 2,
		capacity: 8,
		words: {
			'open 0': 0,
			'sent 0': 1,
			'sent 1': 1,
			head: 6,
			'data 0': 12,
			'data 1': 16,
			'data 2': 17,
			'data 3': 18,
			'data 4': 4,
			'data 5': 32,
			'read mutex 0': 2,
			tail: 2,
			messageEnd: 4,
			reading: 1,
		},
		starts: {
			1: { at: 'ends' },
			2: { owned: true, partial: { end: 4, filled: 4, words: [16, 0, 0] } },
		},
		...more,
	});
}

/** Two readers: the first is in the middle of a message that was cut short, two whole ones are behind it. */
export function afterACut(more: Partial<RingModel>): Model {
	return ringModel({
		writers: [[5], [1, 1]],
		readers: 2,
		capacity: 8,
		words: {
			tail: 2,
			head: 6,
			cut: 1,
			cutAt: 2,
			messageEnd: 6,
			reading: 1,
			'read mutex 0': 3,
			'data 0': 20,
			'data 1': 16,
			'data 2': 4,
			'data 3': 32,
			'data 4': 4,
			'data 5': 48,
			'open 0': 0,
			'open 1': 0,
			'sent 1': 1,
			'sent 2': 1,
		},
		starts: {
			1: { at: 'ends' },
			2: { at: 'ends' },
			3: { owned: true, partial: { end: 6, filled: 4, words: [16, 0, 0, 0, 0] } },
		},
		...more,
	});
}
