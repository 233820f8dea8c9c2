/**
 * Who wants to do something short that is not always possible, like taking an item out of a queue, one by one and in
 * order of arrival. It is done with the guard of the waiters' queue held, so those who do it never meet, and whoever is
 * killed in the middle of it is noticed by the next one (wait-queue.ts); what is done must therefore be right again after
 * being left off at any place.
 *
 * - Whoever comes may pass at once, before those who wait: see mutex.ts. As many waiters are *nudged* as may pass, the
 *   first ones. One that comes too late becomes *impatient*, and as long as the first waiter is, newcomers have to wait:
 *   so nobody starves.
 * - Whether a waiter may pass depends on others, who call `wakeNext` when they have changed it.
 * - A waiter passes and leaves the queue by itself. One that is killed before has done nothing; whoever is behind it
 *   strikes it out on a tick, and is nudged in its place.
 * - Under the guard, `#settle` is the last thing done, and restores the invariant: *of as many waiters as may pass, the
 *   first ones, all have been nudged.*
 */
import type { Words } from '../memory/words.ts';
import { ATTEMPT, type Attempt } from './queueable.ts';
import { QUEUE_WORDS, WaitQueue } from './wait-queue.ts';
import { WAITER, WAITER_STATE, type WaitWorld } from './waiter.ts';

export const TURNSTILE_WORDS: number = QUEUE_WORDS;

/** What somebody wants to do. */
export interface Passage {
	/** How much of what there is it takes, in the units of the turnstile's `Room`. */
	readonly need: number;
	/** Does it, if it is possible. Short; must not wait and not come here again. */
	pass(): boolean;
}

/** How many may pass: asked for each waiter in order, until one does not fit. */
export interface Room {
	admits(need: number): boolean;
}

export class Turnstile {
	readonly #queue: WaitQueue;
	readonly #records: Words;
	readonly #world: WaitWorld;
	readonly #room: () => Room;

	/**
	 * A turnstile at word `base` of `words`; `target` is the same word's index in the whole segment.
	 *
	 * @param room looks how much room there is, with the guard held
	 */
	constructor(words: Words, base: number, target: number, records: Words, world: WaitWorld, room: () => Room) {
		this.#queue = new WaitQueue(words, base, target, records, world, () => this.#settle());
		this.#records = records;
		this.#world = world;
		this.#room = room;
	}

	/** What it is called in waiters' records. */
	get target(): number {
		return this.#queue.target;
	}

	/** Passes now, if that is possible and nobody is kept waiting by it who was passed before. */
	tryPass(passage: Passage): boolean {
		this.#queue.enter();
		const passed = !this.#isReserved() && passage.pass();
		this.#queue.leave();
		return passed;
	}

	#isReserved(): boolean {
		const first = this.#queue.first();
		return first !== 0 && this.#records.load(first + WAITER.impatient) === 1;
	}

	enqueue(record: number, passage: Passage): Attempt {
		return this.#queue.guarded(() => {
			if (this.#queue.isEmpty() && passage.pass()) return ATTEMPT.acquired;
			this.#records.store(record + WAITER.need, passage.need);
			this.#queue.append(record);
			this.#settle();
			return ATTEMPT.wait;
		});
	}

	attempt(record: number, passage: Passage): Attempt {
		if (this.#records.load(record + WAITER.state) === WAITER_STATE.waiting) return ATTEMPT.wait;
		return this.#queue.guarded(() => {
			const passed = passage.pass();
			if (passed) this.#leave(record);
			else this.#loseNudge(record);
			this.#settle();
			return passed ? ATTEMPT.acquired : ATTEMPT.wait;
		});
	}

	/** Somebody else was quicker: from now on nobody new is. */
	#loseNudge(record: number): void {
		this.#records.store(record + WAITER.impatient, 1);
		this.#records.store(record + WAITER.state, WAITER_STATE.waiting);
	}

	giveUp(record: number): void {
		this.#queue.guarded(() => {
			this.#leave(record);
			this.#settle();
		});
	}

	#leave(record: number): void {
		this.#queue.remove(record);
		this.#records.store(record + WAITER.state, WAITER_STATE.idle);
	}

	/** More may pass than before. One load when nobody waits. */
	wakeNext(): void {
		if (!this.#queue.isEmpty()) this.#queue.guarded(() => this.#settle());
	}

	/**
	 * Those that have been nudged keep the ones behind them from being nudged: if they are dead for ever, and if their
	 * event loop is busy for long. So one more than may pass is nudged now.
	 */
	lookAfter(record: number): void {
		this.#queue.guarded(() => {
			if (record !== 0) this.#queue.mend(record);
			do this.#settle();
			while (this.#queue.dropDeadNudged());
			this.#settle(1);
		});
	}

	/** Does something that must not meet anybody who passes. As short as a passage. */
	exclusively<T>(action: () => T): T {
		return this.#queue.guarded(action);
	}

	/** Restores the invariant; and if anybody may pass, so many more that are next are nudged. */
	#settle(more: number = 0): void {
		if (this.#queue.isEmpty()) return;
		const room = this.#room();
		let left = more;
		let isFirst = true;
		for (const record of this.#queue.waiters()) {
			if (!room.admits(this.#records.load(record + WAITER.need)) && (isFirst || left-- <= 0)) return;
			isFirst = false;
			if (this.#records.load(record + WAITER.state) === WAITER_STATE.nudged) continue;
			this.#records.store(record + WAITER.state, WAITER_STATE.nudged);
			this.#world.wake(record);
		}
	}
}
