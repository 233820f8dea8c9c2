/**
 * Waiting until something is so, on a signal: the synchronous and the asynchronous form. `ready` is asked again after
 * every wake-up; with `thorough` it shall also find out, at some cost, whether those it depends on are still alive.
 */
import { type Deadline, now } from '../base/deadline.ts';
import { platform } from '../os/platform.ts';
import type { Signal } from './signal.ts';
import type { AsyncWait, ThreadWaits } from './thread-waits.ts';
import { WAITER_MODE } from './waiter.ts';

/** May throw, which ends the wait with that error. */
export type Ready = (thorough: boolean) => boolean;

/** Longest time to look before sleeping: so many times what being woken takes, within these bounds in milliseconds. */
const WORTH_OF_A_WAKE = 2;
const LONGEST_SPIN = { least: 0.1, most: 1 };
const SHORTEST_SPIN = 0.002;
/** Of the last wake-up in the average of what they take. */
const WEIGHT = 0.125;
/** A wait that ended within so many times the longest spin might as well have been looked for. */
const SHORT_WAIT = 2.5;
/** Looks between two glances at the clock. */
const LOOKS = 32;

/**
 * What it takes from being woken to being awake, in milliseconds: microseconds on one machine and a third of a
 * millisecond on another, whose processors are virtual and sleep deeply. A moving average.
 */
class WakeCost {
	#cost: number = LONGEST_SPIN.least / WORTH_OF_A_WAKE;

	learn(taken: number): void {
		// Whoever looks right after it was told and before it was woken reads when that was the last time.
		if (taken < 0 || taken > LONGEST_SPIN.most * 100) return;
		this.#cost += (Math.min(taken, LONGEST_SPIN.most) - this.#cost) * WEIGHT;
	}

