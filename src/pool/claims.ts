/**
 * Which tasks of a worker have begun. A pool sends a worker short tasks ahead of time; until one has begun it may be
 * taken back: because it was cancelled, because another worker has nothing to do, because the worker has died under the
 * task before it. So each task that was sent has a word in shared memory, which the pool and the worker change by
 * compare-and-exchange only: exactly one of them gets it.
 *
 *     word of task n, at n mod 64 = n · 4 + state        waiting ──▶ loading ──▶ running      (the worker)
 *                                                            └────▶ revoked                  (the pool)
 *
 * The number is in the word because a revoked task's message is still on its way when the next task but 63 gets the same
 * word: when the worker comes to it the word is no longer what it should be, and it is passed over.
 */
import type { Words } from '../memory/words.ts';

/** How many tasks a worker may have been sent at a time. */
export const CLAIMS = 64;

export const CLAIM = {
	/** Sent. */
	waiting: 0,
	/** What it needs is being unpickled, and perhaps imported. */
	loading: 1,
	/** Its function has been called. */
	running: 2,
	/** Taken back. */
	revoked: 3,
} as const;

export type Claim = (typeof CLAIM)[keyof typeof CLAIM];

const STATES = 4;

/** Task numbers wrap around here, so that a word holds one and its state. */
export const TASK_NUMBERS: number = 2 ** 29;

function word(task: number, state: Claim): number {
	return (task * STATES + state) | 0;
}

export class Claims {
	readonly #words: Words;

	constructor(words: Words) {
		this.#words = words;
	}

	/** The pool is about to send the task. */
	offer(task: number): void {
		this.#words.store(task % CLAIMS, word(task, CLAIM.waiting));
	}

	/** The pool takes it back. False: the worker has begun it. */
	revoke(task: number): boolean {
		return this.#change(task, CLAIM.waiting, CLAIM.revoked);
	}

	/** What has become of a task that was offered. */
	state(task: number): Claim {
		return (this.#words.load(task % CLAIMS) & (STATES - 1)) as Claim;
	}

	/** The worker begins it. False: it was taken back. */
	claim(task: number): boolean {
		return this.#change(task, CLAIM.waiting, CLAIM.loading);
	}

	/** The worker has all it needs and calls the function. */
	run(task: number): void {
		this.#words.store(task % CLAIMS, word(task, CLAIM.running));
	}

	#change(task: number, from: Claim, to: Claim): boolean {
		return this.#words.compareExchange(task % CLAIMS, word(task, from), word(task, to)) === word(task, from);
	}
}
