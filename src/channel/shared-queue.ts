/**
 * A queue as this thread has it: the algorithm (segmented-queue.ts), the turnstiles of those who put and take, and the
 * memory. What the public classes have in common.
 */
import { forkGeneration } from '../base/after-fork.ts';
import { breather } from '../base/breather.ts';
import type { Deadline } from '../base/deadline.ts';
import { Empty, Full } from '../base/errors.ts';
import { Block } from '../memory/block.ts';
import { corrupted } from '../memory/corrupted.ts';
import { PendingHolds } from '../memory/family.ts';
import type { BlockReference } from '../memory/heap.ts';
import { BLOCK, BLOCK_KIND } from '../memory/layout.ts';
import { PlainWords } from '../memory/words.ts';
import { acquireAsync, acquireSync, attemptFor, endWaitsFor } from '../sync/acquisition.ts';
import { Signal } from '../sync/signal.ts';
import { type ThreadWaits, threadWaits } from '../sync/thread-waits.ts';
import { type Room, Turnstile } from '../sync/turnstile.ts';
import type { WaitTarget } from '../sync/waitable.ts';
import { SpinBudget, spinThenSleep, turnThenSleep } from '../sync/waiting.ts';
import { TooLong } from '../wire/byte-writer.ts';
import { encodeInPlace, type Pickled } from '../wire/codec.ts';
import type { Destination } from '../wire/handoff.ts';
import { Trust } from '../wire/trust.ts';
import { DoneCount, tallyOf } from './done-count.ts';
import { PromptPut, PromptTake } from './prompt-items.ts';
import { closedError, type Job, PutJob, type QueueSide, TakeJob } from './queue-items.ts';
import { JOINABLE, MOST_INLINE, MOST_ITEM_BYTES, QUEUE } from './queue-layout.ts';
import { checkLength, type QueueLimits, tooLong } from './queue-limits.ts';
import { QueueRoom } from './queue-room.ts';
import { QueueSegments, type Segment } from './queue-segments.ts';
import { ReceivedObject } from './received.ts';
import { SegmentedQueue } from './segmented-queue.ts';

/** Of a queue that counts who is not done with what, see tally.ts. */
export type Counting = 'joinable';

