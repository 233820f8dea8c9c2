/** Models of processes that use mutexes, as Lock does it: try, queue up, sleep while waiting. */
import { HANDED, ID, MUTEX_WORDS, Mutex } from '../../src/sync/mutex.ts';
import { ATTEMPT } from '../../src/sync/queueable.ts';
import { WAITER, WAITER_STATE } from '../../src/sync/waiter.ts';
import type { Model } from './model.ts';
import { type ModelProcess, type Program, SLEPT } from './replay.ts';

/** Where things are in a model's memory. */
export const A = 1;
export const B: number = A + MUTEX_WORDS;
export const COUNTER: number = B + MUTEX_WORDS;
/** 1 while the death of an owner of A has not been reported. */
export const DEATH: number = COUNTER + 1;
/** What a test notes. */
export const NOTE: number = DEATH + 1;
const RECORDS: number = NOTE + 1;
const RECORD_WORDS = 8;

export function recordOf(participant: number): number {
	return RECORDS + (participant - 1) * RECORD_WORDS;
}

export type MakeMutex = (process: ModelProcess, at: number) => Mutex;

export function realMutex(process: ModelProcess, at: number): Mutex {
	return new Mutex(process.words, at, at, process.words, process.world);
}

export interface Use {
	readonly make?: MakeMutex;
	readonly mutex?: number;
	/** What is done while it is held. */
	readonly holding?: (process: ModelProcess, mutex: Mutex) => void;
	readonly timeouts?: 'may time out';
	/** The next phase. */
	readonly next?: string | undefined;
}

/** Phases of taking a mutex, holding and releasing it. */
export function use(
	phase: string,
	{ make = realMutex, mutex: at = A, holding = count, timeouts, next }: Use = {},
): Program {
	const letter = at === A ? 'A' : 'B';
	const [queues, waits, holds, releases] = [
		`${phase} queues`,
		`${phase} waits`,
		`${phase} holds ${letter}`,
		`${phase} releases`,
	];
	return {
		[phase]: (process) => (make(process, at).tryAcquire() ? holds : queues),
		[queues]: (process) => (make(process, at).enqueue(recordOf(process.me)) === ATTEMPT.acquired ? holds : waits),
		[waits]: (process) => {
			const mutex = make(process, at);
			const record = recordOf(process.me);
			const slept = process.sleep(record, timeouts);
			if (mutex.attempt(record) === ATTEMPT.acquired) return holds;
			if (slept === SLEPT.timeout) return mutex.giveUp(record) ? holds : next;
			if (slept === SLEPT.tick) mutex.lookAfter(record);
			return waits;
		},
		[holds]: (process) => {
			holding(process, make(process, at));
			return releases;
		},
		[releases]: (process) => {
			process.check(make(process, at).release(), 'release: nobody holds it');
			return next;
		},
	};
}

/** Uses a mutex so many times. */
export function uses(times: number, options: Use = {}): Program {
	const phases = ['start', 'second', 'third'].slice(0, times);
	return Object.assign(
		{},
		...phases.map((phase, i) => use(phase, { ...options, next: phases[i + 1] ?? options.next })),
	);
}

/** Memory in which one process holds A and another waits for it impatiently, so that it will be handed over. */
export function impatientlyQueued(owner: number, waiter: number): Record<number, number> {
	const record = recordOf(waiter);
	return {
		[A]: owner | (1 << 31),
		[A + 2]: record,
		[A + 3]: record,
		[A + 4]: 1,
		[record + WAITER.target]: A + 1,
		[record + WAITER.state]: WAITER_STATE.waiting,
		[record + WAITER.impatient]: 1,
	};
}

/** An increment in two operations: lost when two processes are at it at once. */
export function count(process: ModelProcess): void {
	process.words.store(COUNTER, process.words.load(COUNTER) + 1);
}

/** The next owner, and only the next one, is told of an owner's death. */
export function expectReport(process: ModelProcess, mutex: Mutex): void {
	const died = mutex.ownerDied();
	process.check(died === (process.words.load(DEATH) === 1), `ownerDied is ${died}, which is wrong`);
	process.words.store(DEATH, 0);
}

/** Some of the processes may die anywhere, and holders of A check what they are told of it. */
export function deaths(of: readonly number[], most = 1): Partial<Model> {
	return {
		deaths: { of, most },
		onDeath: (memory, participant) => {
			const owner = memory[A]!;
			if ((owner & ID) === participant && (owner & HANDED) === 0) memory[DEATH] = 1;
		},
	};
}

/** No two processes hold the same mutex. */
function exclusion(phases: readonly string[]): string | undefined {
	for (const letter of ['A', 'B']) {
		if (phases.filter((phase) => phase.endsWith(`holds ${letter}`)).length > 1) return 'two processes hold one mutex';
	}
	return undefined;
}

/** The model of a few processes with a record each. */
export function model(programs: readonly Program[], more: Partial<Model> = {}): Model {
	const records = programs.map((_, i) => recordOf(i + 1));
	const participants = Object.fromEntries(records.map((record, i) => [record + WAITER.participant, i + 1]));
	return {
		size: RECORDS + programs.length * RECORD_WORDS,
		programs,
		records,
		constant: new Set(records.map((record) => record + WAITER.participant)),
		guarded: wordsUnderGuard(A, records),
		wordName,
		...more,
		initial: { ...participants, ...more.initial },
		invariant: (phases, memory) => exclusion(phases) ?? more.invariant?.(phases, memory),
	};
}

const MUTEX_WORD_NAMES = ['owner', 'guard', 'first', 'last', 'next ticket', 'grantee'];

/** What only the holder of mutex `at`'s guard may touch, if its waiters use no other mutex. */
export function wordsUnderGuard(at: number, records: readonly number[]): Map<number, Set<number>> {
	const words = MUTEX_WORD_NAMES.flatMap((name, i) => (name === 'owner' || name === 'guard' ? [] : [at + i]));
	for (const record of records) {
		for (const word of [WAITER.next, WAITER.ticket, WAITER.impatient, WAITER.target]) words.push(record + word);
	}
	return new Map([[at + MUTEX_WORD_NAMES.indexOf('guard'), new Set(words)]]);
}

export function wordName(index: number): string {
	if (index >= RECORDS) {
		const word = (index - RECORDS) % RECORD_WORDS;
		const name = Object.entries(WAITER).find(([, offset]) => offset === word)?.[0];
		return `${Math.floor((index - RECORDS) / RECORD_WORDS) + 1}'s ${name}`;
	}
	if (index === COUNTER) return 'counter';
	if (index === DEATH) return 'death';
	if (index === NOTE) return 'note';
	return index < B ? `A's ${MUTEX_WORD_NAMES[index - A]}` : `B's ${MUTEX_WORD_NAMES[index - B]}`;
}
