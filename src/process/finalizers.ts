/**
 * What must be done when a process ends by itself, in a fixed order: higher priority first, within one the newest
 * first. Those below zero run after the children are gone (temporary directories, the place in the family).
 */
import { afterFork } from '../base/after-fork.ts';
import { exitSequence } from './exit.ts';
import { log } from './log.ts';

type Finalizer = () => void;

interface Entry {
	readonly priority: number;
	readonly run: Finalizer;
}

class Finalizers {
	#entries: Entry[] = [];

	/** Runs `run` at the end, once. Returns what takes it back. */
	add(priority: number, run: Finalizer): () => void {
		exitSequence.define('finalize', () => {
			log('debug', 'running all finalizers with priority >= 0');
			this.run(0);
		});
		exitSequence.define('finalizeLast', () => {
			log('debug', 'running the remaining finalizers');
			this.run(Number.NEGATIVE_INFINITY);
		});
		const entry: Entry = { priority, run };
		this.#entries.unshift(entry);
		return () => {
			this.#entries = this.#entries.filter((other) => other !== entry);
		};
	}

	get isEmpty(): boolean {
		return this.#entries.length === 0;
	}

	/** In a forked child: they are its parent's. */
	disown(): void {
		this.#entries = [];
	}

	/** Runs those whose priority is at least `lowest`. One that throws is reported and does not keep the others. */
	run(lowest: number): void {
		const due = this.#entries.filter((entry) => entry.priority >= lowest);
		this.#entries = this.#entries.filter((entry) => entry.priority < lowest);
		for (const entry of due.sort((a, b) => b.priority - a.priority)) attempt(entry.run);
	}
}

function attempt(run: Finalizer): void {
	try {
		run();
	} catch (error) {
		console.error('polyproc: a finalizer failed:', error);
	}
}

/** This thread's. */
export const finalizers: Finalizers = new Finalizers();

afterFork(
	() => finalizers.disown(),
	() => !finalizers.isEmpty,
);
