/**
 * A number of permits that threads of any processes take and give back: the semaphore's algorithm. A permit has no
 * owner, so nobody's death gives one back; but none is lost by a death in the middle of taking or giving.
 *
 * ```
 *  word  0       1 … 4         5
 *      +-------+-------------+-------+
 *      | value | wait queue  | bound |
 *      +-------+-------------+-------+
 *
 *  value:  bit 31: somebody waits   bit 30: what is free is for those who wait   bits 0–29: how many are free
 * ```
 *
 * Taking one is a look and a compare-and-exchange, and so is giving one back while nobody waits. Otherwise:
 *
 * - Whoever comes may take a free permit at once, before those who wait: see mutex.ts. As many waiters are *nudged* as
 *   there are permits free, the first ones. One that comes too late becomes *impatient*, and as long as the first waiter
 *   is, bit 30 keeps newcomers away: so nobody starves.
 * - A waiter takes its permit and leaves the queue by itself. One that is killed before has taken nothing; whoever is
 *   behind it strikes it out on a tick, and is nudged in its place.
 * - Under the queue's guard, `#settle` is the last thing done, and restores the invariant: *bits 31 and 30 are right,
 *   and of as many waiters as there are permits free, the first ones, all have been nudged.*
 */
import type { Words } from '../memory/words.ts';
import { type Acquirable, ATTEMPT, type Attempt } from './queueable.ts';
import { QUEUE_WORDS, WaitQueue } from './wait-queue.ts';
import { WAITER, WAITER_STATE, type WaitWorld } from './waiter.ts';

const VALUE = 0;
const QUEUE_BASE = 1;
const BOUND: number = QUEUE_BASE + QUEUE_WORDS;
export const PERMITS_WORDS: number = BOUND + 1;

const WAITERS = 1 << 31;
const RESERVED = 1 << 30;
const COUNT: number = (1 << 30) - 1;
/** How many permits there can be. */
export const MOST_PERMITS: number = COUNT;

export class Permits implements Acquirable {
	readonly #words: Words;
	readonly #value: number;
	readonly #bound: number;
	readonly #records: Words;
	readonly #world: WaitWorld;
	readonly #queue: WaitQueue;

	/** Permits at word `base` of `words`; `target` is the same word's index in the whole segment. */
	constructor(words: Words, base: number, target: number, records: Words, world: WaitWorld) {
		this.#words = words;
		this.#value = base + VALUE;
		this.#bound = base + BOUND;
		this.#records = records;
		this.#world = world;
		this.#queue = new WaitQueue(words, base + QUEUE_BASE, target + QUEUE_BASE, records, world, () => this.#settle());
	}

	/** So many are free, and there are never more than `bound`. Before anybody else knows of them. */
	begin(value: number, bound: number): void {
		this.#words.store(this.#value, value);
		this.#words.store(this.#bound, bound);
	}

	get target(): number {
		return this.#queue.target;
	}

	/** How many are free. */
	free(): number {
		return this.#words.load(this.#value) & COUNT;
	}

	/** How many there can be free. */
	bound(): number {
		return this.#words.load(this.#bound);
	}

	mayBeFree(): boolean {
		return this.free() > 0;
	}

	tryAcquire(): boolean {
		return this.#take(RESERVED);
	}

	/** Takes one if there is any, unless one of the bits `unless` is set. */
	#take(unless: number): boolean {
		for (let state = this.#words.load(this.#value); ; ) {
			if ((state & COUNT) === 0 || (state & unless) !== 0) return false;
			const found = this.#words.compareExchange(this.#value, state, state - 1);
			if (found === state) return true;
			state = found;
		}
	}

	/** Gives one back. False: there are as many as there can be. */
	release(): boolean {
		for (let state = this.#words.load(this.#value); ; ) {
			if ((state & COUNT) >= this.bound()) return false;
			if ((state & WAITERS) !== 0) return this.#queue.guarded(() => this.#releaseToWaiters());
			const found = this.#words.compareExchange(this.#value, state, state + 1);
			if (found === state) return true;
			state = found;
		}
	}

	#releaseToWaiters(): boolean {
		for (;;) {
			const state = this.#words.load(this.#value);
			if ((state & COUNT) >= this.bound()) return false;
			if (this.#words.compareExchange(this.#value, state, state + 1) !== state) continue;
			this.#settle();
			return true;
		}
	}

	enqueue(record: number): Attempt {
		return this.#queue.guarded(() => {
			if (this.#queue.first() === 0 && this.tryAcquire()) return ATTEMPT.acquired;
			this.#queue.append(record);
			this.#settle();
			return ATTEMPT.wait;
		});
	}

	attempt(record: number): Attempt {
		if (this.#records.load(record + WAITER.state) === WAITER_STATE.waiting) return ATTEMPT.wait;
		const taken = this.#take(0);
		this.#queue.guarded(() => {
			if (taken) this.#leave(record);
			else this.#loseNudge(record);
			this.#settle();
		});
		return taken ? ATTEMPT.acquired : ATTEMPT.wait;
	}

	/** Somebody else was quicker: from now on nobody new is. */
	#loseNudge(record: number): void {
		this.#records.store(record + WAITER.impatient, 1);
		this.#records.store(record + WAITER.state, WAITER_STATE.waiting);
	}

	giveUp(record: number): boolean {
		this.#queue.guarded(() => {
			this.#leave(record);
			this.#settle();
		});
		return false;
	}

	handBack(): boolean {
		return this.release();
	}

	#leave(record: number): void {
		this.#queue.remove(record);
		this.#records.store(record + WAITER.state, WAITER_STATE.idle);
	}

	/** Those that have been nudged and are dead keep the ones behind them from being nudged. */
	lookAfter(record: number): void {
		this.#queue.guarded(() => {
			if (record !== 0) this.#queue.mend(record);
			do this.#settle();
			while (this.#queue.dropDeadNudged());
		});
	}

	/** Restores the invariant. */
	#settle(): void {
		let free = this.#mark() & COUNT;
		for (const record of this.#queue.waiters()) {
			if (free-- === 0) return;
			if (this.#records.load(record + WAITER.state) === WAITER_STATE.nudged) continue;
			this.#records.store(record + WAITER.state, WAITER_STATE.nudged);
			this.#world.wake(record);
		}
	}

	/** Sets or clears bits 31 and 30; returns the value word as it is then. */
	#mark(): number {
		const first = this.#queue.first();
		const isReserved = first !== 0 && this.#records.load(first + WAITER.impatient) === 1;
		const bits = (first === 0 ? 0 : WAITERS) | (isReserved ? RESERVED : 0);
		for (let state = this.#words.load(this.#value); ; ) {
			const wanted = (state & COUNT) | bits;
			if (state === wanted) return wanted;
			const found = this.#words.compareExchange(this.#value, state, wanted);
			if (found === state) return wanted;
			state = found;
		}
	}
}
