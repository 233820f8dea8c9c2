/** Barrier of a manager: it opens when as many wait as it is for. Who ends while it waits has not come. */
import { BrokenBarrierError, rangeError } from '../../base/errors.ts';
import type { Call } from '../server/call.ts';
import { type OwnKind, ownKind } from '../server/kind.ts';
import { endOfWait, type Limits, Waiters } from '../server/waiters.ts';

interface Options {
	readonly action?: (() => unknown) | undefined;
	readonly timeout?: number | undefined;
}

class ManagedBarrier {
	readonly parties: number;
	readonly #options: Options;
	#waiters: Waiters<number> = new Waiters();
	isBroken = false;

	constructor(parties: number, options: Options) {
		if (!Number.isInteger(parties) || parties < 1)
			throw rangeError(`Barrier: parties must be a whole number from 1 on, not ${String(parties)}`);
		this.parties = parties;
		this.#options = options;
	}

	get waiting(): number {
		return this.#waiters.size;
	}

	async wait(call: Call, limits?: number | Limits): Promise<number> {
		const deadline = endOfWait(limits ?? this.#options.timeout, 'Barrier.wait');
		if (this.isBroken) throw this.#broken();
		if (this.waiting === this.parties - 1) {
			await this.#open();
			return this.parties - 1;
		}
		const index = await this.#waiters.wait(call, deadline);
		if (index !== undefined) return index;
		this.abort();
		throw this.#broken();
	}

	reset(): void {
		this.isBroken = false;
		this.#dismiss();
	}

	abort(): void {
		this.isBroken = true;
		this.#dismiss();
	}

	/** Those who wait go on; who comes from now on is of the next round. */
	async #open(): Promise<void> {
		const round = this.#waiters;
		this.#waiters = new Waiters();
		try {
			await this.#options.action?.();
		} catch (error) {
			this.isBroken = true;
			round.failAll(this.#broken());
			throw error;
		}
		for (let index = 0; round.wake(index) !== undefined; ) index += 1;
	}

	#dismiss(): void {
		this.#waiters.failAll(this.#broken());
	}

	#broken(): BrokenBarrierError {
		return new BrokenBarrierError('Barrier.wait: the barrier is broken: somebody gave up, aborted or reset it.');
	}
}

export const BARRIER: OwnKind = {
	make: (parties: number, options: Options = {}) => new ManagedBarrier(parties, options),
	kind: ownKind<ManagedBarrier>('Barrier', {
		wait(this: Call, barrier, limits?: number | Limits) {
			return barrier.wait(this, limits);
		},
		reset: (barrier) => barrier.reset(),
		abort: (barrier) => barrier.abort(),
		parties: (barrier) => barrier.parties,
		nWaiting: (barrier) => barrier.waiting,
		broken: (barrier) => barrier.isBroken,
	}),
};
