/**
 * A waiter: one thread waiting for one object, as a record in shared memory. Whoever wakes it needs nothing but the
 * record; whoever finds the waiting process dead can tell; and all records together are the graph of who waits for what.
 *
 * ```
 *  word  0       1      2             3        4        5      6           7        8        9         10        11     12 … 15
 *      +-------+------+-------------+--------+--------+------+-----------+--------+--------+---------+---------+------+--------+
 *      | state | next | participant | target | ticket | mode | impatient | answer | number | limited | wokenAt | need |   –    |
 *      +-------+------+-------------+--------+--------+------+-----------+--------+--------+---------+---------+------+--------+
 * ```
 *
 * `state` is the word a synchronous waiter sleeps on. `next` links the queue (0 ends it). `target` is the first word of
 * the queue the waiter is in, 0 when it is in none. `ticket` is its place in the order of arrival. `answer` is what it is
 * told beside its state. For the graph of waits: `number` counts all waits of the family, `limited` is 1 if the wait has
 * a timeout. `wokenAt` is when it was last woken, for what being woken costs. `need` is how much it wants, at a turnstile.
 */

/** Words of a waiter record. */
export const WAITER = {
	state: 0,
	next: 1,
	participant: 2,
	target: 3,
	ticket: 4,
	mode: 5,
	impatient: 6,
	answer: 7,
	number: 8,
	limited: 9,
	wokenAt: 10,
	need: 11,
} as const;
export const WAITER_WORDS = 16;

/** States of a waiter. */
export const WAITER_STATE = {
	idle: 0,
	/** In the queue, asleep or about to be. */
	waiting: 1,
	/** In the queue, told that the object may be had: it competes with whoever comes along. */
	nudged: 2,
	/** What it waited for is done for it. */
	granted: 3,
	/** It waits in vain. */
	refused: 4,
} as const;

export const WAITER_MODE = { sync: 1, async: 2 } as const;

/** What the queueing algorithms need of the world; the model checker has its own. */
export interface WaitWorld {
	/** The participant that performs the operations. */
	readonly me: number;
	/** Certain and slow. */
	isAlive(participant: number): boolean;
	/** Called again and again while another thread is in a short critical section; `round` counts from 0. */
	pause(round: number): void;
	/** Wakes the thread of a waiter whose state was just changed. False when it may be dead. */
	wake(record: number): boolean;
	/** Whether a number found in shared memory, not 0, is where a record is. */
	isRecord(index: number): boolean;
	/** All records of the family whose target is this queue. Slow: for repair. */
	recordsOf(target: number): Iterable<number>;
}
