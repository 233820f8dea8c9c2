/**
 * Mutual exclusion between threads of any processes, with an owner who may die.
 *
 * ```
 *  word  0       1 … 4         5
 *      +-------+-------------+---------+
 *      | owner | wait queue  | grantee |
 *      +-------+-------------+---------+
 *
 *  owner:  bit 31: somebody waits   bit 30: the last owner died holding it   bit 29: handed over, not yet taken
 *          bit 28: the first waiter has been nudged   bits 0–27: the owner's id, 0: free
 * ```
 *
 * Uncontended, taking it is one compare-and-exchange and so is releasing it. Otherwise:
 *
 * - Whoever comes may take a free mutex at once, before those who wait ("barging"); handing over to a sleeper at every
 *   release would cost a context switch each. The first waiter is *nudged* when the mutex comes free. If it finds it
 *   taken again it becomes *impatient*, and then the next release hands it over directly. So nobody starves, be they
 *   synchronous or asynchronous (the scheme of WebKit's ParkingLot, with a failed attempt in place of its clock).
 * - Under the queue's guard, `#settle` is the last thing done, and restores the invariant: *bit 31 is set exactly when
 *   somebody waits; if the mutex is free and somebody waits, the first has been nudged.* Bit 28 says that it has been,
 *   and until it comes nobody needs to be told anything: so while it wakes up, releasing is one operation again. The
 *   bit may be missing, but is never set when the first waiter has been neither nudged nor killed.
 * - A waiter looks after the owner now and then; a dead one's mutex is handed to the first waiter, with bit 30.
 * - A hand-over is two writes, owner and waiter's state. `grantee` is written before the first and cleared after the
 *   second, so whoever repairs the queue after a death in between knows to do the second. Bit 29 tells that the first
 *   was done: the owner's id alone does not, for another task of the same thread may have barged in. It stays until
 *   the new owner has taken notice, so its record is in no other wait yet, and if it dies before then, it held nothing.
 */
import type { Words } from '../memory/words.ts';
import { type Acquirable, ATTEMPT, type Attempt } from './queueable.ts';
import { QUEUE_WORDS, WaitQueue } from './wait-queue.ts';
import { WAITER, WAITER_STATE, type WaitWorld } from './waiter.ts';

const OWNER = 0;
const QUEUE_BASE = 1;
const GRANTEE: number = QUEUE_BASE + QUEUE_WORDS;
export const MUTEX_WORDS: number = GRANTEE + 1;

const WAITERS = 1 << 31;
const DIED = 1 << 30;
export const HANDED: number = 1 << 29;
const NUDGED = 1 << 28;
export const ID: number = NUDGED - 1;

/** Who has a mutex and knows it, given the index of its first word; 0: nobody. For the graph of waits. */
export function holderOf(words: Words, mutex: number): number {
	const state = words.load(mutex + OWNER);
	return (state & HANDED) === 0 ? state & ID : 0;
}

/** The index of a mutex's first word, given what it is called in waiters' records. */
export function mutexOfTarget(target: number): number {
	return target - QUEUE_BASE;
}

export class Mutex implements Acquirable {
	readonly #words: Words;
	readonly #owner: number;
	readonly #base: number;
	readonly #records: Words;
	readonly #world: WaitWorld;
	readonly #queue: WaitQueue;

