/** The barrier, by all interleavings: rounds in lockstep, everybody told how a round ended, whoever dies. */
import type { Words } from '../../src/memory/words.ts';
import { ATTEMPT } from '../../src/sync/queueable.ts';
import { type Arrival, RENDEZVOUS_WORDS, Rendezvous } from '../../src/sync/rendezvous.ts';
import { WAITER } from '../../src/sync/waiter.ts';
import type { Model } from './model.ts';
import { prove, proveLarge, refute } from './prove.ts';
import { type ModelProcess, type Program, SLEPT } from './replay.ts';

/** The rendezvous's words; how often each process has come; how many have ended; and a record for each process. */
const MEETING = 1;
const PARTIES = MEETING + 3;
const GUARD = MEETING + 5;
const COME = MEETING + RENDEZVOUS_WORDS - 1;
const MOST_PROCESSES = 4;
const ENDED = COME + MOST_PROCESSES + 1;
/** How many rounds have been acted for. */
const ACTED = ENDED + 1;
const RECORDS = ACTED + 1;
const RECORD_WORDS = 8;

function recordOf(participant: number): number {
	return RECORDS + (participant - 1) * RECORD_WORDS;
}

type Make = (process: ModelProcess) => Rendezvous;

function real({ words, world }: ModelProcess): Rendezvous {
	return new Rendezvous(words, MEETING, MEETING, words, world);
}

interface Party {
	readonly make?: Make;
	/** How many rounds it comes for. */
	readonly times?: number;
	readonly acts?: 'acts';
	readonly timeouts?: 'may time out';
	readonly ifBroken?: 'comes again';
	/** The rounds are those of all processes together. */
	readonly lockstep?: 'lockstep';
}

/** Meets the others, as `Barrier.wait` does. A phase's name is what it keeps: which time, and of which round. */
function party({ make = real, times = 1, acts, timeouts, ifBroken, lockstep }: Party = {}): Program {
	const passed = (process: ModelProcess, time: number): string | undefined => {
		for (let other = 1; lockstep !== undefined && process.words.load(PARTIES) >= other; other++) {
			process.check(process.words.load(COME + other) >= time, `${process.me} goes on before ${other} has come`);
		}
		if (acts !== undefined) process.check(process.words.load(ACTED) >= time, 'goes on before the action');
		if (time < times) return `comes ${time + 1}`;
		process.words.add(ENDED, 1);
		return undefined;
	};
	const broken = (process: ModelProcess, time: number): string | undefined => {
		if (ifBroken !== undefined) return `comes ${time}`;
		process.words.add(ENDED, 1);
		return undefined;
	};
	const go = (process: ModelProcess, time: number, { outcome, round }: Arrival): string | undefined => {
		if (outcome === 'leads') return `leads ${time} ${round}`;
		return outcome === 'broken' ? broken(process, time) : passed(process, time);
	};
	const phase = (name: string): Program[string] => {
		const [what, time, round] = name.split(' ').map((part, i) => (i === 0 ? part : Number(part))) as [
			string,
			number,
			number,
		];
		return (process) => {
			const rendezvous = make(process);
			const arrival = rendezvous.arrival(acts);
			arrival.round = round;
			const record = recordOf(process.me);
			if (what === 'comes') {
				process.words.store(COME + process.me, time);
				if (arrival.enqueue(record) === ATTEMPT.acquired) return go(process, time, arrival);
				return `waits ${time} ${arrival.round}`;
			}
			if (what === 'leads') {
				process.words.add(ACTED, 1);
				return rendezvous.release(round) ? passed(process, time) : broken(process, time);
			}
			const slept = process.sleep(record, timeouts);
			if (arrival.attempt(record) === ATTEMPT.acquired) return go(process, time, arrival);
			if (slept === SLEPT.timeout) {
				if (arrival.giveUp(record)) return go(process, time, arrival);
				rendezvous.breakRound(arrival.round);
				return broken(process, time);
			}
			if (slept === SLEPT.tick) arrival.lookAfter(record);
			return `waits ${time} ${arrival.round}`;
		};
	};
	return new Proxy({}, { get: (_, name) => phase(name === 'start' ? 'comes 1' : String(name)) });
}

/** Does something as soon as so many have ended. */
function after(ended: number, act: (rendezvous: Rendezvous) => void): Program {
	return {
		start: ({ words }) => (words.load(ENDED) >= ended ? 'acts' : 'start'),
		acts: (process) => void act(real(process)),
	};
}

