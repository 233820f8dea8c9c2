/** The tasks that took longest. */
import type { Work } from './work.ts';

export interface SlowTask {
	/** The function's name, and which items. */
	readonly task: string;
	/** Milliseconds. */
	readonly ms: number;
}

const HOW_MANY = 5;

export class Slowest {
	readonly #tasks: SlowTask[] = [];

	add(work: Work, ms: number): void {
		const least = this.#tasks.length < HOW_MANY ? Number.NEGATIVE_INFINITY : this.#tasks.at(-1)!.ms;
		if (ms <= least) return;
		this.#tasks.push({ task: work.label, ms });
		this.#tasks.sort((a, b) => b.ms - a.ms);
		this.#tasks.splice(HOW_MANY);
	}

	list(): SlowTask[] {
		return this.#tasks.slice();
	}
}
