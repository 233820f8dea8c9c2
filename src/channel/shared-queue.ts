/**
 * A queue as this thread has it: the algorithm (segmented-queue.ts), the turnstiles of those who put and take, and the
 * memory. What the public classes have in common.
 */
import { forkGeneration } from '../base/after-fork.ts';
import { breather } from '../base/breather.ts';
import { Deadline, type WaitOptions } from '../base/deadline.ts';
import { Empty, Full, rangeError, typeError } from '../base/errors.ts';
import { Block } from '../memory/block.ts';
import { PendingHolds } from '../memory/family.ts';
import type { BlockReference } from '../memory/heap.ts';
import { BLOCK, BLOCK_KIND } from '../memory/layout.ts';
import { acquireAsync, acquireSync } from '../sync/acquisition.ts';
import { Signal } from '../sync/signal.ts';
import { type ThreadWaits, threadWaits } from '../sync/thread-waits.ts';
import { type Room, Turnstile } from '../sync/turnstile.ts';
import type { WaitTarget } from '../sync/waitable.ts';
import { SpinBudget, spinThenSleep, type Wait, waitUntil, waitUntilSync } from '../sync/waiting.ts';
import { encode } from '../wire/codec.ts';
import type { Destination } from '../wire/handoff.ts';
import { closedError, PutJob, type QueueSide, TakeJob } from './queue-items.ts';
import { MOST_BYTES, MOST_INLINE, MOST_ITEM_BYTES, QUEUE } from './queue-layout.ts';
import { QueueSegments, type Segment } from './queue-segments.ts';
import { ReceivedObject } from './received.ts';
import { SegmentedQueue } from './segmented-queue.ts';

const EVERYBODY: Room = { admits: () => true };

export interface QueueLimits {
	/** Items; 0: as many as there is memory for. */
	readonly maxItems: number;
	/** Pickled bytes of all items together; 0: no limit. */
	readonly maxBytes: number;
}

export class SharedQueue {
	/** The class of the object. */
	readonly name: string;
	readonly waits: ThreadWaits = threadWaits();
	readonly #block: Block;
	readonly #segments: QueueSegments;
	readonly #items: SegmentedQueue<Segment>;
	readonly #putters: QueueSide;
	readonly #takers: QueueSide;
	/** An item has come, or the end. */
	readonly #activity: Signal;
	readonly #allDone: Signal;
	readonly #takeSpin = new SpinBudget();
	readonly #doneSpin = new SpinBudget();
	readonly #maxItems: number;
	readonly #maxBytes: number;
	/** What this thread is about to put, in the order of its calls. */
	#puts: PutJob[] = [];
	#generation: number = forkGeneration();

