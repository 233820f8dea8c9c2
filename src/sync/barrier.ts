/** A meeting point: so many processes wait there for each other, again and again. */
import { inspect } from 'node:util';
import { Deadline, type WaitOptions } from '../base/deadline.ts';
import { BrokenBarrierError, rangeError, typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import { Block } from '../memory/block.ts';
import type { BlockReference } from '../memory/heap.ts';
import { BLOCK, BLOCK_KIND } from '../memory/layout.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { ATTEMPT } from './queueable.ts';
import { waitQueued, waitQueuedSync } from './queued-wait.ts';
import { type Arrival, RENDEZVOUS_WORDS, Rendezvous } from './rendezvous.ts';
import { type ThreadWaits, threadWaits } from './thread-waits.ts';
import { WAITER_MODE } from './waiter.ts';

const KIND = 'Barrier';
const MOST_PARTIES: number = 2 ** 30 - 1;
const OPTIONS = ['action', 'timeout'];

export interface BarrierOptions {
	/** Called by one of the parties when all have come, before any goes on. If it throws, the barrier is broken. */
	readonly action?: (() => unknown) | undefined;
	/** Milliseconds that `wait` waits by default. */
	readonly timeout?: number | undefined;
}

interface BarrierReference extends BarrierOptions {
	readonly block: BlockReference;
}

/**
 * A barrier for a number of parties, shared by processes. A party that is killed while it waits is forgotten; one that
 * runs out of time, or whose action fails, breaks the barrier for everybody, until `reset`.
 *
 * @example
 * ```js
 * const start = new mp.Barrier(3);
 * // in each of three processes:
 * await start.wait(); // all three go on together
 * ```
 */
export class Barrier implements Shareable {
	readonly #block: Block;
	readonly #rendezvous: Rendezvous;
	readonly #waits: ThreadWaits;
	readonly #options: BarrierOptions;

	/**
	 * @param parties how many wait for each other
	 * @throws RangeError unless it is a whole number from 1
	 */
	constructor(parties: number, options: BarrierOptions = {}) {
		const given: unknown = parties;
		const arrived = given instanceof Block;
		if (!arrived) check(parties, options);
		this.#block = arrived ? given : Block.create(RENDEZVOUS_WORDS * 4, BLOCK_KIND.barrier);
		this.#options = { action: options.action, timeout: options.timeout };
		this.#waits = threadWaits();
		const { words, firstWord, family } = this.#block;
		this.#rendezvous = new Rendezvous(words, BLOCK.body, firstWord + BLOCK.body, family.arena, this.#waits);
		if (!arrived) this.#rendezvous.begin(parties);
	}

	/**
	 * Waits until all parties have come. The action may return a promise; the others wait for it.
	 *
	 * @returns which one this was, in order of arrival: 0 to `parties` − 1
	 * @throws BrokenBarrierError if the barrier is broken or reset, now or while waiting, or the timeout comes first
	 * @throws the signal's reason when it is aborted; this party has not come then
	 */
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
		if (came && arrival.outcome === 'leads') await this.#lead(arrival, async () => this.#options.action?.());
		return this.#result(arrival, came);
	}

	/** As `wait`, blocking this thread. The action must not return a promise. */
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
		const timeout = limits.timeout === undefined ? this.#options.timeout : limits.timeout;
		return Deadline.from({ ...limits, timeout }, call);
	}

	#arrival(): Arrival {
		return this.#rendezvous.arrival(this.#options.action === undefined ? undefined : 'acts');
	}

	async #lead(arrival: Arrival, act: () => Promise<unknown>): Promise<void> {
		try {
			await act();
		} catch (error) {
			this.#rendezvous.breakRound(arrival.round);
			throw error;
		}
		this.#releaseOthers(arrival);
	}

	#leadSync(arrival: Arrival): void {
		try {
			const answer = this.#options.action?.() as PromiseLike<unknown> | undefined | null;
			if (typeof answer?.then === 'function') {
				throw typeError('Barrier.waitSync: the action returned a promise, which cannot be awaited here; use wait');
			}
		} catch (error) {
			this.#rendezvous.breakRound(arrival.round);
			throw error;
		}
		this.#releaseOthers(arrival);
	}

	#releaseOthers(arrival: Arrival): void {
		arrival.outcome = this.#rendezvous.release(arrival.round) ? { index: this.parties - 1 } : 'broken';
	}

	#result({ outcome, round }: Arrival, came: boolean): number {
		if (typeof outcome === 'object') return outcome.index;
		if (!came) this.#rendezvous.breakRound(round);
		const why = came ? 'it was aborted or reset, a party ran out of time, or its action failed' : 'the time is up';
		throw new BrokenBarrierError(`Barrier.wait: the barrier is broken: ${why}. reset() makes it whole again.`);
	}

	/** Makes it as new. Who waits gets a `BrokenBarrierError`. */
	reset(): void {
		this.#rendezvous.reset();
	}

	/** Breaks it: who waits or comes gets a `BrokenBarrierError`, until `reset`. */
	abort(): void {
		this.#rendezvous.abort();
	}

	/** How many wait for each other. */
	get parties(): number {
		return this.#rendezvous.parties();
	}

	/** How many wait at this moment. */
	get nWaiting(): number {
		return this.#rendezvous.waiting();
	}

	/** Whether it is broken. */
	get broken(): boolean {
		return this.#rendezvous.isBroken();
	}

	[handoff](destination: Destination): SharedReference {
		this.#block.holdFor(destination);
		const data: BarrierReference = { ...this.#options, block: this.#block.toReference() };
		return { kind: KIND, data };
	}

	[inspect.custom](): string {
		return `<Barrier(${this.broken ? 'broken' : `waiting=${this.nWaiting}`}, parties=${this.parties})>`;
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

registerShared<BarrierReference>(
	KIND,
	({ block, ...options }) => new Barrier(Block.attach(block, KIND) as unknown as number, options),
);
