/**
 * Queue and JoinableQueue of a manager. Who waits for an item, or for room, is a record in the server; an item that was
 * given to a client which is dead by then is lost, as in a queue of processes.
 */
import { ClosedError, Empty, Full, rangeError } from '../../base/errors.ts';
import type { Call } from '../server/call.ts';
import { type OwnKind, ownKind } from '../server/kind.ts';
import { endOfWait, type Limits, Waiters } from '../server/waiters.ts';
import { Fifo } from './fifo.ts';
import { Unfinished } from './unfinished.ts';

class ManagedQueue {
	readonly maxsize: number;
	readonly items: Fifo<unknown> = new Fifo();
	readonly #getters = new Waiters<{ readonly item: unknown } | 'closed'>();
	readonly #putters = new Waiters<'put' | 'closed', { readonly item: unknown }>();
	readonly #joiners = new Waiters<true>();
	readonly #unfinished = new Unfinished(() => this.#joiners.wakeAll(true));
	isClosed = false;

	constructor(maxsize: number) {
		if (!Number.isInteger(maxsize)) throw rangeError(`Queue: maxsize must be a whole number, not ${String(maxsize)}`);
		this.maxsize = maxsize;
	}

	get isFull(): boolean {
		return this.maxsize > 0 && this.items.size >= this.maxsize;
	}

	put(call: Call, item: unknown, limits?: Limits): undefined | Promise<undefined> {
		const deadline = endOfWait(limits, 'Queue.put');
		if (this.isClosed) throw closed('put');
		if (!this.isFull) {
			this.#add(item);
			return undefined;
		}
		return this.#putters.wait(call, deadline, { item }).then((news) => {
			if (news === 'closed') throw closed('put');
			if (news === undefined) throw new Full('Queue.put: there was no room in time.');
			return undefined;
		});
	}

	get(call: Call, limits?: Limits): unknown {
		const deadline = endOfWait(limits, 'Queue.get');
		if (this.items.size > 0) return this.#take(call);
		if (this.isClosed) throw closed('get');
		return this.#getters.wait(call, deadline).then((news) => {
			if (news === 'closed') throw closed('get');
			if (news === undefined) throw new Empty('Queue.get: there was no item in time.');
			return news.item;
		});
	}

	taskDone(call: Call): void {
		if (this.#unfinished.done(call.session)) return;
		throw rangeError('JoinableQueue.taskDone: it was called more often than there were items.');
	}

	join(call: Call, limits?: number | Limits): boolean | Promise<boolean> {
		const deadline = endOfWait(limits, 'JoinableQueue.join');
		if (this.#unfinished.isAllDone) return true;
		return this.#joiners.wait(call, deadline).then((done) => done === true);
	}

	close(): void {
		this.isClosed = true;
		this.#getters.wakeAll('closed');
		this.#putters.wakeAll('closed');
	}

	#add(item: unknown): void {
		this.#unfinished.put();
		const taker = this.#getters.wake({ item });
		if (taker === undefined) this.items.push(item);
		else this.#unfinished.takenBy(taker.call.session);
	}

	#take(call: Call): unknown {
		const item = this.items.shift();
		this.#unfinished.takenBy(call.session);
		const putter = this.#putters.wake('put');
		if (putter !== undefined) this.#add(putter.offer.item);
		return item;
	}
}

function closed(method: string): ClosedError {
	return new ClosedError(`Queue.${method}: this queue is closed.`);
}

const AT_ONCE: Limits = { block: false };

const METHODS = {
	put(this: Call, queue: ManagedQueue, item: unknown, limits?: Limits) {
		return queue.put(this, item, limits);
	},
	putNowait(this: Call, queue: ManagedQueue, item: unknown) {
		return queue.put(this, item, AT_ONCE);
	},
	get(this: Call, queue: ManagedQueue, limits?: Limits) {
		return queue.get(this, limits);
	},
	getNowait(this: Call, queue: ManagedQueue) {
		return queue.get(this, AT_ONCE);
	},
	qsize: (queue: ManagedQueue) => queue.items.size,
	empty: (queue: ManagedQueue) => queue.items.size === 0,
	full: (queue: ManagedQueue) => queue.isFull,
	close: (queue: ManagedQueue) => queue.close(),
};

const JOINABLE_METHODS = {
	...METHODS,
	taskDone(this: Call, queue: ManagedQueue) {
		queue.taskDone(this);
	},
	join(this: Call, queue: ManagedQueue, limits?: number | Limits) {
		return queue.join(this, limits);
	},
};

const DRAIN = { iteration: { how: 'drain', method: 'get' } } as const;

export const QUEUE: OwnKind = {
	make: (maxsize: number = 0) => new ManagedQueue(maxsize),
	kind: ownKind<ManagedQueue>('Queue', METHODS, DRAIN),
};

export const JOINABLE_QUEUE: OwnKind = {
	make: (maxsize: number = 0) => new ManagedQueue(maxsize),
	kind: ownKind<ManagedQueue>('JoinableQueue', JOINABLE_METHODS, DRAIN),
};