function bodyBytes(counting: Counting | undefined): number {
	return ((counting === undefined ? QUEUE.words : JOINABLE.words) - BLOCK.body) * 4;
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
	readonly #done: DoneCount | undefined;
	readonly #room: QueueRoom;
	/** How long to look for an item, or for room, before blocking the thread, and before sleeping in the event loop. */
	readonly #itemLooks = new SpinBudget();
	readonly #itemTurns = new SpinBudget();
	readonly #roomLooks = new SpinBudget();
	readonly limits: QueueLimits;
	readonly #promptPut: PromptPut;
	readonly #promptTake: PromptTake;
	/** What this thread is about to put, in the order of its calls. */
	#puts: PutJob[] = [];
	/** What it awaits. */
	#takes = new Set<TakeJob>();
	#generation: number = forkGeneration();

	private constructor(block: Block, name: string, counting: Counting | undefined) {
		this.name = name;
		this.#block = block;
		this.#segments = new QueueSegments(block);
		const plain = new PlainWords(block.words.array);
		const tally = counting === undefined ? undefined : tallyOf(block.words);
		this.#items = new SegmentedQueue(block.words, plain, this.#segments, tally);
		this.limits = { maxItems: block.words.load(QUEUE.maxItems), maxBytes: block.words.load(QUEUE.maxBytes) };
		this.#room = new QueueRoom(block.words, this.#items, this.limits);
		this.#promptPut = new PromptPut(this.#items, plain, this.limits);
		this.#promptTake = new PromptTake(this.#items);
		this.#activity = this.#signal(QUEUE.activity);
		const putters = this.#turnstile(QUEUE.putters, () => this.#room.forItems());
		const takers = this.#turnstile(QUEUE.takers, () => this.#room.forTakers());
		this.#putters = {
			turnstile: putters,
			mayPass: () => this.isClosed || this.#room.leaves(0),
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
		if (tally !== undefined) this.#done = new DoneCount(tally, takers, this.#signal(QUEUE.allDone), this.waits);
	}

	static create(name: string, { maxItems, maxBytes }: QueueLimits, counting?: Counting): SharedQueue {
		const block = Block.create(bodyBytes(counting), BLOCK_KIND.queue);
		block.words.store(QUEUE.maxItems, maxItems);
		block.words.store(QUEUE.maxBytes, maxBytes);
		return sharedQueues.of(block, name, counting);
	}

	static attach(reference: BlockReference, name: string, counting?: Counting): SharedQueue {
		const block = Block.attach(reference, 'queue', BLOCK_KIND.queue, bodyBytes(counting));
		return sharedQueues.of(block, name, counting);
	}

	/** Only for `SharedQueues`. */
	static over(block: Block, name: string, counting: Counting | undefined): SharedQueue {
		return new SharedQueue(block, name, counting);
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

	get isFull(): boolean {
		return !this.#room.leaves(1);
	}

	get isClosed(): boolean {
		return this.#room.isClosed;
	}

	/** Gets a job done that could not be done at once, blocking this thread. False: the deadline came first. */
	#passSync(job: Job, looks: SpinBudget, deadline: Deadline): boolean {
		const sleep = (): boolean => acquireSync(job, this.waits, deadline);
		return deadline.expired ? sleep() : spinThenSleep(looks, () => job.mayBeFree(), sleep);
	}

	// --- putting ---

	/** @throws PicklingError, or RangeError if it is far larger than any item may be: not all of it is looked at then */
	#pickle(item: unknown, holds: PendingHolds, method: string): Pickled {
		try {
			return encodeInPlace(item, 'item', holds, MOST_ITEM_BYTES);
		} catch (error) {
			throw error instanceof TooLong ? tooLong(`${error.bytes} bytes or more`, `${this.name}.${method}`) : error;
		}
	}

	/** @throws RangeError if it is larger than any item may be */
	#outgoing(pickled: Pickled, holds: PendingHolds, method: string): PutJob {
		const call = `${this.name}.${method}`;
		checkLength(pickled.at, this.limits, call);
		const bytes = pickled.bytes.subarray(0, pickled.at);
		const isInline = bytes.length <= MOST_INLINE && holds.isEmpty;
		const contents = isInline ? bytes : this.#segments.pack(bytes, holds);
		return new PutJob(call, this.#putters, this.#segments, contents, bytes.length);
	}

	/** Puts an item without a job, if that can be done at once and it is to be in a segment. */
	#putPromptly(pickled: Pickled, holds: PendingHolds): boolean {
		if (!holds.isEmpty || this.#mine.length > 0 || !this.#promptPut.accepts(pickled)) return false;
		if (!this.#putters.turnstile.tryPass(this.#promptPut)) return false;
		this.#putters.passed();
		return true;
	}

	#put(job: PutJob): boolean {
		if (this.isClosed) {
			this.#forget(job);
			throw closedError(job);
		}
		if (!this.#isNext(job) || !this.#room.leaves(job.bytes)) return false;
		this.#forget(job);
		this.#items.put(job);
		return true;
	}

	/** This thread's puts that have not been done. */
	get #mine(): PutJob[] {
		if (this.#generation !== forkGeneration()) {
			this.#generation = forkGeneration();
			this.#puts = []; // they are the parent's
			this.#takes.clear();
		}
		return this.#puts;
	}

	#isNext(job: PutJob): boolean {
		return this.#mine.length === 0 || this.#mine[0] === job;
	}

	#forget(job: PutJob): void {
		if (this.#mine.length === 0) return;
		const place = this.#mine.indexOf(job);
		if (place !== -1) this.#mine.splice(place, 1);
	}

	/** Puts an item at once, if nothing stands in the way. True: it has been put, or has failed. */
	#putNow(job: PutJob): boolean {
		if (!this.#isNext(job) || !job.tryAcquire()) return false;
		job.end();
		job.check();
		return true;
	}

	/**
	 * @throws PicklingError, or RangeError if it is larger than any item may be
	 * @throws Full when the deadline came first
	 */
	async put(item: unknown, deadline: Deadline, method: string): Promise<void> {
		deadline.signal?.throwIfAborted();
		const holds = new PendingHolds();
		const pickled = this.#pickle(item, holds, method);
		if (!this.#putPromptly(pickled, holds)) await this.#putJob(this.#outgoing(pickled, holds, method), deadline);
		else await breather.breathe();
	}

	async #putJob(job: PutJob, deadline: Deadline): Promise<void> {
		if (this.#putNow(job)) {
			await breather.breathe();
			return;
		}
		this.#mine.push(job);
		job.keep();
		try {
			// It stands in line at once: who looked around before might come to stand behind the next one.
			if (!(await acquireAsync(job, this.waits, deadline))) throw this.#full(job);
			job.check();
		} finally {
			this.#forget(job);
			job.end();
		}
	}

	/** As `put`, blocking this thread; what it is putting already goes first. */
	putSync(item: unknown, deadline: Deadline, method: string): void {
		const holds = new PendingHolds();
		const pickled = this.#pickle(item, holds, method);
		if (!this.#putPromptly(pickled, holds)) this.#putJobSync(this.#outgoing(pickled, holds, method), deadline);
	}

	#putJobSync(job: PutJob, deadline: Deadline): void {
		if (this.#putNow(job)) return;
		const earlier = [...this.#mine];
		this.#mine.push(job);
		job.whileBlocked = () => this.#takeAwaited();
		try {
			if (!deadline.expired) job.whileBlocked();
			for (const each of [...earlier, job]) {
				if (!this.#passSync(each, this.#roomLooks, deadline)) throw this.#full(job);
				endWaitsFor(each);
			}
			job.check();
		} finally {
			this.#forget(job);
			job.end();
		}
	}

	/** This thread is blocked while there is no room, and what it awaits itself may be all that would make some. */
	#takeAwaited(): void {
		for (const take of this.#takes) {
			if (take.tryAcquire()) endWaitsFor(take);
			else attemptFor(take);
		}
	}

	#full({ call }: PutJob): Full {
		const { maxItems, maxBytes } = this.limits;
		const limit = maxItems > 0 && this.size >= maxItems ? `${maxItems} items` : `${maxBytes} bytes`;
		return new Full(`${call}: the queue is full: it has room for ${limit}.`);
	}

	// --- taking ---

	#take(job: TakeJob): boolean {
		const { isClosed } = this; // before the look at its size: what was put before it was closed is seen then
		if (this.size === 0) {
			if (isClosed) throw closedError(job);
			return false;
		}
		this.#items.take(job);
		return true;
	}

	/** @throws Empty when the deadline came first */
	async take(deadline: Deadline, method: string): Promise<unknown> {
		deadline.signal?.throwIfAborted();
		const call = `${this.name}.${method}`;
		const job = new TakeJob(call, this.#takers, this.#segments);
		if (!job.tryAcquire()) {
			this.#takes.add(job);
			try {
				if (!(await this.#awaitItem(job, deadline))) throw emptyError(call);
			} finally {
				this.#takes.delete(job);
			}
		}
		job.check();
		const value = await received(job);
		await breather.breathe();
		return value;
	}

	#awaitItem(job: TakeJob, deadline: Deadline): Promise<boolean> {
		const sleep = (): Promise<boolean> => acquireAsync(job, this.waits, deadline);
		return deadline.expired ? sleep() : turnThenSleep(this.#itemTurns, () => job.mayBeFree(), deadline, sleep);
	}

	/** As `take`, blocking this thread. */
	takeSync(deadline: Deadline, method: string): unknown {
		const prompt = this.#promptTake;
		if (prompt.isInUse || !this.#takers.turnstile.tryPass(prompt))
			return this.#takeJobSync(deadline, `${this.name}.${method}`);
		this.#takers.passed();
		return prompt.use();
	}

	#takeJobSync(deadline: Deadline, call: string): unknown {
		const job = new TakeJob(call, this.#takers, this.#segments);
		if (!job.tryAcquire() && !this.#passSync(job, this.#itemLooks, deadline)) throw emptyError(call);
		job.check();
		try {
			const received = new ReceivedObject(Trust.FAMILY);
			received.use(job.contents, true);
			return received.value;
		} finally {
			job.end();
		}
	}

	// --- the end ---

	close(): void {
		this.#putters.turnstile.exclusively(() => this.#block.words.store(QUEUE.closed, 1));
		this.#putters.turnstile.wakeNext();
		this.#takers.turnstile.wakeNext();
		this.#activity.notifyAll();
	}

	/** Of a queue that counts: which of the items are done. */
	get done(): DoneCount {
		if (this.#done === undefined) throw corrupted('This queue'); // it came as one that does not
		return this.#done;
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
	const received = new ReceivedObject(Trust.FAMILY);
	try {
		let need = received.use(job.contents, false);
		for (; need !== undefined; need = received.use(job.contents, false)) await need;
		return received.value;
	} finally {
		job.end();
	}
}

function emptyError(call: string): Empty {
	return new Empty(`${call}: there is nothing in the queue.`);
}

/** The queues this thread has; one for a block, so that its puts are in one order. */
class SharedQueues {
	readonly #queues = new WeakMap<Block, SharedQueue>();

	of(block: Block, name: string, counting: Counting | undefined): SharedQueue {
		const known = this.#queues.get(block);
		if (known !== undefined) return known;
		const made = SharedQueue.over(block, name, counting);
		this.#queues.set(block, made);
		return made;
	}
}

const sharedQueues = new SharedQueues();
