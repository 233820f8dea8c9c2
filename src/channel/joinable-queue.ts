/** A queue whose producers can wait until all its items have been dealt with. */
import type { WaitOptions } from '../base/deadline.ts';
import { rangeError } from '../base/errors.ts';
import type { BlockReference } from '../memory/heap.ts';
import { registerShared } from '../wire/handoff.ts';
import { createShared, Queue, type QueueInit, sharedQueue } from './queue.ts';
import { SharedQueue } from './shared-queue.ts';

const KIND = 'JoinableQueue';

/**
 * A queue that counts: each item that was put is to be followed by one `taskDone` of whoever has dealt with it, and `join`
 * waits for the last of them. An item that was taken by a thread which has ended, or was killed, counts as done.
 *
 * @example
 * ```js
 * for await (const task of tasks) {
 *   await work(task);
 *   tasks.taskDone();
 * }
 * ```
 */
export class JoinableQueue<T = unknown> extends Queue<T> {
	/**
	 * @param maxsize items it holds at most; 0, or less: as many as there is memory for
	 * @throws RangeError for limits that cannot be
	 */
	constructor(maxsize: number = 0, init: QueueInit = {}) {
		const given: unknown = maxsize;
		super((given instanceof SharedQueue ? given : createShared(KIND, given, init, 'joinable')) as never);
	}

	/**
	 * Says that an item has been dealt with: one that this thread has taken, or, if it has none left, one of somebody else.
	 *
	 * @throws RangeError once too often: all that were put are
	 */
	taskDone(): void {
		if (this[sharedQueue].done.add()) return;
		throw rangeError(`${KIND}.taskDone: called more often than items were put.`);
	}

	/**
	 * Waits until all items that were put have been dealt with, or were in the hands of somebody who is no more.
	 *
	 * @returns false when `timeout` milliseconds passed first
	 * @throws the signal's reason when it is aborted
	 */
	async join(timeout?: WaitOptions): Promise<boolean> {
		return this[sharedQueue].done.all(timeout, `${KIND}.join`);
	}

	/** As `join`, blocking this thread. */
	joinSync(timeout?: WaitOptions): boolean {
		return this[sharedQueue].done.allSync(timeout, `${KIND}.joinSync`);
	}
}

registerShared<BlockReference>(
	KIND,
	(reference) => new JoinableQueue(SharedQueue.attach(reference, KIND, 'joinable') as never),
	JoinableQueue,
);