	/** A mutex at word `base` of `words`; `target` is the same word's index in the whole segment. */
	constructor(words: Words, base: number, target: number, records: Words, world: WaitWorld) {
		this.#words = words;
		this.#base = base;
		this.#owner = base + OWNER;
		this.#records = records;
		this.#world = world;
		this.#queue = new WaitQueue(words, base + QUEUE_BASE, target + QUEUE_BASE, records, world, () =>
			this.#finishGrant(),
		);
	}

	/** What it is called in waiters' records. */
	get target(): number {
		return this.#queue.target;
	}

	/** The participant that holds it, 0 when it is free. */
	owner(): number {
		return this.#words.load(this.#owner) & ID;
	}

	mayBeFree(): boolean {
		return this.owner() === 0;
	}

	/** Whether this thread holds it, and knows: not while it has been handed to a task that has not taken notice. */
	isMine(): boolean {
		return (this.#words.load(this.#owner) & (ID | HANDED)) === this.#world.me;
	}

	/** Whether its last owner died holding it; until the next release. */
	ownerDied(): boolean {
		return (this.#words.load(this.#owner) & DIED) !== 0;
	}

	/** Takes it if it is free. Does not look whether the owner is alive. */
	tryAcquire(): boolean {
		const state = this.#words.compareExchange(this.#owner, 0, this.#world.me);
		return state === 0 || ((state & ID) === 0 && this.#takeFree(state));
	}

	/** The uncontended case alone: free, nobody waits, nobody died. One operation. */
	tryAcquireClean(): boolean {
		return this.#words.compareExchange(this.#owner, 0, this.#world.me) === 0;
	}

	#takeFree(seen: number): boolean {
		for (let state = seen; (state & ID) === 0; ) {
			const found = this.#words.compareExchange(this.#owner, state, state | this.#world.me);
			if (found === state) return true;
			state = found;
		}
		return false;
	}

	/** Releases it, whoever holds it. False: nobody does. */
	release(): boolean {
		const me = this.#world.me;
		if (this.#words.compareExchange(this.#owner, me, 0) === me) return true;
		for (;;) {
			const state = this.#words.load(this.#owner);
			if ((state & ID) === 0) return false;
			if ((state & (WAITERS | NUDGED)) === WAITERS) return this.#queue.guarded(() => this.#releaseToWaiters());
			if (this.#words.compareExchange(this.#owner, state, state & (WAITERS | NUDGED)) === state) return true;
		}
	}

	#releaseToWaiters(): boolean {
		for (;;) {
			const state = this.#words.load(this.#owner);
			if ((state & ID) === 0) return false;
			const first = this.#queue.first();
			if (first !== 0 && this.#records.load(first + WAITER.impatient) === 1) {
				if (this.#grant(first, state, 0)) return true;
			} else if (this.#words.compareExchange(this.#owner, state, state & WAITERS) === state) {
				this.#settle();
				return true;
			}
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

	/** Takes what it was given, or competes for it. */
	attempt(record: number): Attempt {
		const state = this.#records.load(record + WAITER.state);
		if (state === WAITER_STATE.waiting) return ATTEMPT.wait;
		// Nudged; or anything, if somebody has overwritten it: then it competes just so.
		if (state !== WAITER_STATE.granted && !this.tryAcquire()) return this.#loseNudge(record);
		if (state === WAITER_STATE.granted) this.#takeGranted();
		else this.#leaveQueue(record);
		this.#records.store(record + WAITER.state, WAITER_STATE.idle);
		return ATTEMPT.acquired;
	}

	/** From now on this thread holds what it was given. Before its record is used for anything else. */
	#takeGranted(): void {
		for (;;) {
			const state = this.#words.load(this.#owner);
			// Unless somebody has released it in this thread's stead.
			if ((state & HANDED) === 0 || (state & ID) !== this.#world.me) return;
			if (this.#words.compareExchange(this.#owner, state, state & ~HANDED) === state) return;
		}
	}

	#leaveQueue(record: number): void {
		this.#queue.guarded(() => {
			this.#queue.remove(record);
			this.#settle();
		});
	}

	/** It was taken again before the nudged waiter came: from now on it is handed over. */
	#loseNudge(record: number): Attempt {
		return this.#queue.guarded(() => {
			if (this.#records.load(record + WAITER.state) !== WAITER_STATE.granted) {
				this.#records.store(record + WAITER.impatient, 1);
				this.#records.store(record + WAITER.state, WAITER_STATE.waiting);
				this.#settle();
			}
			if (this.#records.load(record + WAITER.state) !== WAITER_STATE.granted) return ATTEMPT.wait;
			this.#takeGranted();
			this.#records.store(record + WAITER.state, WAITER_STATE.idle);
			return ATTEMPT.acquired;
		});
	}

	giveUp(record: number): boolean {
		return this.#queue.guarded(() => {
			const granted = this.#records.load(record + WAITER.state) === WAITER_STATE.granted;
			if (granted) this.#takeGranted();
			this.#queue.remove(record);
			this.#records.store(record + WAITER.state, WAITER_STATE.idle);
			this.#settle();
			return granted;
		});
	}

	handBack(): boolean {
		return this.release();
	}

	lookAfter(record: number): void {
		const state = this.#words.load(this.#owner);
		const holder = state & ID;
		// Handed over and not yet taken: whoever did it may have died before it said so.
		const isHeld = (state & HANDED) === 0 && holder !== 0 && this.#world.isAlive(holder);
		if (isHeld && (state & WAITERS) === 0) return;
		this.#queue.guarded(() => {
			if (record !== 0) this.#queue.mend(record);
			if (!isHeld) this.#takeFromDead();
			// Also when the holder lives: a dead waiter that was nudged would keep those behind it from being nudged, for as
			// long as others take the mutex again and again.
			while (this.#queue.dropDeadFirst());
			this.#finishGrant(); // whoever tidied up after a dead waiter may have repaired the queue alone
		});
	}

	#takeFromDead(): void {
		const state = this.#words.load(this.#owner);
		const holder = state & ID;
		if (holder === 0 || this.#world.isAlive(holder)) return;
		const died = (state & HANDED) === 0 ? DIED : state & DIED;
		this.#words.compareExchange(this.#owner, state, (state & WAITERS) | died);
	}

	/** Restores the invariant. */
	#settle(): void {
		for (;;) {
			const first = this.#queue.first();
			const state = this.#markWaiters(first);
			if (first === 0 || (state & ID) !== 0) return;
			if (this.#records.load(first + WAITER.impatient) === 1) {
				if (this.#grant(first, state, state & DIED)) return;
			} else if (this.#nudge(first)) return;
		}
	}

	/** Sets or clears bits 31 and 28; returns the owner word as it is then. */
	#markWaiters(first: number): number {
		const nudged = first !== 0 && this.#records.load(first + WAITER.state) === WAITER_STATE.nudged;
		const bits = (first === 0 ? 0 : WAITERS) | (nudged ? NUDGED : 0);
		for (;;) {
			const state = this.#words.load(this.#owner);
			const wanted = (state & ~(WAITERS | NUDGED)) | bits;
			if (state === wanted || this.#words.compareExchange(this.#owner, state, wanted) === state) return wanted;
		}
	}

	/** False: the first waiter was dead and is gone. */
	#nudge(first: number): boolean {
		if (this.#records.load(first + WAITER.state) === WAITER_STATE.nudged) return true;
		this.#records.store(first + WAITER.state, WAITER_STATE.nudged);
		return this.#world.wake(first) || !this.#queue.dropDeadFirst();
	}

	/** Makes a waiter the owner in place of `state`. False: the owner word changed meanwhile. */
	#grant(record: number, state: number, died: number): boolean {
		this.#words.store(this.#base + GRANTEE, record);
		const next = (state & WAITERS) | died | HANDED | (this.#records.load(record + WAITER.participant) & ID);
		const done = this.#words.compareExchange(this.#owner, state, next) === state;
		if (done) this.#completeGrant(record);
		this.#words.store(this.#base + GRANTEE, 0);
		return done;
	}

	#completeGrant(record: number): void {
		// Unlinked first: once it is granted, its thread may use the record to wait for something else.
		this.#queue.remove(record);
		this.#markWaiters(this.#queue.first());
		this.#records.store(record + WAITER.state, WAITER_STATE.granted);
		this.#world.wake(record);
	}

	/** The repair of a queue whose guard's holder died: a hand-over that was begun is finished or forgotten. */
	#finishGrant(): void {
		const record = this.#words.load(this.#base + GRANTEE);
		if (record !== 0 && this.#isUntold(record)) this.#completeGrant(record);
		this.#words.store(this.#base + GRANTEE, 0);
		this.#settle();
	}

	/**
	 * Whether the grantee has become the owner without being told. The state is looked at before bit 29: while that is
	 * set the record is in this wait, as soon as it is clear it may be waiting for something else.
	 */
	#isUntold(record: number): boolean {
		if (!this.#world.isRecord(record)) return false;
		const state = this.#records.load(record + WAITER.state);
		if (state !== WAITER_STATE.waiting && state !== WAITER_STATE.nudged) return false;
		return (this.#words.load(this.#owner) & HANDED) !== 0;
	}
}
