/** The semaphore, by all interleavings: never too many holders, no lost permit, no lost wake-up, whoever dies. */
import type { Words } from '../../src/memory/words.ts';
import { Permits } from '../../src/sync/permits.ts';
import { ATTEMPT } from '../../src/sync/queueable.ts';
import { WAITER, WAITER_STATE } from '../../src/sync/waiter.ts';
import type { Model } from './model.ts';
import {
	gives,
	givesOneByOne,
	type MakePermits,
	model,
	NOTE,
	PERMITS,
	realPermits,
	recordOf,
	uses,
} from './permits-model.ts';
import { prove, proveLarge, refute } from './prove.ts';
import type { ModelProcess, Program } from './replay.ts';

const ONCE = uses(1);
const TWICE = uses(2);
const TIMED = uses(1, { timeouts: 'may time out' });
const KEEPS = uses(1, { keeps: 'keeps it' });
const dies = (of: readonly number[], most = 1): Partial<Model> => ({ deaths: { of, most } });

prove('two processes share one permit', model(1, [ONCE, ONCE]));
prove('so they do when every single operation is interleaved', model(1, [ONCE, ONCE], { guarded: new Map() }));
prove('they do twice', model(1, [TWICE, TWICE]));
prove('three share one permit', model(1, [ONCE, ONCE, ONCE]));
prove('three share two permits', model(2, [ONCE, ONCE, ONCE]));
prove('so they do when one of them comes twice', model(2, [TWICE, ONCE, ONCE]));
prove('two that keep what they take wait for one that gives two', model(0, [KEEPS, KEEPS, gives(2)], { given: 2 }));
prove('or for two that give one each', model(0, [KEEPS, KEEPS, gives(1), gives(1)], { given: 2 }));
prove('a waiter may time out at any moment', model(1, [TIMED, TWICE]));
prove('so may one of three', model(1, [TIMED, ONCE, ONCE]));
prove('so may two of three', model(1, [TIMED, TIMED, ONCE]));
prove('looking after the semaphore at any time does no harm', model(1, [TWICE, TWICE], { ticks: 'any time' }));
proveLarge('three processes that come twice share two permits', model(2, [TWICE, TWICE, TWICE]));

prove(
	'one that waits or holds may die anywhere, and takes one permit with it at most',
	model(2, [TWICE, TWICE], dies([1])),
);
prove('so may one of three', model(2, [ONCE, ONCE, ONCE], dies([1])));
prove(
	'so it may when every single operation is interleaved',
	model(2, [ONCE, ONCE], { ...dies([1]), guarded: new Map() }),
);
prove('two of three may die', model(3, [ONCE, ONCE, ONCE], dies([1, 2], 2)));
prove('a waiter that may time out may die', model(2, [TIMED, ONCE, ONCE], dies([1])));
prove('one may die beside a waiter that may time out', model(2, [ONCE, TIMED, ONCE], dies([1])));
prove(
	'one of three that wait for permits that are given may die',
	model(0, [KEEPS, KEEPS, gives(2)], { given: 2, ...dies([1]) }),
);
prove(
	'who gives may die, if another one gives as many',
	model(0, [KEEPS, gives(1), gives(1)], { given: 2, ...dies([2]), atEnd: () => undefined }),
);
proveLarge('one of three that come twice may die', model(2, [TWICE, TWICE, ONCE], dies([1])));

const STATE = recordOf(1) + WAITER.state;
/** A waiter is woken only once to find that somebody who came later was quicker. */
const wokenInVainOnce: Partial<Model> = {
	observe: (memory, before) => {
		if (before[STATE] === WAITER_STATE.nudged && memory[STATE] === WAITER_STATE.waiting) memory[NOTE]!++;
	},
	invariant: (_, memory) => (memory[NOTE]! > 1 ? 'a waiter was woken in vain twice' : undefined),
};
prove('the only waiter is woken in vain at most once', model(1, [ONCE, uses(3)], wokenInVainOnce));

/** Permits over words that do something else now and then. */
function broken(words: (process: ModelProcess) => Partial<Words>): MakePermits {
	return (process) => {
		const brokenWords = { ...process.words, ...words(process) };
		return new Permits(brokenWords, PERMITS, PERMITS, brokenWords, process.world);
	};
}

const IMPATIENTS = [1, 2, 3].map((participant) => recordOf(participant) + WAITER.impatient);
const STATES = [1, 2, 3].map((participant) => recordOf(participant) + WAITER.state);

const hasty = broken(({ words }) => ({
	compareExchange(index, expected, value) {
		if (index !== PERMITS || value !== expected - 1) return words.compareExchange(index, expected, value);
		const found = words.load(index);
		if (found === expected) words.store(index, value);
		return found;
	},
}));
refute(
	'taking one in two steps, a look and a write, lets two in',
	model(1, [uses(1, { make: hasty }), uses(1, { make: hasty })]),
	/more holders than permits|all are free/,
);

const forgetful = broken(({ words }) => ({
	compareExchange: (index, expected, value) =>
		words.compareExchange(index, expected, index === PERMITS ? value & ~(1 << 31) : value),
}));
refute(
	'without bit 31 who gives does not know that somebody waits',
	model(1, [uses(1, { make: forgetful }), uses(1, { make: forgetful })]),
	/deadlock|too many states|livelock/,
);

const patient = broken(({ words }) => ({
	store: (index, value) => (IMPATIENTS.includes(index) && value === 1 ? undefined : words.store(index, value)),
}));
refute(
	'without impatience a waiter is passed again and again',
	model(1, [uses(1, { make: patient }), uses(3, { make: patient })], wokenInVainOnce),
	/woken in vain twice/,
);

const silent = broken(({ words }) => ({
	store: (index, value) =>
		STATES.includes(index) && value === WAITER_STATE.nudged ? undefined : words.store(index, value),
}));
refute(
	'a waiter that is not nudged sleeps for ever',
	model(1, [uses(1, { make: silent }), uses(1, { make: silent })]),
	/deadlock|livelock/,
);

/** Sleeps on when it ticks, without looking after anything. */
const blind: Program = {
	...KEEPS,
	'waits 0': (process) => {
		const record = recordOf(process.me);
		process.sleep(record);
		return realPermits(process).attempt(record) === ATTEMPT.acquired ? 'holds 0' : 'waits 0';
	},
};
const oneAfterAnother: Partial<Model> & { given: number } = {
	given: 2,
	...dies([1]),
	atEnd: () => undefined,
	ticks: 'any time', // who watches is never stuck
};
prove(
	'who waits behind one that dies gets what that one has not taken',
	model(0, [KEEPS, KEEPS, givesOneByOne], oneAfterAnother),
);
refute(
	'who never looks after it waits behind the dead',
	model(0, [KEEPS, blind, givesOneByOne], oneAfterAnother),
	/livelock/,
);
