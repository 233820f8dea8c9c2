/**
 * Those who wait for something in the server, in the order in which they came. Each is a small record, so that ten
 * thousand cost no more than their number; none of them keeps the server from anything.
 */
import { Deadline, type WaitOptions } from '../../base/deadline.ts';
import { typeError } from '../../base/errors.ts';
import { type Call, CalledOff } from './call.ts';

interface Waiter<T, O> {
	readonly call: Call;
	/** What it brings. */
	readonly offer: O;
	readonly resolve: (value: T | undefined) => void;
	readonly reject: (reason: unknown) => void;
	stopTimer: () => void;
}

/** How long a call may wait, as clients say it: no signal can be in it, for that calls the call off. */
export interface Limits {
	readonly block?: boolean;
	readonly timeout?: number;
}

/** The end of a wait that `options` asks for. */
export function endOfWait(options: unknown, name: string): Deadline {
	if (options === undefined || typeof options === 'number') return Deadline.from(options, name);
	if (typeof options !== 'object' || options === null) {
		throw typeError(`${name}: options must be milliseconds or an object {block, timeout}`);
	}
	const { block, ...limits } = options as Limits;
	if (block !== undefined && typeof block !== 'boolean') throw typeError(`${name}: block must be true or false`);
	return Deadline.from(block === false ? 0 : (limits as WaitOptions), name);
}

/** They are woken with a `T`, and each may have brought an `O`. */
export class Waiters<T, O = undefined> {
	readonly #all = new Set<Waiter<T, O>>();

	get size(): number {
		return this.#all.size;
	}

	/** Waits to be woken, with what is passed then; undefined: the time was up first. Rejects when the call is called off. */
	wait(call: Call, deadline: Deadline, ...[offer]: O extends undefined ? [] : [offer: O]): Promise<T | undefined> {
		return new Promise((resolve, reject) => {
			if (deadline.expired) {
				resolve(undefined);
				return;
			}
			const waiter: Waiter<T, O> = { call, offer: offer as O, resolve, reject, stopTimer: () => {} };
			this.#all.add(waiter);
			waiter.stopTimer = deadline.onExpiry(() => {
				this.#remove(waiter);
				resolve(undefined);
			});
			call.onCallOff(() => {
				this.#remove(waiter);
				reject(new CalledOff('the call was called off.'));
			});
		});
	}

	/** Wakes the first: whose call that was, and what it had brought. Undefined: nobody waits. */
	wake(value: T): { readonly call: Call; readonly offer: O } | undefined {
		for (const waiter of this.#all) {
			this.#remove(waiter);
			waiter.resolve(value);
			return waiter;
		}
		return undefined;
	}

	wakeAll(value: T): void {
		while (this.#all.size > 0) this.wake(value);
	}

	/** All that wait fail. */
	failAll(reason: unknown): void {
		for (const waiter of [...this.#all]) {
			this.#remove(waiter);
			waiter.reject(reason);
		}
	}

	#remove(waiter: Waiter<T, O>): void {
		this.#all.delete(waiter);
		waiter.stopTimer();
		waiter.call.onCallOff(undefined);
	}
}
