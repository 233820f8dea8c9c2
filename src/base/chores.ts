/**
 * What a thread has to look after every now and then for as long as something lasts, also while it is blocked: its event
 * loop sees to it as a rule, each in a turn of its own, and whatever blocks the thread (os/…/poll, park) does it in between.
 * Costs nothing while there is nothing to look after, and keeps nothing alive.
 */
import { afterFork } from './after-fork.ts';

type Chore = () => void;

/** Milliseconds between two looks. */
const PERIOD = 25;

class Chores {
	readonly #all = new Set<Chore>();
	/** Those whose turn has not come yet. */
	#due: Chore[] = [];
	#timer: NodeJS.Timeout | undefined;

	/** Has `chore` done from now on, which must not throw. Returns what ends that. */
	add(chore: Chore): () => void {
		this.#all.add(chore);
		this.#timer ??= setInterval(() => this.#begin(), PERIOD).unref();
		return () => {
			this.#all.delete(chore);
			if (this.#all.size === 0) this.clear();
		};
	}

	get isEmpty(): boolean {
		return this.#all.size === 0;
	}

	/** How long to sleep at once of a wait of `ms` milliseconds. */
	nap(ms: number): number {
		return this.isEmpty ? ms : Math.min(ms, PERIOD);
	}

	run(): void {
		for (const chore of [...this.#all]) chore();
	}

	#begin(): void {
		if (this.#due.length > 0) return;
		this.#due = [...this.#all];
		this.#next();
	}

	/** What else is to be done waits for one of them and not for all. */
	#next(): void {
		const chore = this.#due.shift();
		if (chore === undefined) return;
		if (this.#all.has(chore)) chore();
		if (this.#due.length > 0) setImmediate(() => this.#next());
	}

	clear(): void {
		this.#all.clear();
		this.#due = [];
		clearInterval(this.#timer);
		this.#timer = undefined;
	}
}

/** This thread's. */
export const chores: Chores = new Chores();

afterFork(
	() => chores.clear(),
	() => !chores.isEmpty,
);
