/** Models of processes that take permits and give them back, as Semaphore does it. */
import { PERMITS_WORDS, Permits } from '../../src/sync/permits.ts';
import { ATTEMPT } from '../../src/sync/queueable.ts';
import { WAITER } from '../../src/sync/waiter.ts';
import type { Model } from './model.ts';
import { type ModelProcess, type Program, SLEPT } from './replay.ts';

/** The permits' words begin here: value, guard, first, last, next ticket, bound. */
export const PERMITS = 1;
/** How many permits the dead have taken with them. */
const LOST: number = PERMITS + PERMITS_WORDS;
/** How many permits each participant has. */
const HELD: number = LOST + 1;
const MOST_PROCESSES = 4;
/** What a test notes. */
export const NOTE: number = HELD + MOST_PROCESSES;
const RECORDS: number = NOTE + 1;
const RECORD_WORDS = 8;
const COUNT = 0xff;

export function recordOf(participant: number): number {
	return RECORDS + (participant - 1) * RECORD_WORDS;
}

export type MakePermits = (process: ModelProcess) => Permits;

export function realPermits(process: ModelProcess): Permits {
	return new Permits(process.words, PERMITS, PERMITS, process.words, process.world);
}

export interface Use {
	readonly make?: MakePermits;
	readonly timeouts?: 'may time out';
	/** The last phase ends with the permit in hand, and a note. */
	readonly keeps?: 'keeps it';
}

/** Takes a permit and gives it back, so many times. */
export function uses(times: number, { make = realPermits, timeouts, keeps }: Use = {}): Program {
	const phases: Record<string, Program[string]> = {};
	for (let i = 0; i < times; i++) {
		const phase = i === 0 ? 'start' : `round ${i}`;
		const next = i + 1 === times ? undefined : `round ${i + 1}`;
		phases[phase] = (process) => (make(process).tryAcquire() ? `holds ${i}` : `queues ${i}`);
		phases[`queues ${i}`] = (process) =>
			make(process).enqueue(recordOf(process.me)) === ATTEMPT.acquired ? `holds ${i}` : `waits ${i}`;
		phases[`waits ${i}`] = (process) => {
			const permits = make(process);
			const record = recordOf(process.me);
			const slept = process.sleep(record, timeouts);
			if (permits.attempt(record) === ATTEMPT.acquired) return `holds ${i}`;
			if (slept === SLEPT.timeout) return permits.giveUp(record) ? `holds ${i}` : next;
			if (slept === SLEPT.tick) permits.lookAfter(record);
			return `waits ${i}`;
		};
		phases[`holds ${i}`] = (process) => {
			if (keeps === undefined || next !== undefined) return process.words.load(LOST) < 0 ? undefined : `gives ${i}`;
			process.words.store(NOTE, 1);
			return undefined;
		};
		phases[`gives ${i}`] = (process) => {
			process.check(make(process).release(), 'release: all are free');
			return next;
		};
	}
	return phases;
}

/** Gives permits back that it has not taken, so many times. */
export function gives(times: number, make: MakePermits = realPermits): Program {
	const phases: Record<string, Program[string]> = {};
	for (let i = 0; i < times; i++) {
		phases[i === 0 ? 'start' : `gives ${i}`] = (process) => {
			process.check(make(process).release(), 'release: all are free');
			return i + 1 === times ? undefined : `gives ${i + 1}`;
		};
	}
	return phases;
}

/** Gives one; and another one as soon as the first has been taken, be it by somebody who died with it. */
export const givesOneByOne: Program = {
	start: (process) => {
		process.check(realPermits(process).release(), 'release: all are free');
		return 'watches';
	},
	watches: ({ words }) => (words.load(NOTE) === 1 || words.load(LOST) === 1 ? 'gives again' : 'watches'),
	'gives again': (process) => void process.check(realPermits(process).release(), 'release: all are free'),
};

/** The model of some permits, of which `given` more are made, and processes with a record each. */
export function model(
	permits: number,
	programs: readonly Program[],
	{ given = 0, ...more }: Partial<Model> & { given?: number } = {},
): Model {
	const participants = programs.map((_, i) => i + 1);
	const records = participants.map(recordOf);
	const guarded = records.flatMap((record) =>
		[WAITER.next, WAITER.ticket, WAITER.impatient, WAITER.target].map((word) => record + word),
	);
	return {
		size: RECORDS + programs.length * RECORD_WORDS,
		programs,
		records,
		initial: {
			[PERMITS]: permits,
			[PERMITS + PERMITS_WORDS - 1]: permits + given,
			...Object.fromEntries(participants.map((id) => [recordOf(id) + WAITER.participant, id])),
		},
		constant: new Set([PERMITS + PERMITS_WORDS - 1, ...records.map((record) => record + WAITER.participant)]),
		guarded: new Map([[PERMITS + 1, new Set([PERMITS + 2, PERMITS + 3, PERMITS + 4, ...guarded])]]),
		...more,
		observe: (memory, before, participant) => {
			const taken = (before[PERMITS]! & COUNT) - (memory[PERMITS]! & COUNT);
			memory[HELD + participant - 1]! = Math.max(0, memory[HELD + participant - 1]! + taken);
			more.observe?.(memory, before, participant);
		},
		onDeath: (memory, participant) => {
			memory[LOST]! += memory[HELD + participant - 1]!;
			memory[HELD + participant - 1] = 0;
		},
		invariant: (phases, memory) =>
			phases.filter((phase) => phase.startsWith('holds')).length > permits + given
				? 'there are more holders than permits'
				: more.invariant?.(phases, memory),
		atEnd: more.atEnd ?? ((memory) => accounted(memory, permits + given)),
		wordName,
	};
}

function accounted(memory: Int32Array, permits: number): string | undefined {
	const free = memory[PERMITS]! & COUNT;
	const held = memory.subarray(HELD, HELD + MOST_PROCESSES).reduce((sum, count) => sum + count, 0);
	const lost = memory[LOST]!;
	return free + held + lost === permits ? undefined : `${permits} permits: ${free} free, ${held} held, ${lost} lost`;
}

const NAMES = ['value', 'guard', 'first', 'last', 'next ticket', 'bound', 'lost'];

function wordName(index: number): string {
	if (index < RECORDS) return NAMES[index - PERMITS] ?? `word ${index}`;
	const name = Object.entries(WAITER).find(([, offset]) => offset === (index - RECORDS) % RECORD_WORDS)?.[0];
	return `${Math.floor((index - RECORDS) / RECORD_WORDS) + 1}'s ${name}`;
}
