/** Models of processes that take items and say that they are done, and of one that waits until all are: JoinableQueue. */
import { COUNT_WORDS, QUEUE } from '../../src/channel/queue-layout.ts';
import { Tally } from '../../src/channel/tally.ts';
import type { Model } from './model.ts';
import { END, holding, ModelQueue, passing, model as queueModel } from './queue-model.ts';
import { type ModelProcess, type Program, SLEPT } from './replay.ts';
import { SimpleSignal } from './simple-waits.ts';

const SLOTS = 5;
/** Entries of the tally. */
const COUNTS: number = END;
/** The records of two that wait for all to be done: only their states are used. */
const JOINING: number = COUNTS + SLOTS * COUNT_WORDS;
/** Notes of the model: items each has taken and not begun to call done; how many times that was begun; how far each is. */
const HELD: number = JOINING + 2;
const DONES: number = HELD + SLOTS;
const FAR: number = DONES + 1;
/** Whether all was done at any moment since the wait for it began. */
const WAS_DONE: number = FAR + SLOTS;
const SIZE: number = WAS_DONE + 1;

/** Whether a word is one of the tally's. */
export function isCount(index: number): boolean {
	return index >= COUNTS && index < JOINING;
}

/** How far a process is: bits. */
const HAS_HANDED_ON = 1;
const GONE = 2;

/** A queue that counts, as a process of the model has it. */
export class JoinableModel extends ModelQueue {
	readonly tally: Tally;
	readonly #words: ModelProcess['words'];
	readonly #allDone: SimpleSignal;

	constructor(process: ModelProcess, most: number, tally: Tally = tallyOf(process)) {
		super(process, most, {
			taking: (item) => {
				// Before anybody could miss it; whoever dies before it is the queue's again holds nothing.
				process.words.add(HELD + process.me - 1, 1);
				tally.taking(item);
			},
		});
		this.tally = tally;
		this.#words = process.words;
		this.#allDone = new SimpleSignal(process.words, process.world, [JOINING, JOINING + 1]);
	}

	/** As `DoneCount.add`. */
	taskDone(): boolean {
		if (!this.tally.finishOwn() && !this.finishOther()) return false;
		if (this.tally.isAllDone(false)) this.#allDone.notifyAll();
		return true;
	}

	protected finishOther(): boolean {
		return this.takers.exclusively(() => this.tally.finishOther());
	}

	subscribe(record: number): void {
		this.#allDone.subscribe(record);
	}

	unsubscribe(record: number): void {
		this.#allDone.unsubscribe(record);
	}

	/** The model's own note that an item of somebody's is done, taken as soon as that is about to be said. */
	note(holder: number): void {
		const held = this.#words.load(HELD + holder - 1);
		if (held > 0) this.#words.compareExchange(HELD + holder - 1, held, held - 1);
		this.#words.add(DONES, 1);
	}

	noteAhead(): void {
		this.#words.add(DONES, 1);
	}
}

export type Make = (process: ModelProcess, most: number) => JoinableModel;

const plain: Make = (process, most) => new JoinableModel(process, most);

/** The tally in a process's words, or in others. */
export function tallyOf(process: ModelProcess, words: ModelProcess['words'] = process.words): Tally {
	const { me, world } = process;
	const isAlive = (participant: number): boolean => world.isAlive(participant);
	return new Tally(words, COUNTS, { me, isAlive, isKnown: () => true, slots: SLOTS, usedSlots: SLOTS });
}

/**
 * What a process does, one after another: takes an item; is done with one; leaves one to another process; is done with one
 * that nobody has taken yet.
 */
export type Deed = 'take' | 'done' | 'hand on' | 'done ahead';

export function works(deeds: readonly Deed[], make: Make = plain, then?: Program): Program {
	const phases: Record<string, Program[string]> = {};
	for (const [i, deed] of deeds.entries()) {
		const name = i === 0 ? 'start' : `${deed} ${i}`;
		const then = i + 1 === deeds.length ? 'ends' : `${deeds[i + 1]} ${i + 1}`;
		if (deed === 'take') Object.assign(phases, takes(name, then, make));
		else if (deed === 'hand on') phases[name] = handsOn(then);
		else Object.assign(phases, says(name, then, deed, make));
	}
	const { start, ...rest } = then ?? {};
	const ends: Program[string] = ({ me, words }) => {
		words.add(FAR + me - 1, GONE);
		return start === undefined ? undefined : 'afterwards';
	};
	return { ...phases, ends, ...(start === undefined ? {} : { ...rest, afterwards: start }) };
}

