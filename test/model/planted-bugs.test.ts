/** The explorer can fail: each of these mutexes lacks one thing, and each is refuted. */
import type { Words } from '../../src/memory/words.ts';
import { HANDED, Mutex } from '../../src/sync/mutex.ts';
import { ATTEMPT } from '../../src/sync/queueable.ts';
import { WAITER, WAITER_STATE, type WaitWorld } from '../../src/sync/waiter.ts';
import { wokenInVainOnce } from './fairness.ts';
import {
	A,
	deaths,
	expectReport,
	type MakeMutex,
	model,
	realMutex,
	recordOf,
	type Use,
	use,
	uses,
} from './mutex-model.ts';
import { counted, refute } from './prove.ts';
import type { ModelProcess, Program } from './replay.ts';

const [OWNER, GUARD, GRANTEE] = [A, A + 1, A + 5];
const WAITERS = 1 << 31;
const DIED = 1 << 30;
const STATES: number[] = [1, 2, 3].map((participant) => recordOf(participant) + WAITER.state);
const IMPATIENTS: number[] = [1, 2, 3].map((participant) => recordOf(participant) + WAITER.impatient);

/** A mutex over words or a world that do something else now and then. */
function broken(
	words: (process: ModelProcess) => Partial<Words>,
	world: (process: ModelProcess) => Partial<WaitWorld> = () => ({}),
): MakeMutex {
	return (process, at) => {
		const brokenWords = { ...process.words, ...words(process) };
		return new Mutex(brokenWords, at, at, brokenWords, { ...process.world, ...world(process) });
	};
}

function twice(make: MakeMutex, more: Use = {}): Program[] {
	return [uses(2, { make, ...more }), uses(2, { make, ...more })];
}

const sound = (): Partial<Words> => ({});

refute(
	'a guard that lets everybody in loses updates or waiters',
	model(
		twice(
			broken(({ words, me }) => ({
				compareExchange: (index, expected, value) =>
					index === GUARD && value === me ? 0 : words.compareExchange(index, expected, value),
			})),
		),
		{ guarded: new Map() },
	),
	/deadlock|livelock|lost|hold/,
);

refute(
	'taking it in two steps, a look and a write, lets two in',
	model(
		twice(
			broken(({ words, me }) => ({
				compareExchange(index, expected, value) {
					if (index !== OWNER || expected !== 0 || value !== me) return words.compareExchange(index, expected, value);
					const found = words.load(index);
					if (found === 0) words.store(index, value);
					return found;
				},
			})),
		),
		{ atEnd: counted(4) },
	),
	/two processes hold one mutex/,
);

refute(
	'waking before the state is changed loses the wake-up',
	model(
		twice(
			broken(
				({ words, world }) => ({
					store(index, value) {
						if (STATES.includes(index) && value >= WAITER_STATE.nudged) world.wake(index - WAITER.state);
						words.store(index, value);
					},
				}),
				() => ({ wake: () => true }),
			),
		),
	),
	/deadlock/,
);

refute(
	'without bit 31 the owner does not know that somebody waits',
	model(
		twice(
			broken(({ words }) => ({
				compareExchange: (index, expected, value) =>
					index === OWNER && value === (expected | WAITERS) ? expected : words.compareExchange(index, expected, value),
			})),
		),
	),
	/deadlock/,
);

const rash = broken(({ words }) => ({
	compareExchange(index, expected, value) {
		if (index === OWNER && (value & HANDED) !== 0 && (expected & HANDED) === 0) {
			words.store(recordOf(value & 0xff) + WAITER.state, WAITER_STATE.granted);
		}
		return words.compareExchange(index, expected, value);
	},
}));
refute(
	'telling a waiter before it is the owner lets two in when it dies',
	model([uses(2, { make: rash }), uses(1, { make: rash }), uses(1, { make: rash })], deaths([1])),
	/two processes hold one mutex|nobody holds it/,
);

refute(
	'a repair that does not look for the waiters forgets them',
	model(twice(broken(sound, () => ({ recordsOf: () => [] }))), deaths([1])),
	/livelock/,
);

refute(
	'without the grantee word, who was made the owner by a dying process never learns it',
	model(
		twice(
			broken(({ words }) => ({ store: (index, value) => (index === GRANTEE ? undefined : words.store(index, value)) })),
		),
		deaths([1]),
	),
	/livelock/,
);

refute(
	'without bit 29, it does not look, for the owner lives: it is itself',
	model(
		twice(
			broken(({ words }) => ({
				compareExchange: (index, expected, value) =>
					words.compareExchange(index, expected, index === OWNER ? value & ~HANDED : value),
			})),
		),
		deaths([1]),
	),
	/livelock/,
);

refute(
	'without bit 30 nobody is told of an owner that died',
	model(
		twice(
			broken(({ words }) => ({
				compareExchange: (index, expected, value) =>
					words.compareExchange(index, expected, index === OWNER ? value & ~DIED : value),
			})),
			{ holding: expectReport },
		),
		deaths([1]),
	),
	/ownerDied is false, which is wrong/,
);

const patient = broken(({ words }) => ({
	store: (index, value) => (IMPATIENTS.includes(index) && value === 1 ? undefined : words.store(index, value)),
}));
refute(
	'without impatience a waiter is passed again and again',
	model([uses(1, { make: patient }), uses(3, { make: patient })], wokenInVainOnce),
	/woken in vain twice/,
);

refute(
	'who never looks after the mutex waits for the dead',
	model(
		[
			use('start', {}),
			{
				...use('start', {}),
				'start waits': (process) => {
					process.sleep(recordOf(process.me));
					const attempt = realMutex(process, A).attempt(recordOf(process.me));
					return attempt === ATTEMPT.acquired ? 'start holds A' : 'start waits';
				},
			},
		],
		deaths([1]),
	),
	/livelock/,
);