	/** Two who wait for each other in turns both sleep for ever if neither looks for as long as it takes to wake the other. */
	get longestSpin(): number {
		return Math.min(LONGEST_SPIN.most, Math.max(LONGEST_SPIN.least, this.#cost * WORTH_OF_A_WAKE));
	}
}

/** Of a thread, and of an event loop. */
export const wakeCosts: { readonly sync: WakeCost; readonly async: WakeCost } = {
	sync: new WakeCost(),
	async: new WakeCost(),
};

/**
 * How long to look before sleeping: an answer that comes within microseconds then costs no system call, which is worth
 * ten times the answer. What the last waits took decides: as long as they are short it pays to look for as long as they
 * take; when they are not, it is nearly given up (after glibc's adaptive mutex).
 */
export class SpinBudget {
	/** Milliseconds to look for. */
	time: number = LONGEST_SPIN.least;

	/** Looks until `ready` or the budget is spent. */
	spin(ready: Ready): boolean {
		const end = now() + this.time;
		for (;;) {
			for (let i = 0; i < LOOKS; i++) if (ready(false)) return true;
			if (now() >= end) return false;
			platform.yield(); // whom we wait for may be waiting for this very processor
		}
	}

	/** Learns from a wait that was longer than the budget: how long it took altogether, in milliseconds. */
	learn(taken: number, { longestSpin }: WakeCost): void {
		if (taken < SHORT_WAIT * longestSpin) this.time = Math.min(longestSpin, Math.max(this.time, taken));
		else this.time = Math.max(SHORTEST_SPIN, this.time / 2);
	}
}

/** Looks for a while whether `sleep` is likely to succeed at once, then calls it; the budget learns from how long it took. */
export function spinThenSleep(spin: SpinBudget, ready: Ready, sleep: () => boolean): boolean {
	const start = now();
	const looked = spin.spin(ready);
	const done = sleep();
	if (!looked) spin.learn(now() - start, wakeCosts.sync);
	return done;
}

/** As `spinThenSleep`, with a turn of the event loop for each look; does not look on when the deadline has passed. */
export async function turnThenSleep(
	spin: SpinBudget,
	ready: Ready,
	deadline: Deadline,
	sleep: () => Promise<boolean>,
): Promise<boolean> {
	const start = now();
	const end = Math.min(start + spin.time, deadline.at);
	while (!ready(false) && now() < end && deadline.signal?.aborted !== true) await nextTurn();
	const looked = ready(false);
	const done = await sleep();
	if (!looked) spin.learn(now() - start, wakeCosts.async);
	return done;
}

function nextTurn(): Promise<void> {
	return new Promise((resolve) => {
		setImmediate(() => {
			platform.yield();
			resolve();
		});
	});
}

export interface Wait {
	readonly signal: Signal;
	readonly waits: ThreadWaits;
	readonly deadline: Deadline;
	readonly ready: Ready;
	readonly spin: SpinBudget;
}

/** Blocks the thread until `ready`. False: the deadline came first. */
export function waitUntilSync({ signal, waits, deadline, ready, spin }: Wait): boolean {
	if (ready(false)) return true;
	if (deadline.expired) return ready(true);
	const start = now();
	if (spin.spin(ready)) return true;
	const record = waits.takeRecord(WAITER_MODE.sync);
	try {
		for (let thorough = false; ; thorough = true) {
			signal.subscribe(record);
			if (ready(thorough)) return true;
			if (deadline.expired) return false;
			const how = waits.sleep(record, deadline.remaining);
			if (how === 'woken' && waits.hasChanged(record)) wakeCosts.sync.learn(waits.wokenFor(record));
			signal.unsubscribe(record);
			if (ready(false)) return true;
		}
	} finally {
		signal.unsubscribe(record);
		waits.giveBack(record);
		spin.learn(now() - start, wakeCosts.sync);
	}
}

/** A wait under way that can be called off. */
export interface Cancellable {
	cancel(): void;
}

/** Resolves once `ready`, or to false when the deadline came first; rejects with the abort signal's reason. */
export function waitUntil(wait: Wait): Promise<boolean> {
	return new Promise<boolean>((resolve, reject) => beginWait(wait, resolve, reject));
}

/** As `waitUntil`, with callbacks, which are called in the very turn in which it is so (perhaps before this returns). */
export function beginWait(
	wait: Wait,
	resolve: (ready: boolean) => void,
	reject: (reason: unknown) => void,
): Cancellable {
	const pending = new PendingWait(wait, resolve, reject);
	pending.begin();
	return pending;
}

/** First looks a few times, a turn of the event loop each; then sleeps on the signal. */
class PendingWait implements AsyncWait, Cancellable {
	readonly #wait: Wait;
	readonly #resolve: (ready: boolean) => void;
	readonly #reject: (reason: unknown) => void;
	readonly #start: number = now();
	#callOff: () => void = () => {};
	#turn: NodeJS.Immediate | undefined;
	/** Its waiter's record; 0 while it has not gone to sleep. */
	#record = 0;
	/** Whether the event loop may have slept since. */
	#asleep = false;
	#done = false;

	constructor(wait: Wait, resolve: (ready: boolean) => void, reject: (reason: unknown) => void) {
		this.#wait = wait;
		this.#resolve = resolve;
		this.#reject = reject;
	}

	begin(): void {
		const { deadline, spin } = this.#wait;
		if (deadline.signal?.aborted) {
			this.#abort();
			return;
		}
		this.#callOff = deadline.onExpiry(() => this.#finish(() => this.#resolve(false)));
		deadline.signal?.addEventListener('abort', this.#abort, { once: true });
		this.#look(false);
		if (!this.#done) this.#lookAgain(this.#start + spin.time);
	}

	#lookAgain(end: number): void {
		this.#turn = setImmediate(() => {
			this.#look(false);
			if (this.#done) return;
			if (now() >= end) this.#sleep();
			else {
				platform.yield();
				this.#lookAgain(end);
			}
		});
	}

	#sleep(): void {
		const { signal, waits } = this.#wait;
		this.#record = waits.takeRecord(WAITER_MODE.async);
		signal.subscribe(this.#record);
		waits.watch(this.#record, this);
		this.#asleep = true;
		this.#look(false);
	}

	onWake(): void {
		if (this.#asleep) wakeCosts.async.learn(this.#wait.waits.wokenFor(this.#record));
		this.#wait.signal.subscribe(this.#record);
		this.#look(false);
	}

	onTick(): void {
		this.#look(true);
	}

	#look(thorough: boolean): void {
		if (this.#done) return;
		try {
			if (this.#wait.ready(thorough)) this.#finish(() => this.#resolve(true));
		} catch (error) {
			this.#finish(() => this.#reject(error));
		}
	}

	cancel(): void {
		this.#finish(() => {});
	}

	readonly #abort = (): void => {
		this.#finish(() => this.#reject(this.#wait.deadline.signal?.reason));
	};

	#finish(settle: () => void): void {
		if (this.#done) return;
		this.#done = true;
		this.#callOff();
		clearImmediate(this.#turn);
		this.#wait.deadline.signal?.removeEventListener('abort', this.#abort);
		if (this.#record !== 0) this.#wake();
		settle();
	}

	#wake(): void {
		const { signal, waits, spin } = this.#wait;
		signal.unsubscribe(this.#record);
		waits.unwatch(this.#record);
		waits.giveBack(this.#record);
		spin.learn(now() - this.#start, wakeCosts.async);
	}
}
