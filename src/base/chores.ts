/**
 * What a thread has to look after every now and then for as long as something lasts, also while it is blocked: its event
 * loop sees to it as a rule, and whatever blocks the thread (os/…/poll, park) does it in between. Costs nothing while
 * there is nothing to look after, and keeps nothing alive.
 */
import { afterFork } from './after-fork.ts';

type Chore = () => void;

/** Milliseconds between two looks. */
const PERIOD = 25;

class Chores {
	readonly #all = new Set<Chore>();
	#timer: NodeJS.Timeout | undefined;

	/** Has `chore` done from now on, which must not throw. Returns what ends that. */
	add(chore: Chore): () => void {
		this.#all.add(chore);
		this.#timer ??= setInterval(() => this.run(), PERIOD).unref();
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

	clear(): void {
		this.#all.clear();
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
