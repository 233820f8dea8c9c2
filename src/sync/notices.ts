/**
 * Waiters that are told one by one that something may have happened: the condition's algorithm.
 *
 * ```
 *  word  0 … 3        4
 *      +------------+------+
 *      | wait queue | told |
 *      +------------+------+
 * ```
 *
 * A notification is one write to a waiter's record (`nudged`). The waiter stays in the queue until it has the lock again
 * and can act on it. `told` counts the notifications on their way: it is raised before a waiter is nudged and lowered
 * after it has left. So wherever somebody is killed, `told` is never less than the number of nudged waiters, and when it
 * is more, one of them has died on the way: then the others, on a tick, pass its notification on. A death may cause
 * one notification too many, which a condition's waiter must always reckon with; it never swallows one.
 *
 * Whether a waiter lives is asked before it is nudged. That is slow; the alternative is to have the living confirm, and
 * to wait for that.
 */
import type { Words } from '../memory/words.ts';
import { ATTEMPT, type Attempt, type Queueable } from './queueable.ts';
import { QUEUE_WORDS, WaitQueue } from './wait-queue.ts';
import { WAITER, WAITER_STATE, type WaitWorld } from './waiter.ts';

const TOLD: number = QUEUE_WORDS;
export const NOTICES_WORDS: number = TOLD + 1;

export class Notices implements Queueable {
	readonly #words: Words;
	readonly #told: number;
	readonly #records: Words;
	readonly #world: WaitWorld;
	readonly #queue: WaitQueue;

	/** Notices at word `base` of `words`; `target` is the same word's index in the whole segment. */
	constructor(words: Words, base: number, target: number, records: Words, world: WaitWorld) {
		this.#words = words;
		this.#told = base + TOLD;
		this.#records = records;
		this.#world = world;
		this.#queue = new WaitQueue(words, base, target, records, world);
	}

	enqueue(record: number): void {
		this.#queue.guarded(() => this.#queue.append(record));
	}

	/** Tells the first waiters that have not been told yet, `count` of them. */
	notify(count: number): void {
		this.#queue.guarded(() => this.#tell(count));
	}

	#tell(count: number): void {
		let left = count;
		for (const record of this.#queue.waiters()) {
			if (left === 0) return;
			if (this.#isTold(record) || this.#queue.dropIfDead(record)) continue;
			this.#words.add(this.#told, 1);
			this.#records.store(record + WAITER.state, WAITER_STATE.nudged);
			this.#world.wake(record);
			left--;
		}
	}

	/** A waiter that has been told stays in the queue, until `leave`. */
	attempt(record: number): Attempt {
		return this.#isTold(record) ? ATTEMPT.acquired : ATTEMPT.wait;
	}

	/** The waiter has done what it was told: it has the lock again. Or it has not been told, and gives up. */
	leave(record: number): void {
		this.#queue.guarded(() => {
			const told = this.#isTold(record);
			this.#queue.remove(record);
			this.#records.store(record + WAITER.state, WAITER_STATE.idle);
			if (told) this.#words.add(this.#told, -1);
		});
	}

	giveUp(record: number): boolean {
		return this.#queue.guarded(() => {
			if (this.#isTold(record)) return true;
			this.#queue.remove(record);
			this.#records.store(record + WAITER.state, WAITER_STATE.idle);
			return false;
		});
	}

	/** A notification that came before the abort is kept. */
	handBack(): boolean {
		return false;
	}

	/** Passes on what the dead were told. */
	lookAfter(record: number): void {
		this.#queue.guarded(() => {
			if (record !== 0) this.#queue.mend(record);
			let onTheirWay = 0;
			for (const record of this.#queue.waiters()) {
				if (this.#isTold(record) && !this.#queue.dropIfDead(record)) onTheirWay++;
			}
			const told = this.#words.load(this.#told);
			if (told <= onTheirWay) return;
			this.#tell(told - onTheirWay);
			this.#words.store(this.#told, this.#countTold());
		});
	}

	#countTold(): number {
		return [...this.#queue.waiters()].filter((record) => this.#isTold(record)).length;
	}

	/** How many have not been told yet; for people, for some may be dead. */
	count(): number {
		return this.#queue.guarded(() => [...this.#queue.waiters()].filter((record) => !this.#isTold(record)).length);
	}

	#isTold(record: number): boolean {
		return this.#records.load(record + WAITER.state) !== WAITER_STATE.waiting;
	}
}
