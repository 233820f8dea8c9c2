/**
 * Finding deadlocks: each wait without a timeout looks, tick by tick, for a circle of waits that leads back to it. One
 * that stays is a deadlock if all its threads are blocked, and the youngest wait of it ends with an error. If some
 * wait in their event loop, other tasks may still resolve it: then the youngest of those gives a warning, once.
 */
import { now } from '../base/deadline.ts';
import { type DeadlockEdge, DeadlockError } from '../base/errors.ts';
import { Graph, type Wait } from './graph.ts';
import type { ThreadWaits } from './thread-waits.ts';

/** Milliseconds for which a circle must have been the same. */
const STABLE = 700;

export class DeadlockWatch {
	readonly #waits: ThreadWaits;
	readonly #record: number;
	#seen = '';
	#since = 0;
	#warned = false;

	constructor(waits: ThreadWaits, record: number) {
		this.#waits = waits;
		this.#record = record;
	}

	/** Called on a tick, or more often. The error with which this wait is to end, if it is the one of a deadlock. */
	look(): DeadlockError | undefined {
		const graph = new Graph(this.#waits);
		const circle = graph.circle(graph.read(this.#record));
		const key = circle?.map(({ number, holder }) => `${number}:${holder}`).join() ?? '';
		if (key !== this.#seen) {
			this.#seen = key;
			this.#since = now();
			this.#warned = false;
		}
		if (circle === undefined || this.#warned || now() - this.#since < STABLE || !this.#isFor(circle)) return undefined;
		const cycle = circle.map((wait) => edge(graph, wait));
		if (circle.every(({ isSync }) => isSync)) return new DeadlockError(`Deadlock: ${text(cycle)}. ${ADVICE}`, cycle);
		this.#warned = true;
		process.emitWarning(`Perhaps a deadlock: ${text(cycle)}. Some of them wait in their event loops.`, {
			type: 'DeadlockWarning',
			code: DeadlockError.code,
		});
		return undefined;
	}

	/** Whether it is this wait that is to do something: the youngest, or the youngest asynchronous one. */
	#isFor(circle: readonly Wait[]): boolean {
		const asynchronous = circle.filter(({ isSync }) => !isSync);
		const candidates = asynchronous.length > 0 ? asynchronous : circle;
		const youngest = candidates.reduce((a, b) => (((b.number - a.number) | 0) > 0 ? b : a));
		return youngest.record === this.#record && circle.every(({ participant }) => this.#waits.isAlive(participant));
	}
}

const ADVICE = 'This wait, the youngest of them, has been given up; release what you hold, and try again.';

function edge(graph: Graph, wait: Wait): DeadlockEdge {
	const { process, pid, waitsFor, heldBy } = graph.describe(wait);
	return { process, pid, waitsFor, heldBy: heldBy ?? 'nobody' };
}

function text(cycle: readonly DeadlockEdge[]): string {
	return cycle
		.map(({ process, pid, waitsFor, heldBy }) => `${process} (pid ${pid}) waits for ${waitsFor}, held by ${heldBy}`)
		.join('; ');
}
