/**
 * Ctrl-C. A terminal sends SIGINT to every process of a program; workers ignore it, so that the program decides. If it
 * has nothing to say about it, it ends as it would have, and says in one line what was given up. Only while there is
 * something to give up: otherwise the signal is left to Node.
 */
import { afterFork } from '../base/after-fork.ts';
import { progressBars } from './progress-bar.ts';

/** Something that an interrupt would cut short. */
interface Interruptible {
	/** What is given up, for the message. */
	interrupt(): string;
}

class Interrupts {
	readonly #under = new Set<Interruptible>();

	add(what: Interruptible): void {
		// Before others: one of `process.once` is gone when it is called, and would not be seen.
		if (this.#under.size === 0) process.prependListener('SIGINT', this.#onInterrupt);
		this.#under.add(what);
	}

	delete(what: Interruptible): void {
		if (this.#under.delete(what) && this.#under.size === 0) process.off('SIGINT', this.#onInterrupt);
	}

	get isEmpty(): boolean {
		return this.#under.size === 0;
	}

	/** In a forked child: they are its parent's. */
	disown(): void {
		this.#under.clear();
		process.off('SIGINT', this.#onInterrupt);
	}

	readonly #onInterrupt = (): void => {
		if (process.listeners('SIGINT').some((listener) => listener !== this.#onInterrupt)) return; // the program decides
		const given = [...this.#under].map((what) => what.interrupt());
		progressBars.end();
		process.stderr.write(`polyproc: interrupted; given up: ${given.join('; ')}\n`);
		process.off('SIGINT', this.#onInterrupt);
		process.kill(process.pid, 'SIGINT');
	};
}

/** This thread's. */
const interrupts = new Interrupts();

/** Who does what would be given up. */
interface Crew {
	readonly pending: { readonly waiting: number; readonly running: number };
	killAll(): void;
}

/** What a crew is to do when there is something to be done, and when there is no more. */
export function whileBusy(crew: Crew, name: string): (isBusy: boolean) => void {
	const interruptible: Interruptible = {
		interrupt: () => {
			const { waiting, running } = crew.pending;
			crew.killAll();
			return `${running} running and ${waiting} waiting tasks of ${name}`;
		},
	};
	return (isBusy) => (isBusy ? interrupts.add(interruptible) : interrupts.delete(interruptible));
}

afterFork(
	() => interrupts.disown(),
	() => !interrupts.isEmpty,
);
