/** Models of processes that put items into a queue and take them out, as Queue does it. */
import { END_WORDS, END as ENDS, QUEUE, SEGMENT } from '../../src/channel/queue-layout.ts';
import { SegmentedQueue, type Segments, type SegmentView, type Takings } from '../../src/channel/segmented-queue.ts';
import { ATTEMPT } from '../../src/sync/queueable.ts';
import { type Passage, type Room, Turnstile } from '../../src/sync/turnstile.ts';
import { WAITER } from '../../src/sync/waiter.ts';
import type { Model } from './model.ts';
import { type ModelProcess, type Program, SLEPT } from './replay.ts';

/** The queue's block begins at word 0, with its body at 16. */
const FIRST_SEGMENT: number = QUEUE.words;
const SEGMENTS = 3;
/** Items are one word, or as many as their value's tens. */
const SEGMENT_WORDS: number = SEGMENT.items + 2;
/** For each segment whether it is in use. */
const IN_USE: number = FIRST_SEGMENT + SEGMENTS * SEGMENT_WORDS;
/** The greatest number an item may have, and how often each has come. */
const MOST_ITEMS = 8;
const SEEN: number = IN_USE + SEGMENTS;
/** How many have been killed between taking an item and saying so. */
export const LOST: number = SEEN + MOST_ITEMS;
/** The item each participant has in its hands. */
const IN_HAND: number = LOST + 1;
const MOST_PROCESSES = 4;
const RECORDS: number = IN_HAND + MOST_PROCESSES;
const RECORD_WORDS = 12;
/** For what is built on it. */
export const END: number = RECORDS + MOST_PROCESSES * RECORD_WORDS;

export function recordOf(participant: number): number {
	return RECORDS + (participant - 1) * RECORD_WORDS;
}

class ModelSegments implements Segments<SegmentView> {
	readonly size: number = SEGMENT_WORDS;
	readonly #process: ModelProcess;

	constructor(process: ModelProcess) {
		this.#process = process;
	}

	open(reference: number): SegmentView {
		const { words } = this.#process;
		const at = (index: number): number => FIRST_SEGMENT + (reference - 1) * SEGMENT_WORDS + index;
		return {
			reference,
			words: {
				load: (index) => words.load(at(index)),
				store: (index, value) => words.store(at(index), value),
				add: (index, value) => words.add(at(index), value),
				exchange: (index, value) => words.exchange(at(index), value),
				compareExchange: (index, expected, value) => words.compareExchange(at(index), expected, value),
			},
		};
	}

	create(_item: number, link: (reference: number) => void): SegmentView {
		for (let i = 0; i < SEGMENTS; i++) {
			if (this.#process.words.compareExchange(IN_USE + i, 0, 1) !== 0) continue;
			link(i + 1);
			return this.open(i + 1);
		}
		this.#process.check(false, 'the model needs more segments');
		return this.open(1);
	}

	finish(): void {}

	/** It is all zeros again, and somebody else's. */
	retire(segment: SegmentView): void {
		for (let word = SEGMENT.next; word < SEGMENT_WORDS; word++) segment.words.store(word, 0);
		this.#process.words.store(IN_USE + segment.reference - 1, 0);
	}
}

/** A queue as a process of the model has it; `most`: its limit; `takings`: who takes note of what is taken. */
export class ModelQueue {
	readonly items: SegmentedQueue<SegmentView>;
	readonly putters: Turnstile;
	readonly takers: Turnstile;
	readonly #most: number;

