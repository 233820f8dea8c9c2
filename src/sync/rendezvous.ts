/**
 * A number of threads of any processes that wait for each other, round after round: the barrier's algorithm.
 *
 * ```
 *  word  0       1       2        3         4           5 … 8
 *      +-------+-------+--------+---------+-----------+------------+
 *      | phase | round | leader | parties | round end | wait queue |
 *      +-------+-------+--------+---------+-----------+------------+
 * ```
 *
 * Who comes joins the queue, unless it makes the round complete: then it is the *leader*, and releases the others, at
 * once or after it has done something on its own (`leading`; who comes meanwhile is of the next round: its ticket is not
 * before `round end`).
 *
 * - How many have come is how many living waiters stand in the queue: one that dies is forgotten. Whether they live is
 *   asked when the round seems complete.
 * - What ends a round is one write to `phase`; under the queue's guard, `#settle` then tells every waiter and opens the
 *   next one. If that is cut short by a death, whoever comes next does it: after `releasing`, `breaking` and `resetting`
 *   there is nothing to decide any more.
 * - A waiter is told by its state, and leaves the queue by itself. Who is to come again (of the next round) is *nudged*.
 * - A leader that dies before it has released the others breaks the barrier, as if what it had to do had failed.
 */
import type { Words } from '../memory/words.ts';
import { ATTEMPT, type Attempt, type Queueable } from './queueable.ts';
import { QUEUE_WORDS, WaitQueue } from './wait-queue.ts';
import { WAITER, WAITER_STATE, type WaitWorld } from './waiter.ts';

const AT = { phase: 0, round: 1, leader: 2, parties: 3, roundEnd: 4, queue: 5 } as const;
export const RENDEZVOUS_WORDS: number = AT.queue + QUEUE_WORDS;

const PHASE = { filling: 0, leading: 1, releasing: 2, broken: 3, resetting: 4 } as const;
type Phase = (typeof PHASE)[keyof typeof PHASE];

/** What came of a wait: the index of arrival; or the barrier is broken; or this one leads and is to release the others. */
export type Outcome = { readonly index: number } | 'broken' | 'leads';

export class Rendezvous {
	readonly #words: Words;
	readonly #base: number;
	readonly #records: Words;
	readonly #world: WaitWorld;
	readonly #queue: WaitQueue;

	/** A rendezvous at word `base` of `words`; `target` is the same word's index in the whole segment. */
	constructor(words: Words, base: number, target: number, records: Words, world: WaitWorld) {
		this.#words = words;
		this.#base = base;
		this.#records = records;
		this.#world = world;
		this.#queue = new WaitQueue(words, base + AT.queue, target + AT.queue, records, world, () => this.#settle());
	}

	/** It is for so many. Before anybody else knows of it. */
	begin(parties: number): void {
		this.#words.store(this.#base + AT.parties, parties);
	}

	parties(): number {
		return this.#words.load(this.#base + AT.parties);
	}

	isBroken(): boolean {
		return this.#phase() === PHASE.broken;
	}

	/** How many living waiters there are. Slow. */
	waiting(): number {
		return this.#queue.guarded(() => this.#countLiving());
	}

