/** The condition, by all interleavings: a notification wakes a waiter, and outlives whoever is killed with it. */
import type { Words } from '../../src/memory/words.ts';
import { NOTICES_WORDS, Notices } from '../../src/sync/notices.ts';
import { ATTEMPT } from '../../src/sync/queueable.ts';
import { WAITER, WAITER_STATE } from '../../src/sync/waiter.ts';
import type { Model } from './model.ts';
import { prove, proveLarge, refute } from './prove.ts';
import { type ModelProcess, type Program, SLEPT } from './replay.ts';

/** The notices' words, a lock, what is waited for (a count), how many have ended, and a record for each process. */
const NOTICES = 1;
const LOCK = NOTICES + NOTICES_WORDS;
const READY = LOCK + 1;
const DONE = READY + 1;
const RECORDS = DONE + 1;
const RECORD_WORDS = 8;

function recordOf(participant: number): number {
	return RECORDS + (participant - 1) * RECORD_WORDS;
}

type MakeNotices = (process: ModelProcess) => Notices;

function realNotices({ words, world }: ModelProcess): Notices {
	return new Notices(words, NOTICES, NOTICES, words, world);
}

/** A lock that is waited for by spinning; who finds its holder dead takes it over. */
function lock({ words, world, me }: ModelProcess): void {
	for (;;) {
		const holder = words.compareExchange(LOCK, 0, me);
		if (holder === 0) return;
		world.pause(0);
		if (!world.isAlive(holder) && words.compareExchange(LOCK, holder, me) === holder) return;
	}
}

function unlock({ words }: ModelProcess): void {
	words.store(LOCK, 0);
}

interface Waiter {
	readonly make?: MakeNotices;
	/** What it waits for. */
	readonly times?: number;
	readonly timeouts?: 'may time out';
	/** When it has what it waits for it notifies the next one. */
	readonly passesOn?: 'passes on';
}

/** Waits as `Condition.waitFor` does. */
function waiter({ make = realNotices, times = 1, timeouts, passesOn }: Waiter = {}): Program {
	return {
		start: (process) => {
			lock(process);
			return 'looks';
		},
		looks: (process) => {
			if (process.words.load(READY) < times) {
				make(process).enqueue(recordOf(process.me));
				return 'lets go';
			}
			if (passesOn !== undefined) make(process).notify(1);
			process.words.add(DONE, 1);
			return 'ends';
		},
		'lets go': (process) => {
			unlock(process);
			return 'waits';
		},
		waits: (process) => {
			const notices = make(process);
			const record = recordOf(process.me);
			const slept = process.sleep(record, timeouts);
			if (notices.attempt(record) === ATTEMPT.acquired) return 'locks again';
			if (slept === SLEPT.timeout) return notices.giveUp(record) ? 'locks again' : undefined;
			if (slept === SLEPT.tick) notices.lookAfter(record);
			return 'waits';
		},
		'locks again': (process) => {
			lock(process);
			return 'leaves';
		},
		leaves: (process) => {
			make(process).leave(recordOf(process.me));
			return 'looks';
		},
		ends: (process) => void unlock(process),
	};
}

/** Makes it so, and notifies so many. Then it looks after deaths until so many have what they waited for. */
function notifier(count: number, untilDone = 0): Program {
	return {
		start: (process) => {
			lock(process);
			return 'acts';
		},
		acts: (process) => {
			process.words.add(READY, 1);
			realNotices(process).notify(count);
			return 'ends';
		},
		ends: (process) => {
			unlock(process);
			return untilDone === 0 ? undefined : 'watches';
		},
		// Who died with the lock may have had a notification: as whoever is told of an owner's death, it notifies anew.
		watches: ({ words, world, me }) => {
			if (words.load(DONE) >= untilDone) return undefined;
			const holder = words.load(LOCK);
			if (holder === 0 || world.isAlive(holder)) return 'watches';
			return words.compareExchange(LOCK, holder, me) === holder ? 'notifies anew' : 'watches';
		},
		'notifies anew': (process) => {
			realNotices(process).notify(1);
			return 'ends';
		},
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
		guarded: new Map([[NOTICES, new Set([1, 2, 3, 4].map((word) => NOTICES + word).concat(guarded))]]),
		own: (index, participant, memory) =>
			(index === READY || index === DONE) && memory[LOCK] === participant ? 'loads' : undefined,
		...more,
	};
}