	constructor(process: ModelProcess, most: number, takings?: Takings) {
		const { words, world } = process;
		this.#most = most;
		this.items = new SegmentedQueue(words, words, new ModelSegments(process), takings);
		this.putters = new Turnstile(words, QUEUE.putters, QUEUE.putters, words, world, () => room(this.#free));
		this.takers = new Turnstile(words, QUEUE.takers, QUEUE.takers, words, world, () => room(this.items.size));
	}

	get #free(): number {
		return this.#most - this.items.size;
	}

	putting(value: number): Passage {
		return {
			need: 1,
			pass: () => {
				if (this.#free <= 0) return false;
				this.items.put({
					words: Math.max(1, Math.floor(value / 10)),
					bytes: 1,
					write: (segment, at) => segment.words.store(at, value),
				});
				return true;
			},
		};
	}

	taking(process: ModelProcess): Passage {
		const { words } = process;
		return {
			need: 1,
			pass: () => {
				if (this.items.size === 0) return false;
				this.items.take({
					bytes: 1,
					read: (segment, at) => {
						const value = segment.words.load(at);
						process.check(value > 0, 'what was taken is no item');
						words.store(IN_HAND + process.me - 1, value);
						return Math.max(1, Math.floor(value / 10));
					},
				});
				return true;
			},
		};
	}
}

function room(free: number): Room {
	let left = free;
	return { admits: () => left-- > 0 };
}

export interface Use {
	/** How many items there may be. */
	readonly most?: number;
	readonly make?: (process: ModelProcess, most: number) => ModelQueue;
	readonly timeouts?: 'may time out';
}

type Side = 'putters' | 'takers';

/** A queue with so many items in it already, of one word each; two at most. */
export function holding(items: number): Record<number, number> {
	const words = Array.from({ length: items }, (_, i) => [FIRST_SEGMENT + SEGMENT.items + i, i + 1] as const);
	const end = QUEUE.putEnds + (items & 1) * END_WORDS;
	const place = { [end + ENDS.segment]: 1, [end + ENDS.at]: SEGMENT.items + items, [end + ENDS.bytes]: items };
	return { ...Object.fromEntries(words), ...place, [QUEUE.put]: items, [QUEUE.firstSegment]: 1, [IN_USE]: 1 };
}

/** The phases of passing a turnstile, from `name` on; afterwards it goes on with the phase `then`. */
export function passing(
	name: string,
	side: Side,
	passage: (queue: ModelQueue, process: ModelProcess) => Passage,
	then: string | undefined,
	{ most = MOST_ITEMS, make = (process, limit) => new ModelQueue(process, limit), timeouts }: Use,
): Program {
	const told = `${name}, told`;
	const waits = `${name}, waits`;
	const parts = (process: ModelProcess): [Turnstile, Passage] => {
		const queue = make(process, most);
		return [queue[side], passage(queue, process)];
	};
	return {
		[name]: (process) => {
			const [turnstile, what] = parts(process);
			return turnstile.tryPass(what) ? told : `${name}, queues`;
		},
		[`${name}, queues`]: (process) => {
			const [turnstile, what] = parts(process);
			return turnstile.enqueue(recordOf(process.me), what) === ATTEMPT.acquired ? told : waits;
		},
		[waits]: (process) => {
			const [turnstile, what] = parts(process);
			const record = recordOf(process.me);
			const slept = process.sleep(record, timeouts);
			if (turnstile.attempt(record, what) === ATTEMPT.acquired) return told;
			if (slept === SLEPT.timeout) {
				turnstile.giveUp(record);
				return then;
			}
			if (slept === SLEPT.tick) turnstile.lookAfter(record);
			return waits;
		},
		[told]: (process) => {
			const queue = make(process, most);
			const mine = IN_HAND + process.me - 1;
			const value = side === 'takers' ? process.words.exchange(mine, 0) : 0;
			if (value > 0) process.words.add(SEEN + (value % 10) - 1, 1);
			queue[side === 'takers' ? 'putters' : 'takers'].wakeNext();
			return then;
		},
	};
}

/** Puts these items, one after another. */
export function puts(values: readonly number[], use: Use = {}): Program {
	const phases: Record<string, Program[string]> = {};
	for (const [i, value] of values.entries()) {
		const then = i + 1 === values.length ? undefined : `puts ${i + 1}`;
		Object.assign(
			phases,
			passing(i === 0 ? 'start' : `puts ${i}`, 'putters', (queue) => queue.putting(value), then, use),
		);
	}
	return phases;
}

/** Takes so many items. */
export function takes(times: number, use: Use = {}): Program {
	const phases: Record<string, Program[string]> = {};
	for (let i = 0; i < times; i++) {
		const then = i + 1 === times ? undefined : `takes ${i + 1}`;
		Object.assign(
			phases,
			passing(i === 0 ? 'start' : `takes ${i}`, 'takers', (queue, process) => queue.taking(process), then, use),
		);
	}
	return phases;
}

/** The model of an empty queue and processes with a record each. */
export function model(programs: readonly Program[], more: Partial<Model> = {}): Model {
	const participants = programs.map((_, i) => i + 1);
	const records = participants.map(recordOf);
	const size = RECORDS + programs.length * RECORD_WORDS;
	const ofQueue = (queue: number, words: readonly number[]): [number, Set<number>] => [
		queue,
		new Set([queue + 2, queue + 3, ...words]),
	];
	const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
	return {
		size,
		programs,
		records,
		initial: Object.fromEntries(participants.map((id) => [recordOf(id) + WAITER.participant, id])),
		constant: new Set(records.map((record) => record + WAITER.participant)),
		guarded: new Map([
			ofQueue(QUEUE.putters, range(QUEUE.putEnds, QUEUE.firstSegment)),
			ofQueue(QUEUE.takers, range(QUEUE.takeEnds, QUEUE.takers)),
		]),
		own: (index, participant) => (index === IN_HAND + participant - 1 ? 'all' : undefined),
		onDeath: (memory, participant) => {
			if (memory[IN_HAND + participant - 1]! > 0) memory[LOST]!++;
		},
		invariant: (_, memory) => {
			const twice = memory.subarray(SEEN, SEEN + MOST_ITEMS).findIndex((times) => times > 1);
			return twice === -1 ? undefined : `item ${twice + 1} came twice`;
		},
		wordName,
		...more,
	};
}

/** For `atEnd`: so many have come, each once. */
export function came(items: number, most: number = items): (memory: Int32Array) => string | undefined {
	return (memory) => {
		const seen = memory.subarray(SEEN, SEEN + MOST_ITEMS).reduce((sum, times) => sum + times, 0);
		return seen >= items && seen <= most ? undefined : `${seen} items came, not ${items}`;
	};
}

function wordName(index: number): string {
	if (index >= RECORDS) {
		const name = Object.entries(WAITER).find(([, offset]) => offset === (index - RECORDS) % RECORD_WORDS)?.[0];
		return `${Math.floor((index - RECORDS) / RECORD_WORDS) + 1}'s ${name}`;
	}
	if (index >= IN_USE) return `note ${index - IN_USE}`;
	if (index >= FIRST_SEGMENT) {
		const offset = index - FIRST_SEGMENT;
		return `segment ${Math.floor(offset / SEGMENT_WORDS) + 1} word ${offset % SEGMENT_WORDS}`;
	}
	return Object.entries(QUEUE).find(([, word]) => word === index)?.[0] ?? `word ${index}`;
}
