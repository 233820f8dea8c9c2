/**
 * Models of processes that send and receive through one ring: the very `RingWriter` and `RingReader`, driven step by
 * step as the pump drives them, over a ring of a few words. What they keep to themselves between two steps is part of
 * a phase's name; everything else is in memory.
 *
 * A message is some words that say which message they are of, so a torn one is recognised. Pieces are one word, a
 * message of one word is published whole.
 */
import { BrokenPipeError, EOFError } from '../../src/base/errors.ts';
import { Incoming, Outgoing } from '../../src/channel/message.ts';
import { RING } from '../../src/channel/ring-layout.ts';
import { RingReader } from '../../src/channel/ring-reader.ts';
import { RingWriter } from '../../src/channel/ring-writer.ts';
import type { Signal } from '../../src/sync/signal.ts';
import type { Model } from './model.ts';
import { type ModelProcess, type Phase, type Program, SLEPT } from './replay.ts';
import {
	GONE,
	GOT,
	type Layout,
	type Local,
	layoutOf,
	ModelRing,
	OPEN,
	POSITIONS,
	READ_MUTEX,
	type RingModel,
	recordsOf,
	SENDING,
	SENT,
	SIZES,
	START,
	WRITE_MUTEX,
	wordName,
	wordsOf,
} from './ring-memory.ts';
import { ID } from './simple-waits.ts';

const OWNER = {};

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
		const message = new Outgoing('send', OWNER, bytesOf(wordsOf(layout, number)));
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
			partial: partial && {
				end: partial.end,
				filled: partial.filled,
				buffer: buffer ?? undefined,
				length: buffer?.length ?? 0,
			},
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
				const request = new Incoming('recv', OWNER, {
					use: (bytes) => {
						got = toWords(bytes);
						return undefined;
					},
					place: (length) => Buffer.alloc(length),
				});
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
					reader.close();
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
	// Where somebody may die, a reader looks after the writers' side as well.
	if (isAlone && index === mutex && !(isWriter && model.deaths)) return 'all';
	if ((memory[mutex]! & ID) !== participant) return undefined;
	if (index === STREAMING && isWriter && !model.deaths) return 'all';
	return (isWriter ? WRITERS_WORDS : READERS_WORDS).get(index);
}

const STREAMING = POSITIONS.get(RING.streaming)!;

const WRITERS_WORDS = new Map([
	[STREAMING, 'loads'],
	[POSITIONS.get(RING.head)!, 'loads'],
	[POSITIONS.get(RING.cutAt)!, 'loads'],
] as const);
const READERS_WORDS = new Map([
	[POSITIONS.get(RING.messageEnd)!, 'all'],
	[POSITIONS.get(RING.reading)!, 'all'],
	[POSITIONS.get(RING.tail)!, 'loads'],
] as const);
