/** A queue shared by any number of processes. */

import { inspect } from 'node:util';
import { Deadline } from '../base/deadline.ts';
import { typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import type { BlockReference } from '../memory/heap.ts';
import { type AcquireOptions, acquireDeadline } from '../sync/lock-options.ts';
import { type Waitable, type WaitTarget, waitable } from '../sync/waitable.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { itemsOf } from './contents.ts';
import { checkedLimits } from './queue-limits.ts';
import { type Counting, SharedQueue } from './shared-queue.ts';

/** The key under which a queue has what is shared of it, for what is built on it. */
export const sharedQueue: unique symbol = Symbol('shared queue');

const KIND = 'Queue';
const FOR_EVER: Deadline = new Deadline(Number.POSITIVE_INFINITY);
const AT_ONCE: Deadline = new Deadline(Number.NEGATIVE_INFINITY);

/** How long a `put` or `get` may wait. `block: false` looks once; `timeout` in milliseconds is ignored then. */
export type QueueOptions = AcquireOptions;

export interface QueueInit {
	/** Pickled bytes of all items together that the queue holds at most. */
	maxBytes?: number | undefined;
}

/**
 * A first-in-first-out queue between any processes of a family: any of them may put and get. An item is in shared memory
 * once it has been put, so that it is delivered even if its producer has ended or was killed; a process that is killed
 * with an item in its hands loses that one at most.
 *
 * @example
 * ```js
 * const queue = new mp.Queue();
 * const child = new mp.Process({ target: produce, args: [queue] }); // calls await queue.put(…)
 * await child.start();
 * console.log(await queue.get());
 * ```
 */
export class Queue<T = unknown> implements Shareable, Waitable, AsyncIterable<T>, Disposable {
	readonly #shared: SharedQueue;

	/**
	 * @param maxsize items it holds at most; 0, or less: as many as there is memory for
	 * @throws RangeError for limits that cannot be
	 */
	constructor(maxsize: number = 0, init: QueueInit = {}) {
		const given: unknown = maxsize;
		this.#shared = given instanceof SharedQueue ? given : createShared(KIND, given, init);
	}

	/**
	 * Puts an item, waiting for room if the queue has a limit. Once it resolves the item is delivered whatever becomes of
	 * this process. Items of one process are delivered in the order of the calls.
	 *
	 * @throws PicklingError at the call, if it cannot travel; nothing is put
	 * @throws Full when `timeout` milliseconds passed, or (`block: false`) there was no room
	 * @throws ClosedError if the queue is closed, or gets closed meanwhile
	 * @throws RangeError for an item that is larger than `maxBytes`, or than 256 MiB
	 */
	async put(item: T, options?: QueueOptions): Promise<void> {
		await this.#shared.put(item, this.#deadline(options, 'put'), 'put');
	}

	/** As `put`, blocking this thread while there is no room. */
	putSync(item: T, options?: QueueOptions): void {
		this.#shared.putSync(item, this.#deadline(options, 'putSync'), 'putSync');
	}

	/** As `putSync`; `Full` if there is no room now. */
	putNowait(item: T): void {
		this.#shared.putSync(item, AT_ONCE, 'putNowait');
	}

	/**
	 * Takes the first item, waiting for one.
	 *
	 * @throws Empty when `timeout` milliseconds passed, or (`block: false`) there was none
	 * @throws ClosedError if the queue is closed and all its items have been taken
	 * @throws UnpicklingError if it cannot be rebuilt here; it is gone then
	 */
	async get(options?: QueueOptions): Promise<T> {
		return (await this.#shared.take(this.#deadline(options, 'get'), 'get')) as T;
	}

	/** As `get`, blocking this thread. */
	getSync(options?: QueueOptions): T {
		return this.#shared.takeSync(this.#deadline(options, 'getSync'), 'getSync') as T;
	}

	/** As `getSync`; `Empty` if there is nothing now. */
	getNowait(): T {
		return this.#shared.takeSync(AT_ONCE, 'getNowait') as T;
	}

	#deadline(options: QueueOptions | undefined, method: string): Deadline {
		return options === undefined ? FOR_EVER : acquireDeadline(options, `${this.#shared.name}.${method}`);
	}

	/** How many items there are at this moment. */
	qsize(): number {
		return this.#shared.size;
	}

	/** Whether there is no item at this moment. */
	empty(): boolean {
		return this.#shared.size === 0;
	}

	/** Whether there is no room at this moment, not even for an item of one byte. */
	full(): boolean {
		return this.#shared.isFull;
	}

	/** Ends the queue for everybody: nothing more can be put, and what is in it can still be taken. May be called again. */
	close(): void {
		this.#shared.close();
	}

	/** Whether it was closed, by whomever. */
	get closed(): boolean {
		return this.#shared.isClosed;
	}

	/** Takes items until the queue is closed and empty. */
	[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
		return itemsOf(this);
	}

	[Symbol.dispose](): void {
		this.close();
	}

	/** @internal For the classes that are made of this one. */
	get [sharedQueue](): SharedQueue {
		return this.#shared;
	}

	/** How `wait()` waits for it: until there is an item, or the end. */
	[waitable](): WaitTarget {
		return this.#shared.waitTarget;
	}

	[handoff](destination: Destination): SharedReference {
		return { kind: this.#shared.name, data: this.#shared.handOff(destination) };
	}

	[inspect.custom](): string {
		const { maxItems } = this.#shared.limits;
		const limit = maxItems === 0 ? '' : ` of ${maxItems}`;
		return `<${this.#shared.name} ${this.qsize()}${limit} items${this.closed ? ', closed' : ''}>`;
	}
}

/** What a user passed to the constructor of `name`, as a new queue. */
export function createShared(name: string, maxsize: unknown, init: QueueInit, counting?: Counting): SharedQueue {
	if (typeof init !== 'object' || init === null) throw typeError(`new ${name}: options must be an object {maxBytes}`);
	checkKnown(init, ['maxBytes'], `new ${name}`);
	return SharedQueue.create(name, checkedLimits(name, maxsize, init.maxBytes), counting);
}

registerShared<BlockReference>(KIND, (reference) => new Queue(SharedQueue.attach(reference, KIND) as never), Queue);
