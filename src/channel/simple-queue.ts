/** The least a queue can be. */
import { inspect } from 'node:util';
import { typeError } from '../base/errors.ts';
import type { BlockReference } from '../memory/heap.ts';
import { type Waitable, type WaitTarget, waitable } from '../sync/waitable.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { Queue, type QueueOptions } from './queue.ts';
import type { QueueLimits } from './queue-limits.ts';
import { SharedQueue } from './shared-queue.ts';

const KIND = 'SimpleQueue';
const NO_LIMITS: QueueLimits = { maxItems: 0, maxBytes: 0 };

/** A queue without limits that can only be put into, taken from and closed. */
export class SimpleQueue<T = unknown> implements Shareable, Waitable, AsyncIterable<T>, Disposable {
	readonly #queue: Queue<T>;

	/** Takes no arguments; what arrives from another process is passed here by the library. */
	constructor(...arrived: never[]) {
		const given: unknown = arrived[0] ?? SharedQueue.create(KIND, NO_LIMITS);
		if (!(given instanceof SharedQueue)) throw typeError(`new ${KIND}: it takes no arguments; a Queue has a maxsize`);
		this.#queue = new Queue(given as never);
	}

	/** Puts an item. Once it resolves the item is delivered whatever becomes of this process. */
	async put(item: T): Promise<void> {
		await this.#queue.put(item);
	}

	/** As `put`, blocking this thread. */
	putSync(item: T): void {
		this.#queue.putSync(item);
	}

	/**
	 * Takes the first item, waiting for one.
	 *
	 * @throws ClosedError if the queue is closed and all its items have been taken
	 */
	async get(options?: QueueOptions): Promise<T> {
		return this.#queue.get(options);
	}

	/** As `get`, blocking this thread. */
	getSync(options?: QueueOptions): T {
		return this.#queue.getSync(options);
	}

	/** Whether there is no item at this moment. */
	empty(): boolean {
		return this.#queue.empty();
	}

	/** Ends the queue for everybody; what is in it can still be taken. */
	close(): void {
		this.#queue.close();
	}

	/** Whether it was closed, by whomever. */
	get closed(): boolean {
		return this.#queue.closed;
	}

	/** Takes items until the queue is closed and empty. */
	[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
		return this.#queue[Symbol.asyncIterator]();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	/** How `wait()` waits for it: until there is an item, or the end. */
	[waitable](): WaitTarget {
		return this.#queue[waitable]();
	}

	[handoff](destination: Destination): SharedReference {
		return this.#queue[handoff](destination);
	}

	[inspect.custom](): string {
		return `<${KIND} ${this.#queue.qsize()} items${this.closed ? ', closed' : ''}>`;
	}
}

registerShared<BlockReference>(
	KIND,
	(reference) => new SimpleQueue(SharedQueue.attach(reference, KIND) as never),
	SimpleQueue,
);
