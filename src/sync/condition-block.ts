/** Notices in a block of their own, and the lock that goes with them: where the algorithm (notices.ts) meets memory and threads. */

import { inspect } from 'node:util';
import { Deadline, type WaitOptions } from '../base/deadline.ts';
import { ProcessError, rangeError, typeError } from '../base/errors.ts';
import { Block } from '../memory/block.ts';
import type { BlockReference } from '../memory/heap.ts';
import { BLOCK, BLOCK_KIND } from '../memory/layout.ts';
import { Lock } from './lock.ts';
import { mutexBlock } from './mutex-block-key.ts';
import { NOTICES_WORDS, Notices } from './notices.ts';
import { checkPredicate, waitUntilTrue, waitUntilTrueSync } from './predicate.ts';
import { waitQueued, waitQueuedSync } from './queued-wait.ts';
import { RLock } from './rlock.ts';
import { type ThreadWaits, threadWaits } from './thread-waits.ts';
import { WAITER_MODE } from './waiter.ts';

export class ConditionBlock {
	readonly block: Block;
	readonly lock: Lock | RLock;
	readonly #notices: Notices;
	readonly #waits: ThreadWaits;

	constructor(block: Block, lock: Lock | RLock) {
		this.block = block;
		this.lock = lock;
		this.#waits = threadWaits();
		this.#notices = new Notices(block.words, BLOCK.body, block.firstWord + BLOCK.body, block.family.arena, this.#waits);
	}

	/** `lock` as a user passed it to the constructor. */
	static create(lock: unknown): ConditionBlock {
		if (lock !== undefined && lock !== null && !(lock instanceof Lock || lock instanceof RLock)) {
			throw typeError(`new Condition: lock must be a Lock or an RLock, not ${typeof lock}`);
		}
		return new ConditionBlock(Block.create(NOTICES_WORDS * 4, BLOCK_KIND.condition), lock ?? new RLock());
	}

	static attach(reference: BlockReference, lock: Lock | RLock, name: string): ConditionBlock {
		return new ConditionBlock(Block.attach(reference, name, BLOCK_KIND.condition, NOTICES_WORDS * 4), lock);
	}

	/** How many wait. */
	get waiting(): number {
		return this.#notices.count();
	}

	async wait(timeout?: WaitOptions): Promise<boolean> {
		const deadline = Deadline.from(timeout, 'Condition.wait');
		this.#checkHeld('wait');
		deadline.signal?.throwIfAborted();
		const record = this.#enqueue(WAITER_MODE.async);
		this.lock.release();
		try {
			return await waitQueued(this.#notices, this.#waits, record, deadline);
		} finally {
			await this.lock.acquire().finally(() => this.#leave(record));
		}
	}

	waitSync(timeout?: WaitOptions): boolean {
		const deadline = Deadline.from(timeout, 'Condition.waitSync');
		this.#checkHeld('waitSync');
		const shared = this.lock[mutexBlock];
		const levels = shared.depth;
		const record = this.#enqueue(WAITER_MODE.sync);
		shared.mutex.release();
		try {
			return waitQueuedSync(this.#notices, this.#waits, record, deadline);
		} finally {
			try {
				this.lock.acquireSync();
				if (levels > 1) shared.depth += levels - 1;
			} finally {
				this.#leave(record);
			}
		}
	}

	#enqueue(mode: number): number {
		const record = this.#waits.takeRecord(mode);
		this.#notices.enqueue(record);
		return record;
	}

	/** With the lock: until then a waiter that is killed has its notification passed on. */
	#leave(record: number): void {
		this.#notices.leave(record);
		this.#waits.giveBack(record);
	}

	async waitFor(predicate: () => unknown, timeout?: WaitOptions): Promise<boolean> {
		checkPredicate(predicate, 'waitFor');
		this.#checkHeld('waitFor');
		return waitUntilTrue(this, predicate, timeout);
	}

	waitForSync(predicate: () => unknown, timeout?: WaitOptions): boolean {
		checkPredicate(predicate, 'waitForSync');
		this.#checkHeld('waitForSync');
		return waitUntilTrueSync(this, predicate, timeout);
	}

	notify(n: unknown): void {
		if (typeof n !== 'number') throw typeError(`Condition.notify: n must be a number of waiters, not ${typeof n}`);
		if (!(Number.isInteger(n) && n >= 0)) {
			throw rangeError(`Condition.notify: n must be a whole number of waiters, not ${n}`);
		}
		this.#checkHeld('notify');
		this.#notices.notify(n);
	}

	notifyAll(): void {
		this.#checkHeld('notifyAll');
		this.#notices.notify(Number.POSITIVE_INFINITY);
	}

	#checkHeld(call: string): void {
		const shared = this.lock[mutexBlock];
		if (shared.mutex.isMine()) return;
		throw new ProcessError(
			`Condition.${call}: this thread does not hold the condition's lock, ${inspect(this.lock)}; acquire the condition first.`,
			{ code: 'ERR_MP_NOT_OWNER' },
		);
	}
}