/** When one or two others are gone, takes what they have left in the queue, and does it. */
export function clears(first: number, second: number = first): Program {
	const waits = (other: number, here: string, then: string): Program[string] => {
		return ({ words }) => ((words.load(FAR + other - 1) & GONE) !== 0 ? then : here);
	};
	return {
		start: waits(first, 'waits', 'waits for both'),
		waits: waits(first, 'waits', 'waits for both'),
		'waits for both': waits(second, 'waits for both', 'takes'),
		takes: (process) => {
			const queue = plain(process, 9);
			return queue.takers.tryPass(queue.taking(process)) ? 'says' : undefined;
		},
		says: (process) => {
			const queue = plain(process, 9);
			queue.note(process.me);
			queue.taskDone(); // one too many, if it was done before it was taken
			return 'takes';
		},
	};
}

function takes(name: string, then: string | undefined, make: Make): Program {
	return passing(name, 'takers', (queue, process) => queue.taking(process), then, { make });
}

function handsOn(then: string): Program[string] {
	return ({ me, words }) => {
		words.add(FAR + me - 1, HAS_HANDED_ON);
		return then;
	};
}

function says(name: string, then: string | undefined, deed: Deed, make: Make): Program {
	return {
		[name]: (process) => {
			const queue = make(process, 9);
			if (deed === 'done') queue.note(process.me);
			else queue.noteAhead();
			process.check(queue.taskDone(), 'an item that was not done is one too many');
			return then;
		},
	};
}

/** Says that an item is done which `holder` hands on; ends if that one dies before. */
export function saysFor(holder: number, make: Make = plain): Program {
	return {
		start: ({ words }) => {
			const far = words.load(FAR + holder - 1);
			if (far === 0) return 'start';
			return (far & HAS_HANDED_ON) !== 0 ? 'says' : undefined;
		},
		says: (process) => {
			const queue = make(process, 9);
			queue.note(holder);
			process.check(queue.taskDone(), 'an item that was not done is one too many');
			return undefined;
		},
	};
}

/** Waits until all is done, as waiting.ts does; and then, perhaps, it is so for good: another one is one too many. */
export function joins(then?: 'and that is all', make: Make = plain, record: number = JOINING): Program {
	const end = (process: ModelProcess): string | undefined => {
		make(process, 9).unsubscribe(record);
		process.check(process.words.load(WAS_DONE) === 1, 'it has joined while somebody had an item');
		return then;
	};
	const looks = (process: ModelProcess, thorough: boolean): string | undefined =>
		make(process, 9).tally.isAllDone(thorough) ? end(process) : 'sleeps';
	const subscribes = (next: string): Program[string] => {
		return (process) => {
			make(process, 9).subscribe(record);
			return next;
		};
	};
	return {
		start: ({ words }) => {
			words.store(WAS_DONE, 0);
			return 'subscribes';
		},
		subscribes: subscribes('looks'),
		looks: (process) => looks(process, false),
		sleeps: (process) => (process.sleep(record) === SLEPT.tick ? 'looks well' : 'subscribes again'),
		'subscribes again': subscribes('looks well'),
		'looks well': (process) => looks(process, true),
		'and that is all': (process) => {
			process.check(!make(process, 9).taskDone(), 'one too many is none');
			return undefined;
		},
	};
}

/** Another one that waits. */
export function joinsToo(): Program {
	return joins(undefined, plain, JOINING + 1);
}

/** Some programs, the one that joins being the last, over a queue with so many items. */
export function model(items: number, programs: readonly Program[], more: Partial<Model> = {}): Model {
	const base = queueModel(programs);
	const isDone = (memory: Int32Array): boolean => {
		if (memory[QUEUE.put] === memory[DONES]) return true;
		const isHeld = memory.subarray(HELD, HELD + SLOTS).some((held) => held > 0);
		return memory[QUEUE.put] === memory[QUEUE.taken] && !isHeld;
	};
	return {
		...base,
		size: SIZE,
		initial: { ...base.initial, ...holding(items) },
		observe: (memory) => {
			if (isDone(memory)) memory[WAS_DONE] = 1;
		},
		onDeath: (memory, participant) => {
			base.onDeath?.(memory, participant);
			memory[HELD + participant - 1] = 0;
			memory[FAR + participant - 1]! |= GONE;
		},
		wordName: (index) => {
			if (index >= HELD) return `note ${index - HELD}`;
			return index >= COUNTS ? `count word ${index - COUNTS}` : (base.wordName?.(index) ?? String(index));
		},
		...more,
	};
}