function model(parties: number, programs: readonly Program[], more: Partial<Model> = {}): Model {
	const participants = programs.map((_, i) => i + 1);
	const records = participants.map(recordOf);
	const queueWords = [1, 2, 3].map((word) => GUARD + word);
	const words = [1, 2, 4].map((word) => MEETING + word);
	const guarded = records.flatMap((record) =>
		[WAITER.next, WAITER.ticket, WAITER.impatient, WAITER.target, WAITER.answer].map((word) => record + word),
	);
	return {
		size: RECORDS + programs.length * RECORD_WORDS,
		programs,
		records,
		initial: {
			[PARTIES]: parties,
			...Object.fromEntries(participants.map((id) => [recordOf(id) + WAITER.participant, id])),
		},
		constant: new Set([PARTIES, ...records.map((record) => record + WAITER.participant)]),
		guarded: new Map([[GUARD, new Set([...words, ...queueWords, ...guarded])]]),
		...more,
	};
}

const ABORT = (rendezvous: Rendezvous): void => rendezvous.abort();
const RESET = (rendezvous: Rendezvous): void => rendezvous.reset();
const ONCE = party();
const STEP = party({ times: 2, lockstep: 'lockstep' });
const ACTS = party({ acts: 'acts' });
const TIMED = party({ timeouts: 'may time out' });
const AGAIN = party({ ifBroken: 'comes again' });
const dies = (of: readonly number[], most = 1): Partial<Model> => ({ deaths: { of, most } });

prove('one party never waits', model(1, [party({ times: 3 })]));
prove('two parties meet twice, in lockstep', model(2, [STEP, STEP]));
prove('three parties meet', model(3, [ONCE, ONCE, ONCE]));
prove(
	'two parties act and then go on, twice',
	model(2, [party({ times: 2, acts: 'acts' }), party({ times: 2, acts: 'acts' })]),
);
prove('four processes meet in pairs', model(2, [ONCE, ONCE, ONCE, ONCE]));
prove('who comes while a pair acts is of the next round', model(2, [ACTS, ACTS, ACTS, after(2, ABORT)]));
proveLarge('four that act meet in pairs', model(2, [ACTS, ACTS, ACTS, ACTS]));
proveLarge('three parties meet twice, in lockstep', model(3, [STEP, STEP, STEP]));

prove('who runs out of time breaks it for the other', model(2, [TIMED, ONCE]));
prove('so does one of three', model(3, [TIMED, ONCE, ONCE]));
prove('an abort reaches everybody, before, while and after they wait', model(3, [ONCE, ONCE, after(0, ABORT)]));
prove('also while one acts', model(2, [ACTS, ACTS, after(0, ABORT)]));
prove('who is refused by a reset can meet again', model(2, [AGAIN, AGAIN, after(0, RESET)]));
prove('looking after it at any time does no harm', model(2, [STEP, STEP], { ticks: 'any time' }));

prove(
	'one of three may die anywhere: two others meet, or are told that it is broken',
	model(2, [ONCE, ONCE, ONCE, after(1, ABORT)], dies([1])),
);
prove('also when it acts', model(2, [ACTS, ACTS, ACTS, after(1, ABORT)], dies([1])));
prove('who aborts may die anywhere', model(2, [ONCE, after(0, ABORT), after(0, ABORT)], dies([2])));
prove('who resets may die anywhere', model(2, [AGAIN, AGAIN, after(0, RESET)], dies([3])));
prove('who runs out of time may die anywhere', model(2, [TIMED, ONCE, after(0, ABORT)], dies([1])));

/** A rendezvous over words or a world that do something else now and then. */
function broken(words: (process: ModelProcess) => Partial<Words>): Make {
	return (process) => {
		const brokenWords = { ...process.words, ...words(process) };
		return new Rendezvous(brokenWords, MEETING, MEETING, brokenWords, process.world);
	};
}

const undecided = broken(({ words }) => ({
	store: (index, value) => (index === MEETING && value > 1 ? undefined : words.store(index, value)),
}));
refute(
	'a round whose end is not decided by one write never ends',
	model(2, [party({ make: undecided, lockstep: 'lockstep' }), party({ make: undecided, lockstep: 'lockstep' })]),
	/deadlock|livelock/,
);

const forgetful: Make = ({ words, world }) =>
	new Rendezvous(words, MEETING, MEETING, words, { ...world, recordsOf: () => [] });
const FORGETFUL = party({ make: forgetful });
refute(
	'a repair that does not look for the waiters forgets them',
	model(2, [FORGETFUL, FORGETFUL, FORGETFUL, after(1, ABORT)], dies([1])),
	/deadlock|livelock/,
);

/** Holding the guard, it takes everybody for alive. */
const trusting: Make = ({ words, world, me }) => {
	const isAlive = (participant: number): boolean => words.load(GUARD) === me || world.isAlive(participant);
	return new Rendezvous(words, MEETING, MEETING, words, { ...world, isAlive });
};
const TRUSTING = party({ make: trusting, acts: 'acts' });
refute(
	'who does not ask whether the leader lives waits for the dead',
	model(2, [TRUSTING, TRUSTING, TRUSTING, after(1, ABORT)], dies([1])),
	/deadlock|livelock/,
);
