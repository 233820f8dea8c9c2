/**
 * A rendezvous in a block of its own, and the action and timeout that this process has for it: where the algorithm
 * (rendezvous.ts) meets memory and threads.
 */
import { Deadline, type WaitOptions } from '../base/deadline.ts';
import { BrokenBarrierError, rangeError, typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import { Block } from '../memory/block.ts';
import { corrupted } from '../memory/corrupted.ts';
import type { BlockReference } from '../memory/heap.ts';
import { BLOCK, BLOCK_KIND } from '../memory/layout.ts';
import { ATTEMPT } from './queueable.ts';
import { waitQueued, waitQueuedSync } from './queued-wait.ts';
import { type Arrival, RENDEZVOUS_WORDS, Rendezvous } from './rendezvous.ts';
import { type ThreadWaits, threadWaits } from './thread-waits.ts';
import { WAITER_MODE } from './waiter.ts';

const MOST_PARTIES: number = 2 ** 30 - 1;
const OPTIONS = ['action', 'timeout'];

export interface BarrierOptions {
	/** Called by one of the parties when all have come, before any goes on. If it throws, the barrier is broken. */
	readonly action?: (() => unknown) | undefined;
	/** Milliseconds that `wait` waits by default. */
	readonly timeout?: number | undefined;
}

export class BarrierBlock {
	readonly block: Block;
	readonly options: BarrierOptions;
	readonly rendezvous: Rendezvous;
	readonly #waits: ThreadWaits;

	constructor(block: Block, { action, timeout }: BarrierOptions) {
		this.block = block;
		this.options = { action, timeout };
		this.#waits = threadWaits();
		const { words, firstWord, family } = block;
		this.rendezvous = new Rendezvous(words, BLOCK.body, firstWord + BLOCK.body, family.arena, this.#waits);
	}

	static create(parties: number, options: BarrierOptions): BarrierBlock {
		check(parties, options);
		const made = new BarrierBlock(Block.create(RENDEZVOUS_WORDS * 4, BLOCK_KIND.barrier), options);
		made.rendezvous.begin(parties);
		return made;
	}

	static attach(reference: BlockReference, options: BarrierOptions, name: string): BarrierBlock {
		return new BarrierBlock(Block.attach(reference, name, BLOCK_KIND.barrier, RENDEZVOUS_WORDS * 4), options);
	}

	async wait(timeout?: WaitOptions): Promise<number> {
		const deadline = this.#deadline(timeout, 'Barrier.wait');
		deadline.signal?.throwIfAborted();
		const arrival = this.#arrival();
		const record = this.#waits.takeRecord(WAITER_MODE.async);
		let came: boolean;
		try {
			const done = arrival.enqueue(record) === ATTEMPT.acquired;
			came = done || (await waitQueued(arrival, this.#waits, record, deadline));
		} finally {
			this.#waits.giveBack(record);
		}
		if (came && arrival.outcome === 'leads') await this.#lead(arrival, async () => this.options.action?.());
		return this.#result(arrival, came);
	}

	waitSync(timeout?: WaitOptions): number {
		const deadline = this.#deadline(timeout, 'Barrier.waitSync');
		const arrival = this.#arrival();
		const record = this.#waits.takeRecord(WAITER_MODE.sync);
		const done = arrival.enqueue(record) === ATTEMPT.acquired;
		const came = done || waitQueuedSync(arrival, this.#waits, record, deadline);
		this.#waits.giveBack(record);
		if (came && arrival.outcome === 'leads') this.#leadSync(arrival);
		return this.#result(arrival, came);
	}

	#deadline(options: WaitOptions | undefined, call: string): Deadline {
		const limits = typeof options === 'object' && options !== null ? options : { timeout: options };
		const timeout = limits.timeout === undefined ? this.options.timeout : limits.timeout;
		return Deadline.from({ ...limits, timeout }, call);
	}

	#arrival(): Arrival {
		const parties = this.rendezvous.parties();
		if (parties < 1 || parties > MOST_PARTIES) throw corrupted('This Barrier');
		return this.rendezvous.arrival(this.options.action === undefined ? undefined : 'acts');
	}

	async #lead(arrival: Arrival, act: () => Promise<unknown>): Promise<void> {
		try {
			await act();
		} catch (error) {
			this.rendezvous.breakRound(arrival.round);
			throw error;
		}
		this.#releaseOthers(arrival);
	}

	#leadSync(arrival: Arrival): void {
		try {
			const answer = this.options.action?.() as PromiseLike<unknown> | undefined | null;
			if (typeof answer?.then === 'function') {
				throw typeError('Barrier.waitSync: the action returned a promise, which cannot be awaited here; use wait');
			}
		} catch (error) {
			this.rendezvous.breakRound(arrival.round);
			throw error;
		}
		this.#releaseOthers(arrival);
	}

	#releaseOthers(arrival: Arrival): void {
		arrival.outcome = this.rendezvous.release(arrival.round) ? { index: this.rendezvous.parties() - 1 } : 'broken';
	}

	#result({ outcome, round }: Arrival, came: boolean): number {
		if (typeof outcome === 'object') return outcome.index;
		if (!came) this.rendezvous.breakRound(round);
		const why = came ? 'it was aborted or reset, a party ran out of time, or its action failed' : 'the time is up';
		throw new BrokenBarrierError(`Barrier.wait: the barrier is broken: ${why}. reset() makes it whole again.`);
	}
}

function check(parties: unknown, options: unknown): void {
	if (typeof parties !== 'number') throw typeError(`new Barrier: parties must be a number, not ${typeof parties}`);
	if (!(Number.isInteger(parties) && parties >= 1 && parties <= MOST_PARTIES)) {
		throw rangeError(`new Barrier: parties must be a whole number from 1 to ${MOST_PARTIES}, not ${parties}`);
	}
	if (typeof options !== 'object' || options === null) {
		throw typeError('new Barrier: options must be an object {action, timeout}');
	}
	checkKnown(options, OPTIONS, 'new Barrier');
	const { action, timeout } = options as BarrierOptions;
	if (action !== undefined && typeof action !== 'function') {
		throw typeError(`new Barrier: action must be a function, not ${typeof action}`);
	}
	Deadline.from({ timeout }, 'new Barrier');
}
