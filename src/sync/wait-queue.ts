/**
 * The one wait queue of the package: waiters in order of arrival, synchronous and asynchronous alike, in shared memory.
 *
 * ```
 *  word  0       1       2      3         (from the queue's first word)
 *      +-------+-------+------+--------+
 *      | guard | first | last | ticket |
 *      +-------+-------+------+--------+
 * ```
 *
 * `guard` holds the participant that is changing the queue, 0 when nobody is. Critical sections are a few dozen memory
 * operations; a thread that finds the guard taken backs off, and when the holder turns out to be dead takes it over and
 * **repairs** the queue: the links are only a cache of what the waiters' records say (`target`, `state`, `ticket`), so
 * they are made again from those. What else the dead holder may have left half done is for the object: `onRepair`.
 *
 * For the same reason no link need be believed. One that leads to no record of a waiter for this queue, or round in a
 * circle, was overwritten by somebody who shares this memory: then, too, they are made again.
 *
 * Everything here is called with the guard held, but `guarded` and `enter` themselves and `isEmpty`.
 */
import { now } from '../base/deadline.ts';
import { corrupted } from '../memory/corrupted.ts';
import { Lap } from '../memory/lap.ts';
import type { Words } from '../memory/words.ts';
import { WAITER, WAITER_STATE, type WaitWorld } from './waiter.ts';

/** Words of a queue. */
export const QUEUE = { guard: 0, first: 1, last: 2, ticket: 3 } as const;
export const QUEUE_WORDS = 4;

/** Pauses between two looks at whether the holder of the guard is alive. */
const ROUNDS_BETWEEN_LOOKS = 64;
/** Milliseconds that one living thread may hold the guard. It needs microseconds; this is a machine that swaps. */
const PATIENCE = 10_000;

export class WaitQueue {
	readonly #words: Words;
	readonly #base: number;
	readonly #records: Words;
	readonly #world: WaitWorld;
	/** The queue's name in waiters' records. */
	readonly target: number;
	readonly #onRepair: () => void;

	/**
	 * @param words where the queue is, beginning at word `base`
	 * @param target the same word's index in the whole segment: the queue's name in waiters' records
	 * @param records all waiters' records, by their index in the whole segment
	 */
	constructor(
		words: Words,
		base: number,
		target: number,
		records: Words,
		world: WaitWorld,
		onRepair: () => void = () => {},
	) {
		this.#words = words;
		this.#base = base;
		this.target = target;
		this.#records = records;
		this.#world = world;
		this.#onRepair = onRepair;
	}

	/** Whether nobody waits; a look, without the guard. */
	isEmpty(): boolean {
		return this.#words.load(this.#base + QUEUE.first) === 0;
	}

	/** Runs a critical section. It must not wait. */
	guarded<T>(section: () => T): T {
		this.enter();
		try {
			return section();
		} finally {
			this.leave();
		}
	}

	/**
	 * Begins a critical section; `leave` must follow. As `guarded`, where a function to call would cost too much.
	 *
	 * @throws ProcessError if somebody alive does not let go of the guard
	 */
	enter(): void {
		const guard = this.#base + QUEUE.guard;
		let since = Number.POSITIVE_INFINITY;
		for (let round = 0; ; round++) {
			const holder = this.#words.compareExchange(guard, 0, this.#world.me);
			if (holder === 0) return;
			const isLook = round % ROUNDS_BETWEEN_LOOKS === ROUNDS_BETWEEN_LOOKS - 1;
			// Critical sections do not nest: it was not this thread that wrote that it holds the guard.
			if (holder === this.#world.me || (isLook && !this.#world.isAlive(holder))) {
				if (this.#words.compareExchange(guard, holder, this.#world.me) === holder) {
					this.#repair();
					return;
				}
			}
			if (isLook) since = this.#checkPatience(since);
			this.#world.pause(round);
		}
	}