	private constructor(block: Block, name: string) {
		this.name = name;
		this.#block = block;
		this.#segments = new QueueSegments(block);
		this.#items = new SegmentedQueue(block.words, this.#segments);
		this.#maxItems = block.words.load(QUEUE.maxItems);
		this.#maxBytes = block.words.load(QUEUE.maxBytes);
		this.#activity = this.#signal(QUEUE.activity);
		this.#allDone = this.#signal(QUEUE.allDone);
		const putters = this.#turnstile(QUEUE.putters, () => this.#roomForItems());
		const takers = this.#turnstile(QUEUE.takers, () => this.#itemsForTakers());
		this.#putters = {
			turnstile: putters,
			mayPass: () => this.isClosed || this.#leaves(0),
			perform: (job) => this.#put(job as PutJob),
			passed: () => {
				takers.wakeNext();
				this.#activity.notifyAll();
			},
		};
		this.#takers = {
			turnstile: takers,
			mayPass: () => this.isClosed || this.size > 0,
			perform: (job) => this.#take(job as TakeJob),
			passed: () => putters.wakeNext(),
		};
	}

	static create(name: string, { maxItems, maxBytes }: QueueLimits): SharedQueue {
		const block = Block.create((QUEUE.words - BLOCK.body) * 4, BLOCK_KIND.queue);
		block.words.store(QUEUE.maxItems, maxItems);
		block.words.store(QUEUE.maxBytes, maxBytes);
		return sharedQueues.of(block, name);
	}

	static attach(reference: BlockReference, name: string): SharedQueue {
		return sharedQueues.of(Block.attach(reference, 'queue'), name);
	}

	/** Only for `SharedQueues`. */
	static over(block: Block, name: string): SharedQueue {
		return new SharedQueue(block, name);
	}

	#signal(word: number): Signal {
		const { words, firstWord, family } = this.#block;
		return new Signal(words, word, firstWord + word, family.arena, this.waits);
	}

	#turnstile(word: number, room: () => Room): Turnstile {
		const { words, firstWord, family } = this.#block;
		return new Turnstile(words, word, firstWord + word, family.arena, this.waits, room);
	}

	// --- how it is ---

	get size(): number {
		return this.#items.size;
	}

	get limits(): QueueLimits {
		return { maxItems: this.#maxItems, maxBytes: this.#maxBytes };
	}

	get isFull(): boolean {
		return !this.#leaves(1);
	}

	get isClosed(): boolean {
		return this.#block.words.load(QUEUE.closed) === 1;
	}

	/** Whether there is room for another item of so many bytes. */
	#leaves(bytes: number): boolean {
		if (this.#maxItems > 0 && this.size >= this.#maxItems) return false;
		return this.#maxBytes === 0 || this.#items.bytes + bytes <= this.#maxBytes;
	}

	#roomForItems(): Room {
		if (this.isClosed) return EVERYBODY;
		let items = this.#maxItems === 0 ? Number.POSITIVE_INFINITY : this.#maxItems - this.size;
		let bytes = this.#maxBytes === 0 ? Number.POSITIVE_INFINITY : this.#maxBytes - this.#items.bytes;
		return {
			admits(need) {
				items--;
				bytes -= need;
				return items >= 0 && bytes >= 0;
			},
		};
	}

	#itemsForTakers(): Room {
		if (this.isClosed) return EVERYBODY;
		let items = this.size;
		return { admits: () => items-- > 0 };
	}

	// --- putting ---

	/** @throws PicklingError, or RangeError if it is larger than any item may be; `call` is for the latter */
	outgoing(item: unknown, call: string): PutJob {
		const holds = new PendingHolds();
		const bytes = encode(item, { root: 'item', to: holds });
		this.#checkLength(bytes.length, call);
		const isInline = bytes.length <= MOST_INLINE && holds.isEmpty;
		const contents = isInline ? bytes : this.#segments.pack(bytes, holds);
		return new PutJob(call, this.#putters, this.#segments, contents, bytes.length);
	}

	#checkLength(length: number, call: string): void {
		if (length > MOST_ITEM_BYTES) {
			throw rangeError(
				`${call}: an item of ${length} bytes is longer than an item of a queue may be, which is ${MOST_ITEM_BYTES}. Put it in parts, or send it through a Pipe.`,
			);
		}
		if (this.#maxBytes === 0 || length <= this.#maxBytes) return;
		throw rangeError(
			`${call}: an item of ${length} bytes will never fit into this queue, whose maxBytes is ${this.#maxBytes}. Put it in parts, or make a queue for more.`,
		);
	}

	#put(job: PutJob): boolean {
		if (this.isClosed) {
			this.#forget(job);
			throw closedError(job);
		}
		if (this.#mine[0] !== job || !this.#leaves(job.bytes)) return false;
		this.#forget(job);
		this.#items.put(job);
		return true;
	}

	/** This thread's puts that have not been done. */
	get #mine(): PutJob[] {
		if (this.#generation !== forkGeneration()) {
			this.#generation = forkGeneration();
			this.#puts = []; // they are the parent's
		}
		return this.#puts;
	}

	#forget(job: PutJob): void {
		const place = this.#mine.indexOf(job);
		if (place !== -1) this.#mine.splice(place, 1);
	}

	/** @throws Full when the deadline came first */
	async put(job: PutJob, deadline: Deadline): Promise<void> {
		this.#mine.push(job);
		try {
			if (!job.tryAcquire()) job.keep();
			if (!(await acquireAsync(job, this.waits, deadline))) throw this.#full(job);
			job.check();
		} finally {
			this.#forget(job);
			job.end();
		}
	}

	/** As `put`, blocking this thread; what it is putting already goes first. */
	putSync(job: PutJob, deadline: Deadline): void {
		const earlier = [...this.#mine];
		this.#mine.push(job);
		try {
			for (const each of [...earlier, job]) {
				if (!acquireSync(each, this.waits, deadline)) throw this.#full(job);
			}
			job.check();
		} finally {
			this.#forget(job);
			job.end();
		}
	}

	#full({ call }: PutJob): Full {
		const { maxItems, maxBytes } = this.limits;
		const limit = maxItems > 0 && this.size >= maxItems ? `${maxItems} items` : `${maxBytes} bytes`;
		return new Full(`${call}: the queue is full: it has room for ${limit}.`);
	}

	// --- taking ---

	#take(job: TakeJob): boolean {
		if (this.size === 0) {
			if (this.isClosed) throw closedError(job);
			return false;
		}
		this.#items.take(job);
		return true;
	}

	/** @throws Empty when the deadline came first */
	async take(deadline: Deadline, call: string): Promise<unknown> {
		const job = new TakeJob(call, this.#takers, this.#segments);
		if (!(await acquireAsync(job, this.waits, deadline))) throw emptyError(call);
		job.check();
		return received(job);
	}

	/** As `take`, blocking this thread. */
	takeSync(deadline: Deadline, call: string): unknown {
		const job = new TakeJob(call, this.#takers, this.#segments);
		if (!job.tryAcquire() && !this.#awaitItem(job, deadline)) throw emptyError(call);
		job.check();
		try {
			const received = new ReceivedObject();
			received.use(job.contents, true);
			return received.value;
		} finally {
			job.end();
		}
	}

	#awaitItem(job: TakeJob, deadline: Deadline): boolean {
		const sleep = (): boolean => acquireSync(job, this.waits, deadline);
		return deadline.expired ? sleep() : spinThenSleep(this.#takeSpin, () => this.#takers.mayPass(), sleep);
	}

	// --- the end ---

	close(): void {
		this.#putters.turnstile.exclusively(() => this.#block.words.store(QUEUE.closed, 1));
		this.#putters.turnstile.wakeNext();
		this.#takers.turnstile.wakeNext();
		this.#activity.notifyAll();
	}

	// --- what is done with items that were taken ---

	/** One more item is done. False: all that were put are. */
	markDone(): boolean {
		const { words } = this.#block;
		for (let done = words.load(QUEUE.done); ; ) {
			const put = words.load(QUEUE.put);
			if (done === put) return false;
			const found = words.compareExchange(QUEUE.done, done, (done + 1) | 0);
			if (found === done) {
				if (((done + 1) | 0) === put) this.#allDone.notifyAll();
				return true;
			}
			done = found;
		}
	}

	get isAllDone(): boolean {
		return this.#block.words.load(QUEUE.done) === this.#block.words.load(QUEUE.put);
	}

	/** Until all items are done. False: the deadline came first. */
	async awaitDone(options: WaitOptions | undefined, call: string): Promise<boolean> {
		const deadline = Deadline.from(options, call);
		deadline.signal?.throwIfAborted();
		if (this.isAllDone) {
			await breather.breathe();
			return true;
		}
		return deadline.expired ? false : waitUntil(this.#done(deadline));
	}

	awaitDoneSync(options: WaitOptions | undefined, call: string): boolean {
		return waitUntilSync(this.#done(Deadline.from(options, call)));
	}

	#done(deadline: Deadline): Wait {
		return { signal: this.#allDone, waits: this.waits, deadline, ready: () => this.isAllDone, spin: this.#doneSpin };
	}

	// --- for others ---

	get waitTarget(): WaitTarget {
		return { ready: () => this.#takers.mayPass(), signal: this.#activity };
	}

	handOff(destination: Destination): BlockReference {
		this.#block.holdFor(destination);
		return this.#block.toReference();
	}
}

/** The value of an item that was taken. */
async function received(job: TakeJob): Promise<unknown> {
	try {
		const received = new ReceivedObject();
		for (let need = received.use(job.contents, false); need !== undefined; need = received.use(job.contents, false)) {
			await need;
		}
		return received.value;
	} finally {
		job.end();
	}
}

function emptyError(call: string): Empty {
	return new Empty(`${call}: there is nothing in the queue.`);
}

/** The limits as a user passed them to the constructor of `name`. */
export function checkedLimits(name: string, maxsize: unknown, maxBytes: unknown): QueueLimits {
	if (typeof maxsize !== 'number')
		throw typeError(`new ${name}: maxsize must be a number of items, not ${typeof maxsize}`);
	if (!Number.isInteger(maxsize) || maxsize > MOST_BYTES) {
		throw rangeError(`new ${name}: maxsize must be a whole number of items up to ${MOST_BYTES}, not ${maxsize}`);
	}
	return { maxItems: Math.max(0, maxsize), maxBytes: checkedBytes(name, maxBytes) };
}

function checkedBytes(name: string, maxBytes: unknown): number {
	if (maxBytes === undefined) return 0;
	if (typeof maxBytes !== 'number')
		throw typeError(`new ${name}: maxBytes must be a number of bytes, not ${typeof maxBytes}`);
	if (Number.isInteger(maxBytes) && maxBytes > 0 && maxBytes <= MOST_BYTES) return maxBytes;
	throw rangeError(`new ${name}: maxBytes must be a whole number from 1 to ${MOST_BYTES}, not ${maxBytes}`);
}

/** The queues this thread has; one for a block, so that its puts are in one order. */
class SharedQueues {
	readonly #queues = new WeakMap<Block, SharedQueue>();

	of(block: Block, name: string): SharedQueue {
		const known = this.#queues.get(block);
		if (known !== undefined) return known;
		const made = SharedQueue.over(block, name);
		this.#queues.set(block, made);
		return made;
	}
}

const sharedQueues = new SharedQueues();
