/** The mutex, when processes die: at every single operation, and the survivors must still exclude each other and finish. */
import type { Model } from './model.ts';
import {
	A,
	B,
	deaths,
	expectReport,
	impatientlyQueued,
	model,
	realMutex,
	use,
	uses,
	wordsUnderGuard,
} from './mutex-model.ts';
import { prove, proveLarge } from './prove.ts';
import type { ModelProcess, Program } from './replay.ts';

const ONCE = uses(1, { holding: expectReport });
const TWICE = uses(2, { holding: expectReport });
const THRICE = uses(3, { holding: expectReport });
const TIMED = uses(1, { holding: expectReport, timeouts: 'may time out' });

prove('one of two processes that lock twice may die anywhere', model([TWICE, TWICE], deaths([1])));
prove(
	'so it may when every single operation is interleaved',
	model([TWICE, TWICE], { ...deaths([1]), guarded: new Map() }),
);
prove('one of two processes that lock three times may die anywhere', model([THRICE, THRICE], deaths([1])));
prove('one of three processes that lock once may die anywhere', model([ONCE, ONCE, ONCE], deaths([1])));
prove(
	'two of three may, one perhaps while it repairs what the other left',
	model([ONCE, ONCE, ONCE], deaths([1, 2], 2)),
);
prove('one that locks twice may die beside two that lock once', model([TWICE, ONCE, ONCE], deaths([1])));
proveLarge(
	'one that locks once may die beside one that locks twice and one that locks once',
	model([ONCE, TWICE, ONCE], deaths([1])),
);
prove('a waiter that may time out may die anywhere', model([TIMED, TWICE], deaths([1])));
prove('one may die beside a waiter that may time out and another', model([ONCE, TIMED, ONCE], deaths([1])));
prove('one that locks twice may die beside a waiter that may time out', model([TWICE, TIMED], deaths([1])));
prove('ticks at any time do no harm, one of two dying', model([TWICE, TWICE], { ...deaths([1]), ticks: 'any time' }));
proveLarge(
	'ticks at any time do no harm, one of three dying',
	model([ONCE, ONCE, ONCE], { ...deaths([1]), ticks: 'any time' }),
);
proveLarge(
	'one of three may die when every single operation is interleaved',
	model([ONCE, ONCE, ONCE], { ...deaths([1]), guarded: new Map() }),
);
proveLarge('two of three may die, one of them locking twice', model([TWICE, ONCE, ONCE], deaths([1, 2], 2)));
proveLarge('the third locking twice', model([ONCE, ONCE, TWICE], deaths([1, 2], 2)));
proveLarge('one of three processes of which two lock twice may die', model([TWICE, TWICE, ONCE], deaths([1])));
proveLarge('two of three may die, one may time out', model([ONCE, TIMED, ONCE], deaths([1, 3], 2)));
proveLarge('one of four processes that lock once may die', model([ONCE, ONCE, ONCE, ONCE], deaths([1])));

/** Waits for A from the beginning; when it has it, it waits for B with the same record. */
const mover: Program = {
	...use('A', { holding: owns(A) }),
	'A holds A': () => 'B',
	...use('B', { mutex: B, holding: owns(B), next: 'A releases' }),
	start: () => 'A waits',
};
const holderOfA: Program = { ...use('A'), start: () => 'A releases' };
const holderOfB: Program = { ...use('B', { mutex: B }), start: () => 'B holds B' };
const passerBy: Program = { start: (process) => realMutex(process, A).lookAfter(0) as undefined };

function owns(at: number): (process: ModelProcess) => void {
	return (process) => process.check(realMutex(process, at).owner() === process.me, 'it holds what it does not own');
}

const moving: Partial<Model> = {
	...deaths([1]),
	// Words of records belong to no one guard here: a record is in two queues, one after the other.
	guarded: new Map([...wordsUnderGuard(A, []), ...wordsUnderGuard(B, [])]),
	initial: { ...impatientlyQueued(1, 2), [B]: 3 },
};
prove(
	'who hands A over may die anywhere, while the new owner goes on to wait for B with the same record',
	model([holderOfA, mover, holderOfB], moving),
);
prove('so it may when somebody else mends A at the same time', model([holderOfA, mover, holderOfB, passerBy], moving));
prove(
	'and when who mends it may die, too',
	model([holderOfA, mover, holderOfB, passerBy], { ...moving, ...deaths([1, 4], 2) }),
);
proveLarge(
	'and when B is handed over to it, by one that takes B twice',
	model([holderOfA, mover, uses(2, { mutex: B, holding: owns(B) }), passerBy], {
		...moving,
		initial: impatientlyQueued(1, 2),
	}),
);
