/** What all objects with a queue of waiters have in common, as the drivers of waits (queued-wait.ts) see them. */

/** What a waiter found when it looked. */
export const ATTEMPT = { acquired: 1, wait: 2 } as const;
export type Attempt = (typeof ATTEMPT)[keyof typeof ATTEMPT];

/** An object in whose queue waiters stand. */
export interface Queueable {
	/** What a waiter does when it was woken: takes what it waits for, or waits on. */
	attempt(record: number): Attempt;
	/** Stops waiting. True: it had been given what it waited for meanwhile, and now has it. */
	giveUp(record: number): boolean;
	/**
	 * Looks whether what is waited for is alive, and mends what a dead process left, or one that has overwritten it: also
	 * that this waiter (0: none) stands in the queue. Slow; now and then.
	 */
	lookAfter(record: number): void;
	/** Given up too late, because the wait was aborted: gives on what it had been given. False: it keeps it. */
	handBack(): boolean;
}

/** An object that is taken and let go. */
export interface Acquirable extends Queueable {
	/** What it is called in waiters' records. */
	readonly target: number;
	/** What it gets is of no use to another one of the same target: an item is put, where a permit is had. */
	readonly isPersonal?: true;
	/** One look. */
	mayBeFree(): boolean;
	/** Takes it if it may be had now. Does not look whether anybody is alive. */
	tryAcquire(): boolean;
	/** Joins the queue, or takes it if it has come free. */
	enqueue(record: number): Attempt;
}
