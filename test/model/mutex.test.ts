/** The mutex, by all interleavings of processes that live: exclusion, no lost wake-up, no deadlock, fairness. */
import { passedOnce, wokenInVainOnce } from './fairness.ts';
import { A, model, NOTE, realMutex, use, uses } from './mutex-model.ts';
import { counted, prove, proveLarge } from './prove.ts';
import type { Program } from './replay.ts';

const ONCE = uses(1);
const TWICE = uses(2);
const TIMED = uses(1, { timeouts: 'may time out' });

prove('two processes that lock once exclude each other and both finish', model([ONCE, ONCE], { atEnd: counted(2) }));
prove(
	'so they do when every single operation is interleaved',
	model([ONCE, ONCE], { atEnd: counted(2), guarded: new Map() }),
);
prove('two processes that lock twice exclude each other and both finish', model([TWICE, TWICE], { atEnd: counted(4) }));
prove('two processes that lock three times do, too', model([uses(3), uses(3)], { atEnd: counted(6) }));
prove(
	'three processes that lock once exclude each other and all finish',
	model([ONCE, ONCE, ONCE], { atEnd: counted(3) }),
);
prove('three processes of which one locks twice do, too', model([TWICE, ONCE, ONCE], { atEnd: counted(4) }));
proveLarge('three processes that lock twice do, too', model([TWICE, TWICE, TWICE], { atEnd: counted(6) }));
proveLarge('four processes that lock once do, too', model([ONCE, ONCE, ONCE, ONCE], { atEnd: counted(4) }));

prove('a waiter may time out at any moment: it has the mutex or not, and the others finish', model([TIMED, TWICE]));
prove('so may one of three', model([TIMED, ONCE, ONCE]));
prove('so may two of three', model([TIMED, TIMED, ONCE]));
prove('waking without a reason and looking after the mutex does no harm', model([TWICE, TWICE], { ticks: 'any time' }));
prove('nor does it with three processes', model([ONCE, TIMED, ONCE], { ticks: 'any time' }));

/** Takes it and leaves the releasing to whoever finds the note. */
const taker: Program = {
	...use('start', { holding: (process) => process.words.store(NOTE, 1) }),
	'start releases': () => undefined,
};
/** Waits for the note: a phase that changes nothing is not run again before something has changed. */
const releaser: Program = {
	start: ({ words }) => (words.load(NOTE) === 1 ? 'releases' : 'start'),
	releases: (process) => void process.check(realMutex(process, A).release(), 'release: nobody holds it'),
};

prove('a mutex may be released by another process than its owner', model([taker, releaser, TWICE]));
const releasesOnce: Program = {
	start: (process) => (realMutex(process, A).release() ? 'released' : undefined),
	released: ({ words }) => void words.add(NOTE, 1),
};
prove(
	'when two processes release a mutex that is held once, one of them is told that nobody holds it',
	model([releasesOnce, releasesOnce], {
		initial: { [A]: 3 },
		atEnd: (memory) => (memory[NOTE] === 1 ? undefined : `${memory[NOTE]} releases succeeded`),
	}),
);

const BARGER = uses(3);
prove('a waiter is woken in vain at most once, by one that locks three times', model([ONCE, BARGER], wokenInVainOnce));
prove('so it is by two processes', model([ONCE, TWICE, ONCE], wokenInVainOnce));
prove('and then it is passed at most once more, by one that locks three times', model([ONCE, BARGER], passedOnce));
prove('so it is by two processes, too', model([ONCE, TWICE, ONCE], passedOnce));