	#phase(): Phase {
		return this.#words.load(this.#base + AT.phase) as Phase;
	}

	#round(): number {
		return this.#words.load(this.#base + AT.round);
	}

	/** An arrival, with which to wait. `acts`: if it makes the round complete it leads, and releases the others later. */
	arrival(acts?: 'acts'): Arrival {
		return new Arrival({
			arrive: (record, arrival) => this.#queue.guarded(() => this.#arrive(record, arrival, acts)),
			look: (record, arrival) => this.#look(record, arrival, acts),
			leave: (record, arrival) => this.#queue.guarded(() => this.#leave(record, arrival)),
			lookAfter: (record) => this.#lookAfter(record),
		});
	}

	#arrive(record: number, arrival: Arrival, acts: 'acts' | undefined): void {
		const phase = this.#phase();
		arrival.round = phase === PHASE.leading ? this.#round() + 1 : this.#round();
		if (phase === PHASE.broken) {
			arrival.outcome = 'broken';
			return;
		}
		if (phase === PHASE.leading || !this.#completes()) {
			this.#queue.append(record);
			return;
		}
		this.#words.store(this.#base + AT.roundEnd, this.#queue.nextTicket());
		if (acts === undefined) {
			this.#end(PHASE.releasing);
			arrival.outcome = { index: this.parties() - 1 };
			return;
		}
		this.#words.store(this.#base + AT.leader, this.#world.me);
		this.#words.store(this.#base + AT.phase, PHASE.leading);
		arrival.outcome = 'leads';
	}

	/** Whether one more makes the round complete. */
	#completes(): boolean {
		const missing = this.parties() - 1;
		return [...this.#waiters()].length >= missing && this.#countLiving() >= missing;
	}

	#countLiving(): number {
		return [...this.#waiters()].filter((record) => !this.#queue.dropIfDead(record)).length;
	}

	#look(record: number, arrival: Arrival, acts: 'acts' | undefined): void {
		if (this.#records.load(record + WAITER.state) === WAITER_STATE.waiting) return;
		this.#queue.guarded(() => {
			this.#leave(record, arrival);
			if (arrival.outcome === undefined) this.#arrive(record, arrival, acts);
		});
	}

	/** Takes the waiter out of the queue, with the outcome if there is one. */
	#leave(record: number, arrival: Arrival): void {
		const state = this.#records.load(record + WAITER.state);
		if (state === WAITER_STATE.granted) arrival.outcome = { index: this.#records.load(record + WAITER.answer) };
		if (state === WAITER_STATE.refused) arrival.outcome = 'broken';
		this.#queue.remove(record);
		this.#records.store(record + WAITER.state, WAITER_STATE.idle);
	}

	/** The leader releases the others. False: the round was broken or reset meanwhile. */
	release(round: number): boolean {
		return this.#queue.guarded(() => {
			const leads = this.#isLedByMe(round);
			if (leads) this.#end(PHASE.releasing);
			return leads;
		});
	}

	#isLedByMe(round: number): boolean {
		const leader = this.#words.load(this.#base + AT.leader);
		return this.#phase() === PHASE.leading && leader === this.#world.me && this.#round() === round;
	}

	/** Breaks the barrier, if the round is not over. */
	breakRound(round: number): void {
		this.#queue.guarded(() => {
			if (((this.#round() - round) | 0) <= 0 && this.#phase() !== PHASE.broken) this.#end(PHASE.broken);
		});
	}

	abort(): void {
		this.#queue.guarded(() => this.#end(PHASE.broken));
	}

	/** Refuses those who wait, and begins anew. */
	reset(): void {
		this.#queue.guarded(() => this.#end(PHASE.resetting));
	}

	#lookAfter(record: number): void {
		this.#queue.guarded(() => {
			if (record !== 0) this.#queue.mend(record);
			const leaderDied = this.#phase() === PHASE.leading && !this.#isAlive(this.#words.load(this.#base + AT.leader));
			if (leaderDied) this.#end(PHASE.broken);
			else this.#settle();
		});
	}

	#isAlive(participant: number): boolean {
		return participant === this.#world.me || this.#world.isAlive(participant);
	}

	/** The phase first: from there on it is decided. */
	#end(phase: Phase): void {
		this.#words.store(this.#base + AT.phase, phase);
		this.#words.store(this.#base + AT.round, (this.#round() + 1) | 0);
		this.#settle();
	}

	/** Tells every waiter what has been decided. */
	#settle(): void {
		const phase = this.#phase();
		if (phase === PHASE.filling || phase === PHASE.leading) return;
		if (phase === PHASE.releasing) this.#releaseAll();
		else for (const record of this.#waiters()) this.#tell(record, WAITER_STATE.refused);
		if (phase !== PHASE.broken) this.#words.store(this.#base + AT.phase, PHASE.filling);
	}

	/** Each with its index, by how many are left: so it goes on rightly where somebody who died has stopped. */
	#releaseAll(): void {
		const waiters = [...this.#waiters()];
		let left = waiters.filter((record) => this.#isOfRound(record)).length;
		for (const record of waiters) {
			if (!this.#isOfRound(record)) {
				this.#tell(record, WAITER_STATE.nudged);
				continue;
			}
			this.#records.store(record + WAITER.answer, Math.max(0, this.parties() - 1 - left--));
			this.#tell(record, WAITER_STATE.granted);
		}
	}

	#isOfRound(record: number): boolean {
		const ticket = this.#records.load(record + WAITER.ticket);
		return ((ticket - this.#words.load(this.#base + AT.roundEnd)) | 0) < 0;
	}

	/** Those that have not been told anything. */
	*#waiters(): IterableIterator<number> {
		for (const record of this.#queue.waiters()) {
			if (this.#records.load(record + WAITER.state) === WAITER_STATE.waiting) yield record;
		}
	}

	#tell(record: number, state: number): void {
		this.#records.store(record + WAITER.state, state);
		this.#world.wake(record);
	}
}

interface ArrivalActions {
	arrive(record: number, arrival: Arrival): void;
	look(record: number, arrival: Arrival): void;
	leave(record: number, arrival: Arrival): void;
	lookAfter(record: number): void;
}

/** One wait at a rendezvous: what it comes to, and of which round it is. */
export class Arrival implements Queueable {
	outcome: Outcome | undefined;
	round = 0;
	readonly #actions: ArrivalActions;

	constructor(actions: ArrivalActions) {
		this.#actions = actions;
	}

	enqueue(record: number): Attempt {
		this.#actions.arrive(record, this);
		return this.#attempt();
	}

	attempt(record: number): Attempt {
		this.#actions.look(record, this);
		return this.#attempt();
	}

	#attempt(): Attempt {
		return this.outcome === undefined ? ATTEMPT.wait : ATTEMPT.acquired;
	}

	giveUp(record: number): boolean {
		this.#actions.leave(record, this);
		return this.outcome !== undefined;
	}

	/** What has been decided is decided, for the others, too. */
	handBack(): boolean {
		return false;
	}

	lookAfter(record: number): void {
		this.#actions.lookAfter(record);
	}
}
