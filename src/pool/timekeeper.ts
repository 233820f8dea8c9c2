/**
 * Says when a task has run for too long. Its time begins when its function is called, which the worker says in shared
 * memory and nowhere else; so the alarm looks there when it goes off.
 */
import { LONGEST_TIMER } from '../base/deadline.ts';
import type { Work } from './work.ts';

/** How soon to look again whether a task that was sent has begun, in milliseconds. */
const AGAIN = 20;
/** How long the modules may take that a task with a limit needs, in milliseconds. */
const PATIENCE = 30_000;

export class Timekeeper {
	readonly #timers = new Map<Work, NodeJS.Timeout>();
	readonly #timeOut: (work: Work) => void;

	constructor(timeOut: (work: Work) => void) {
		this.#timeOut = timeOut;
	}

	/** A work is the next thing that its worker does. */
	begin(work: Work): void {
		if (work.timeout <= LONGEST_TIMER) this.#look(work, 0);
	}

	end(work: Work): void {
		if (this.#timers.size === 0) return;
		clearTimeout(this.#timers.get(work));
		this.#timers.delete(work);
	}

	/** It had not begun after so many milliseconds. */
	#look(work: Work, waited: number): void {
		if (work.worker?.runs(work) === true || waited > PATIENCE) {
			this.#set(work, work.timeout, () => this.#timeOut(work));
			return;
		}
		const pause = Math.min(AGAIN, work.timeout);
		this.#set(work, pause, () => this.#look(work, waited + pause));
	}

	#set(work: Work, ms: number, then: () => void): void {
		this.#timers.set(
			work,
			setTimeout(() => {
				this.#timers.delete(work);
				then();
			}, ms),
		);
	}
}
