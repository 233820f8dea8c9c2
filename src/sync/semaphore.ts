/** A number of permits shared by processes: taken one at a time, given back by anyone. */
import { inspect } from 'node:util';
import { rangeError, TimeoutError } from '../base/errors.ts';
import type { BlockReference } from '../memory/heap.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { acquireAsync, acquireSync } from './acquisition.ts';
import { type AcquireOptions, acquireDeadline } from './lock-options.ts';
import { MOST_PERMITS } from './permits.ts';
import { SemaphoreBlock } from './semaphore-block.ts';

const KIND = 'Semaphore';
const BOUNDED_KIND = 'BoundedSemaphore';

/**
 * A semaphore shared by processes. A permit has no owner: any process may release one, also one it has not acquired,
 * and a process that dies takes its permits with it.
 *
 * @example
 * ```js
 * const downloads = new mp.Semaphore(3); // three at a time, in all processes together
 * {
 *   using permit = await downloads.hold();
 *   await download(url);
 * }
 * ```
 */
export class Semaphore implements Shareable {
	readonly #shared: SemaphoreBlock;

	/**
	 * @param value how many permits are free at first
	 * @throws RangeError unless it is a whole number from 0 to 2³⁰ − 1
	 */
	constructor(value: number = 1) {
		const given: unknown = value;
		this.#shared = given instanceof SemaphoreBlock ? given : SemaphoreBlock.create(KIND, value);
	}

	/**
	 * Takes a permit.
	 *
	 * @returns false when `timeout` milliseconds passed, or (`block: false`) there was none
	 * @throws the signal's reason when it is aborted; nothing is taken then
	 */
	async acquire(options?: AcquireOptions): Promise<boolean> {
		return acquireAsync(
			this.#shared.permits,
			this.#shared.waits,
			acquireDeadline(options, `${this.#shared.name}.acquire`),
		);
	}

	/** As `acquire`, blocking this thread. */
	acquireSync(options?: AcquireOptions): boolean {
		if (options === undefined && this.#shared.permits.tryAcquire()) return true;
		const deadline = acquireDeadline(options, `${this.#shared.name}.acquireSync`);
		return acquireSync(this.#shared.permits, this.#shared.waits, deadline);
	}

	/**
	 * Gives a permit back, or one more than there were.
	 *
	 * @throws RangeError if there are as many as there can be already
	 */
	release(): void {
		if (!this.#shared.permits.release()) {
			throw rangeError(`${this.#shared.name}.release: all ${this.#shared.permits.bound()} permits are free already.`);
		}
	}

	/** How many permits are free at this moment. */
	getValue(): number {
		return this.#shared.permits.free();
	}

	/** Whether there is no free permit. */
	locked(): boolean {
		return this.getValue() === 0;
	}

	/** Takes a permit, to be given back by `using`. `TimeoutError` when time is up. */
	async hold(options?: AcquireOptions): Promise<Disposable> {
		return this.#held(await this.acquire(options));
	}

	/** As `hold`, blocking this thread. */
	holdSync(options?: AcquireOptions): Disposable {
		return this.#held(this.acquireSync(options));
	}

	#held(acquired: boolean): Disposable {
		if (!acquired) throw new TimeoutError(`${this.#shared.name}.hold: no permit came free in time.`);
		return { [Symbol.dispose]: () => this.release() };
	}

	[handoff](destination: Destination): SharedReference {
		this.#shared.block.holdFor(destination);
		return { kind: this.#shared.name, data: this.#shared.block.toReference() };
	}

	[inspect.custom](): string {
		const bound = this.#shared.permits.bound();
		const most = bound === MOST_PERMITS ? '' : `, maxvalue=${bound}`;
		return `<${this.#shared.name}(value=${this.getValue()}${most})>`;
	}
}

/** A semaphore that never has more free permits than at first: one release too many is a `RangeError`. */
export class BoundedSemaphore extends Semaphore {
	/**
	 * @param value how many permits there are
	 * @throws RangeError unless it is a whole number from 0 to 2³⁰ − 1
	 */
	constructor(value: number = 1) {
		const given: unknown = value;
		const shared = given instanceof SemaphoreBlock ? given : SemaphoreBlock.create(BOUNDED_KIND, value, 'bounded');
		super(shared as unknown as number);
	}
}

function rebuildWith(Kind: typeof Semaphore, name: string): (reference: BlockReference) => Semaphore {
	return (reference) => new Kind(SemaphoreBlock.attach(reference, name) as unknown as number);
}

registerShared(KIND, rebuildWith(Semaphore, KIND), Semaphore);
registerShared(BOUNDED_KIND, rebuildWith(BoundedSemaphore, BOUNDED_KIND), BoundedSemaphore);