	#checkPatience(since: number): number {
		if (now() - since > PATIENCE) throw corrupted('A shared object');
		return Math.min(since, now());
	}

	/** Ends a critical section. */
	leave(): void {
		this.#words.store(this.#base + QUEUE.guard, 0);
	}

	/** The ticket that the next waiter gets. */
	nextTicket(): number {
		return this.#words.load(this.#base + QUEUE.ticket);
	}

	/** The waiter that came first, 0 when there is none. */
	first(): number {
		const link = this.#words.load(this.#base + QUEUE.first);
		if (link === 0 || this.#isWaiter(link)) return link;
		this.#relink();
		return this.#words.load(this.#base + QUEUE.first);
	}

	/** Whether a link, not 0, leads to a waiter of this queue. */
	#isWaiter(link: number): boolean {
		return this.#world.isRecord(link) && this.#records.load(link + WAITER.target) === this.target;
	}

	/** All waiters in their order; the one just given may be removed. */
	*waiters(): IterableIterator<number> {
		const lap = new Lap();
		for (let at = this.first(); at !== 0; ) {
			const next = this.#records.load(at + WAITER.next);
			yield at;
			at = next;
			if (at === 0 || (this.#isWaiter(at) && !lap.isRound(at))) continue;
			this.#relink();
			return;
		}
	}

	/** A waiter that nobody has told anything stands in the queue, whatever somebody has written there or in its record. */
	mend(record: number): void {
		const state = this.#records.load(record + WAITER.state);
		if (state !== WAITER_STATE.waiting && state !== WAITER_STATE.nudged) return;
		if (this.#records.load(record + WAITER.target) !== this.target) this.append(record);
		else if (this.first() === 0) this.#relink();
	}

	/** Appends a waiter; it is `waiting` from here on. */
	append(record: number): void {
		const ticket = this.#words.add(this.#base + QUEUE.ticket, 1);
		this.#records.store(record + WAITER.next, 0);
		this.#records.store(record + WAITER.ticket, ticket);
		this.#records.store(record + WAITER.impatient, 0);
		// The target before the state: a record is never "waiting" without saying for what.
		this.#records.store(record + WAITER.target, this.target);
		this.#records.store(record + WAITER.state, WAITER_STATE.waiting);
		this.#link(record);
	}

	/** Takes a waiter out of the links and the order; its `state` says what becomes of it. False: it was not there. */
	remove(record: number): boolean {
		this.#records.store(record + WAITER.target, 0);
		const lap = new Lap();
		let previous = 0;
		for (let at = this.#words.load(this.#base + QUEUE.first); at !== 0; at = this.#records.load(at + WAITER.next)) {
			if (at === record) {
				this.#unlink(previous, record);
				return true;
			}
			if (!this.#isWaiter(at) || lap.isRound(at)) {
				this.#relink();
				return true;
			}
			previous = at;
		}
		return false;
	}

	/** Strikes the first waiter out if its process is dead. */
	dropDeadFirst(): boolean {
		const first = this.first();
		return first !== 0 && this.dropIfDead(first);
	}

	/** Strikes a waiter out if its process is dead. Slow: it asks the system. */
	dropIfDead(record: number): boolean {
		if (this.#world.isAlive(this.#records.load(record + WAITER.participant))) return false;
		this.remove(record);
		return true;
	}

	/** Strikes out those that were told they may go on, and are dead. Slow. */
	dropDeadNudged(): boolean {
		let dropped = false;
		for (const record of this.waiters()) {
			if (this.#records.load(record + WAITER.state) !== WAITER_STATE.nudged) continue;
			if (this.dropIfDead(record)) dropped = true;
		}
		return dropped;
	}

	#link(record: number): void {
		const first = this.first();
		const last = this.#words.load(this.#base + QUEUE.last);
		if (first !== 0 && last === record) return; // the links have just been made again
		if (first !== 0 && !this.#isWaiter(last)) {
			this.#relink();
			return;
		}
		if (first === 0) this.#words.store(this.#base + QUEUE.first, record);
		else this.#records.store(last + WAITER.next, record);
		this.#words.store(this.#base + QUEUE.last, record);
	}

	#unlink(previous: number, record: number): void {
		const link = this.#records.load(record + WAITER.next);
		const next = link !== 0 && this.#isWaiter(link) ? link : 0;
		if (previous === 0) this.#words.store(this.#base + QUEUE.first, next);
		else this.#records.store(previous + WAITER.next, next);
		if (next === 0) this.#words.store(this.#base + QUEUE.last, previous);
	}

	#repair(): void {
		this.#relink();
		this.#onRepair();
	}

	#relink(): void {
		const waiting = [...this.#world.recordsOf(this.target)].filter((record) => this.#isWaiting(record));
		waiting.sort((a, b) => (this.#records.load(a + WAITER.ticket) - this.#records.load(b + WAITER.ticket)) | 0);
		this.#words.store(this.#base + QUEUE.first, 0);
		let last = 0;
		for (const record of waiting) {
			this.#records.store(record + WAITER.next, 0);
			if (last === 0) this.#words.store(this.#base + QUEUE.first, record);
			else this.#records.store(last + WAITER.next, record);
			last = record;
		}
		this.#words.store(this.#base + QUEUE.last, last);
	}

	#isWaiting(record: number): boolean {
		const state = this.#records.load(record + WAITER.state);
		if (state !== WAITER_STATE.waiting && state !== WAITER_STATE.nudged) return false;
		return this.#world.isAlive(this.#records.load(record + WAITER.participant));
	}
}