const ALL = Number.POSITIVE_INFINITY;
const PASSES_ON = waiter({ passesOn: 'passes on' });
const dies = (of: readonly number[], most = 1): Partial<Model> => ({ deaths: { of, most }, ticks: 'any time' });

prove('a waiter is woken by a notification', model([waiter(), notifier(1)]));
prove('two are woken by one for all', model([waiter(), waiter(), notifier(ALL)]));
prove('or by two', model([waiter(), waiter(), notifier(2)]));
prove('or one by the other', model([PASSES_ON, PASSES_ON, notifier(1)]));
prove('one waits for the second notification', model([waiter({ times: 2 }), notifier(1), notifier(1)]));
prove(
	'one may time out at any moment and passes on nothing it was not told',
	model([waiter({ timeouts: 'may time out', passesOn: 'passes on' }), waiter(), notifier(ALL)]),
);
prove('looking after it at any time does no harm', model([waiter(), notifier(1)], { ticks: 'any time' }));

prove('a waiter may die anywhere, the other is woken', model([waiter(), waiter(), notifier(ALL)], dies([1])));
prove('the notification of one that dies goes to the other', model([PASSES_ON, PASSES_ON, notifier(1, 1)], dies([1])));
prove(
	'who notifies may die anywhere, if another one notifies',
	model([waiter(), notifier(ALL), notifier(ALL)], dies([2])),
);
proveLarge('so does that of one of three', model([PASSES_ON, PASSES_ON, PASSES_ON, notifier(1, 2)], dies([1])));

const late: Program = {
	...waiter(),
	looks: (process) => (process.words.load(READY) < 1 ? 'lets go' : 'ends'),
	'lets go': (process) => {
		unlock(process);
		return 'enqueues';
	},
	enqueues: (process) => {
		realNotices(process).enqueue(recordOf(process.me));
		return 'waits';
	},
};
refute('who lets go of the lock before it queues misses a notification', model([late, notifier(1)]), /deadlock/);

const forgetful: MakeNotices = (process) => {
	const words: Words = {
		...process.words,
		add: (index, value) => (index === NOTICES + 4 ? 0 : process.words.add(index, value)),
	};
	return new Notices(words, NOTICES, NOTICES, words, process.world);
};
const FORGETFUL = waiter({ passesOn: 'passes on', make: forgetful });
const forgetfulNotifier: Program = {
	...notifier(1, 1),
	acts: (process) => {
		process.words.add(READY, 1);
		forgetful(process).notify(1);
		return 'ends';
	},
};
refute(
	'without a count of what is on its way, a notification dies with who was told',
	model([FORGETFUL, FORGETFUL, forgetfulNotifier], dies([1])),
	/livelock/,
);

const STATES = [1, 2].map((participant) => recordOf(participant) + WAITER.state);
const premature: MakeNotices = (process) => {
	const words: Words = {
		...process.words,
		store(index, value) {
			if (STATES.includes(index) && value === WAITER_STATE.nudged) process.world.wake(index - WAITER.state);
			process.words.store(index, value);
		},
	};
	return new Notices(words, NOTICES, NOTICES, words, { ...process.world, wake: () => true });
};
refute(
	'waking before the state is changed loses the wake-up',
	model([
		waiter(),
		{
			...notifier(1),
			acts: (process) => {
				process.words.add(READY, 1);
				premature(process).notify(1);
				return 'ends';
			},
		},
	]),
	/deadlock/,
);
