/** The event, by all interleavings: a set releases everybody who waits at that moment, even if a clear follows. */
import type { Words } from '../../src/memory/words.ts';
import { FLAG_WORDS, Flag } from '../../src/sync/flag.ts';
import { WAITER } from '../../src/sync/waiter.ts';
import type { Model } from './model.ts';
import { prove, proveLarge, refute } from './prove.ts';
import { type ModelProcess, type Program, SLEPT } from './replay.ts';

/** The flag's words, how many wait, then for each process what it has seen, and a record. */
const FLAG = 1;
const WAITING = FLAG + FLAG_WORDS;
const SEEN = WAITING;
const MOST_PROCESSES = 4;
const RECORDS = SEEN + MOST_PROCESSES + 1;
const RECORD_WORDS = 8;

function recordOf(participant: number): number {
	return RECORDS + (participant - 1) * RECORD_WORDS;
}

type MakeFlag = (process: ModelProcess) => Flag;

function realFlag({ words, world }: ModelProcess): Flag {
	return new Flag(words, FLAG, FLAG, words, world);
}

/** Waits as `Event.wait` and `waiting.ts` do. */
function waiter(make: MakeFlag = realFlag, mayLeave?: 'may leave'): Program {
	const end = (process: ModelProcess): undefined => void make(process).signal.unsubscribe(recordOf(process.me));
	return {
		start: (process) => {
			process.words.store(SEEN + process.me, make(process).turns());
			process.words.add(WAITING, 1);
			return 'subscribes';
		},
		subscribes: (process) => {
			make(process).signal.subscribe(recordOf(process.me));
			return 'looks';
		},
		looks: (process) => {
			if (mayLeave !== undefined && process.choose(2) === 1) return end(process);
			return make(process).hasBeenSet(process.words.load(SEEN + process.me)) ? end(process) : 'sleeps';
		},
		sleeps: (process) => (process.sleep(recordOf(process.me)) === SLEPT.tick ? 'looks' : 'subscribes'),
	};
}

/** Once so many wait, sets the flag and (or not) clears it at once. */
function setter(waiting: number, after: 'clears' | 'leaves it', make: MakeFlag = realFlag): Program {
	return {
		start: ({ words }) => (words.load(WAITING) >= waiting ? 'sets' : 'start'),
		sets: (process) => {
			make(process).set();
			return after === 'clears' ? 'clears' : undefined;
		},
		clears: (process) => void make(process).clear(),
	};
}

function model(programs: readonly Program[], more: Partial<Model> = {}): Model {
	const participants = programs.map((_, i) => i + 1);
	const records = participants.map(recordOf);
	const guarded = records.flatMap((record) =>
		[WAITER.next, WAITER.ticket, WAITER.impatient, WAITER.target].map((word) => record + word),
	);
	return {
		size: RECORDS + programs.length * RECORD_WORDS,
		programs,
		records,
		initial: Object.fromEntries(participants.map((id) => [recordOf(id) + WAITER.participant, id])),
		constant: new Set(records.map((record) => record + WAITER.participant)),
		guarded: new Map([[FLAG + 1, new Set([FLAG + 3, FLAG + 4, ...guarded])]]),
		own: (index, participant) => (index === SEEN + participant ? 'all' : undefined),
		...more,
	};
}

const dies = (of: readonly number[], most = 1): Partial<Model> => ({ deaths: { of, most } });

prove('a waiter is released by a set', model([waiter(), setter(0, 'leaves it')]));
prove('one that waits already is, though a clear follows at once', model([waiter(), setter(1, 'clears')]));
prove('so are two', model([waiter(), waiter(), setter(2, 'clears')]));
prove('also by two that set and clear', model([waiter(), setter(1, 'clears'), setter(1, 'clears')]));
prove(
	'one may stop waiting at any time, the other is released',
	model([waiter(realFlag, 'may leave'), waiter(), setter(2, 'clears')]),
);
prove('looking without a reason does no harm', model([waiter(), setter(1, 'clears')], { ticks: 'any time' }));
prove(
	'a waiter may die anywhere, the other is released',
	model([waiter(), waiter(), setter(1, 'leaves it')], dies([1])),
);
prove(
	'who sets it may die anywhere, if somebody else sets it',
	model([waiter(), setter(1, 'clears'), setter(1, 'clears')], dies([2])),
);
proveLarge(
	'a waiter and one who sets it may die',
	model([waiter(), waiter(), setter(1, 'leaves it'), setter(1, 'leaves it')], dies([1, 3], 2)),
);

/** A flag of which a waiter knows only what it is now. */
const forgetful: MakeFlag = (process) => {
	const flag = realFlag(process);
	flag.hasBeenSet = () => flag.isSet();
	return flag;
};
refute(
	'who looks only whether it is set misses a set that is cleared at once',
	model([waiter(forgetful), setter(1, 'clears')]),
	/deadlock/,
);

const silent: MakeFlag = (process) => {
	const words: Words = { ...process.words };
	return new Flag(words, FLAG, FLAG, words, { ...process.world, wake: () => true });
};
refute('who is not woken sleeps for ever', model([waiter(), setter(1, 'leaves it', silent)]), /deadlock/);

const hasty: MakeFlag = (process) => {
	const words: Words = {
		...process.words,
		compareExchange(index, expected, value) {
			if (index !== FLAG) return process.words.compareExchange(index, expected, value);
			process.words.store(index, value);
			return expected;
		},
	};
	return new Flag(words, FLAG, FLAG, words, process.world);
};
const WENT_BACK = 0;
const neverBack: Partial<Model> = {
	observe: (memory, before) => {
		if (memory[FLAG]! < before[FLAG]!) memory[WENT_BACK] = 1;
	},
	invariant: (_, memory) => (memory[WENT_BACK] === 1 ? 'turns have been taken back' : undefined),
};
prove(
	'what one has set and cleared, another does not take back',
	model([setter(0, 'clears'), setter(0, 'clears')], neverBack),
);
refute(
	'turning it in two steps, a look and a write, takes back what another has done meanwhile',
	model([setter(0, 'clears', hasty), setter(0, 'clears', hasty)], neverBack),
	/taken back/,
);
