/** The signal, by all interleavings: who subscribes, looks and then sleeps is woken by what happens after the look. */
import { Signal } from '../../src/sync/signal.ts';
import { WAITER } from '../../src/sync/waiter.ts';
import type { Model } from './model.ts';
import { prove, proveLarge, refute } from './prove.ts';
import { type ModelProcess, type Phase, type Program, SLEPT } from './replay.ts';

/** A queue's four words, what happens (a count), then a record for each process. */
const SIGNAL = 1;
const HAPPENED = 5;
const RECORDS = 6;
const RECORD_WORDS = 8;

function recordOf(participant: number): number {
	return RECORDS + (participant - 1) * RECORD_WORDS;
}

function signalOf({ words, world }: ModelProcess): Signal {
	return new Signal(words, SIGNAL, SIGNAL, words, world);
}

/** Makes it happen once more, so many times. */
function notifier(times: number): Program {
	const happen = (left: number): Phase => {
		return (process) => {
			process.words.add(HAPPENED, 1);
			signalOf(process).notifyAll();
			return left > 1 ? `${left - 1} left` : undefined;
		};
	};
	const rest = Array.from({ length: times - 1 }, (_, i) => [`${i + 1} left`, happen(i + 1)]);
	return { start: happen(times), ...Object.fromEntries(rest) };
}

/** Waits, as `waiting.ts` does, until it has happened so many times. `mayLeave`: it may stop waiting at any look. */
function waiter(times: number, mayLeave?: 'may leave'): Program {
	const happened = ({ words }: ModelProcess): boolean => words.load(HAPPENED) >= times;
	const leaves = (process: ModelProcess): boolean => mayLeave !== undefined && process.choose(2) === 1;
	const end = (process: ModelProcess): undefined => void signalOf(process).unsubscribe(recordOf(process.me));
	return {
		start: (process) => {
			signalOf(process).subscribe(recordOf(process.me));
			return 'looks';
		},
		looks: (process) => (happened(process) || leaves(process) ? end(process) : 'sleeps'),
		// A tick does not subscribe again: the record may be on no list any more, and the next tick helps then as well.
		sleeps: (process) => (process.sleep(recordOf(process.me)) === SLEPT.tick ? 'looks' : 'start'),
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
		// Notifiers look at the first word without the guard.
		guarded: new Map([[SIGNAL, new Set([SIGNAL + 2, SIGNAL + 3, ...guarded])]]),
		...more,
	};
}

const dies = (...of: number[]): Partial<Model> => ({ deaths: { of, most: 1 } });

prove('a waiter is woken by what it waits for', model([waiter(1), notifier(1)]));
prove('it may wait for the second time', model([waiter(2), notifier(2)]));
prove('or for what two others do', model([waiter(2), notifier(1), notifier(1)]));
prove('two are woken by one', model([waiter(1), waiter(1), notifier(1)]));
prove('two that wait for different times are', model([waiter(1), waiter(2), notifier(2)]));
prove('one may stop waiting at any time, the other is woken', model([waiter(2, 'may leave'), waiter(2), notifier(2)]));
prove('waking without a reason does no harm', model([waiter(2), notifier(2)], { ticks: 'any time' }));

prove('the notifier may die anywhere, if it happens once more', model([waiter(1), notifier(1), notifier(1)], dies(2)));
prove('a waiter may die anywhere, the other is woken', model([waiter(1), waiter(1), notifier(1)], dies(1)));
prove('so it is by two notifications', model([waiter(2), waiter(2), notifier(2)], dies(1)));
prove('one may leave while another dies', model([waiter(2, 'may leave'), waiter(2), notifier(2)], dies(2)));
proveLarge(
	'a waiter and a notifier may die',
	model([waiter(1), waiter(1), notifier(1), notifier(1)], { deaths: { of: [1, 3], most: 2 } }),
);

refute(
	'who looks before it subscribes is not woken',
	model([
		{
			...waiter(1),
			start: ({ words }) => (words.load(HAPPENED) >= 1 ? undefined : 'subscribes'),
			subscribes: (process) => {
				signalOf(process).subscribe(recordOf(process.me));
				return 'sleeps';
			},
		},
		notifier(1),
	]),
	/deadlock/,
);
refute(
	'who notifies before it happens wakes nobody',
	model([
		waiter(1),
		{
			start: (process) => {
				signalOf(process).notifyAll();
				process.words.add(HAPPENED, 1);
				return undefined;
			},
		},
	]),
	/deadlock/,
);
