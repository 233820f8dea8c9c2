/** A meeting point: so many processes wait there for each other, again and again. */
import { inspect } from 'node:util';
import type { WaitOptions } from '../base/deadline.ts';
import type { BlockReference } from '../memory/heap.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { BarrierBlock, type BarrierOptions } from './barrier-block.ts';

const KIND = 'Barrier';

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
	readonly #shared: BarrierBlock;

	/**
	 * @param parties how many wait for each other
	 * @throws RangeError unless it is a whole number from 1
	 */
	constructor(parties: number, options: BarrierOptions = {}) {
		const given: unknown = parties;
		this.#shared = given instanceof BarrierBlock ? given : BarrierBlock.create(parties, options);
	}

	/**
	 * Waits until all parties have come. The action may return a promise; the others wait for it.
	 *
	 * @returns which one this was, in order of arrival: 0 to `parties` − 1
	 * @throws BrokenBarrierError if the barrier is broken or reset, now or while waiting, or the timeout comes first
	 * @throws the signal's reason when it is aborted; this party has not come then
	 */
	wait(timeout?: WaitOptions): Promise<number> {
		return this.#shared.wait(timeout);
	}

	/** As `wait`, blocking this thread. The action must not return a promise. */
	waitSync(timeout?: WaitOptions): number {
		return this.#shared.waitSync(timeout);
	}

	/** Makes it as new. Who waits gets a `BrokenBarrierError`. */
	reset(): void {
		this.#shared.rendezvous.reset();
	}

	/** Breaks it: who waits or comes gets a `BrokenBarrierError`, until `reset`. */
	abort(): void {
		this.#shared.rendezvous.abort();
	}

	/** How many wait for each other. */
	get parties(): number {
		return this.#shared.rendezvous.parties();
	}

	/** How many wait at this moment. */
	get nWaiting(): number {
		return this.#shared.rendezvous.waiting();
	}

	/** Whether it is broken. */
	get broken(): boolean {
		return this.#shared.rendezvous.isBroken();
	}

	[handoff](destination: Destination): SharedReference {
		const { block, options } = this.#shared;
		block.holdFor(destination);
		const data: BarrierReference = { ...options, block: block.toReference() };
		return { kind: KIND, data };
	}

	[inspect.custom](): string {
		return `<Barrier(${this.broken ? 'broken' : `waiting=${this.nWaiting}`}, parties=${this.parties})>`;
	}
}

registerShared<BarrierReference>(
	KIND,
	({ block, ...options }) => new Barrier(BarrierBlock.attach(block, options, KIND) as unknown as number),
	Barrier,
);
