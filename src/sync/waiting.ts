/**
 * Waiting until something is so, on a signal: the synchronous and the asynchronous form. `ready` is asked again after
 * every wake-up; with `thorough` it shall also find out, at some cost, whether those it depends on are still alive.
 */
import type { Deadline } from '../base/deadline.ts';
import type { Signal } from './signal.ts';
import type { AsyncWait, ThreadWaits } from './thread-waits.ts';
import { WAITER_MODE } from './waiter.ts';

/** May throw, which ends the wait with that error. */
export type Ready = (thorough: boolean) => boolean;

/**
 * How long to look before sleeping, in looks: an answer that comes within microseconds costs no system call. What has
 * paid lately is done longer, what has not is nearly given up (after glibc's adaptive mutex).
 */
export class SpinBudget {
	static readonly #least = 20;
	static readonly #most = 4000;
	#looks = 1000;

	/** Looks until `ready` or the budget is spent. */
	spin(ready: Ready): boolean {
		for (let i = 0; i < this.#looks; i++) {
			if (ready(false)) {
				this.#looks = Math.min(SpinBudget.#most, Math.max(this.#looks, i * 2 + SpinBudget.#least));
				return true;
			}
		}
		this.#looks = Math.max(SpinBudget.#least, this.#looks >> 1);
		return false;
	}

	/** A sleep turned out short: spinning longer would have paid. */
	encourage(): void {
		this.#looks = Math.min(SpinBudget.#most, this.#looks * 2 + SpinBudget.#least);
	}
}

export interface Wait {
	readonly signal: Signal;
	readonly waits: ThreadWaits;
	readonly deadline: Deadline;
	readonly ready: Ready;
}

/** Blocks the thread until `ready`. False: the deadline came first. */
export function waitUntilSync({ signal, waits, deadline, ready }: Wait, spin: SpinBudget): boolean {
	if (ready(false)) return true;
	if (deadline.expired) return ready(true);
	if (spin.spin(ready)) return true;
	const record = waits.takeRecord(WAITER_MODE.sync);
	try {
		for (let thorough = false; ; thorough = true) {
			signal.subscribe(record);
			if (ready(thorough)) return true;
			if (deadline.expired) return false;
			waits.sleep(record, deadline.remaining);
			signal.unsubscribe(record);
			if (ready(false)) return true;
		}
	} finally {
		signal.unsubscribe(record);
		waits.giveBack(record);
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

class PendingWait implements AsyncWait, Cancellable {
	readonly #wait: Wait;
	readonly #record: number;
	readonly #resolve: (ready: boolean) => void;
	readonly #reject: (reason: unknown) => void;
	#callOff: () => void = () => {};
	#done = false;

	constructor(wait: Wait, resolve: (ready: boolean) => void, reject: (reason: unknown) => void) {
		this.#wait = wait;
		this.#resolve = resolve;
		this.#reject = reject;
		this.#record = wait.waits.takeRecord(WAITER_MODE.async);
	}

	begin(): void {
		const { deadline, waits, signal } = this.#wait;
		if (deadline.signal?.aborted) {
			this.#abort();
			return;
		}
		this.#callOff = deadline.onExpiry(() => this.#finish(() => this.#resolve(false)));
		deadline.signal?.addEventListener('abort', this.#abort, { once: true });
		signal.subscribe(this.#record);
		waits.watch(this.#record, this);
		this.#look(false);
	}

	onWake(): void {
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
		this.#wait.deadline.signal?.removeEventListener('abort', this.#abort);
		this.#wait.signal.unsubscribe(this.#record);
		this.#wait.waits.unwatch(this.#record);
		settle();
	}
}
