/** What is put into a queue and taken out of it: the jobs of those who pass its turnstiles. */
import { ClosedError, UnpicklingError } from '../base/errors.ts';
import type { Words } from '../memory/words.ts';
import { type Acquirable, ATTEMPT, type Attempt } from '../sync/queueable.ts';
import type { Passage, Turnstile } from '../sync/turnstile.ts';
import { IN_PARCEL, MOST_INLINE, PARCEL_WORDS, SEGMENT } from './queue-layout.ts';
import type { QueueSegments, Segment } from './queue-segments.ts';
import type { ItemReader, OutgoingItem } from './segmented-queue.ts';

/** A queue, as its jobs see it. */
export interface QueueSide {
	readonly turnstile: Turnstile;
	/** Whether one might pass now. One look. */
	mayPass(): boolean;
	/** Does the job, with the guard held. False: not now. May throw, which ends the job. */
	perform(job: Job): boolean;
	/** Something was done: others may go on. */
	passed(): void;
}

/**
 * Something to be done at one side of a queue. It is waited for as a lock is (sync/acquisition.ts); acquired, it is done
 * or has failed.
 */
export abstract class Job implements Acquirable, Passage {
	abstract readonly need: number;
	readonly isPersonal = true;
	/** The method that wants it done, for errors. */
	readonly call: string;
	readonly #side: QueueSide;
	#isDone = false;
	#failure: { reason: unknown } | undefined;

	constructor(call: string, side: QueueSide) {
		this.call = call;
		this.#side = side;
	}

	get target(): number {
		return this.#side.turnstile.target;
	}

	mayBeFree(): boolean {
		return this.#isDone || this.#side.mayPass();
	}

	pass(): boolean {
		if (this.#isDone) return true;
		try {
			this.#isDone = this.#side.perform(this);
		} catch (reason) {
			this.#failure = { reason };
			this.#isDone = true;
		}
		return this.#isDone;
	}

	tryAcquire(): boolean {
		return this.#isDone || this.#told(this.#side.turnstile.tryPass(this));
	}

	enqueue(record: number): Attempt {
		if (this.#isDone) return ATTEMPT.acquired;
		const attempt = this.#side.turnstile.enqueue(record, this);
		this.#told(attempt === ATTEMPT.acquired);
		return attempt;
	}

	attempt(record: number): Attempt {
		const attempt = this.#side.turnstile.attempt(record, this);
		this.#told(attempt === ATTEMPT.acquired);
		return attempt;
	}

	#told(passed: boolean): boolean {
		if (passed) this.#side.passed();
		return passed;
	}

	giveUp(record: number): boolean {
		this.#side.turnstile.giveUp(record);
		return this.#isDone;
	}

	/** What has been put or taken stays so. */
	handBack(): boolean {
		return false;
	}

	lookAfter(record: number): void {
		this.#side.turnstile.lookAfter(record);
	}

	/** Of a job that was done: throws what it failed with. */
	check(): void {
		if (this.#failure !== undefined) throw this.#failure.reason;
	}
}

/** An item that is to be put: its bytes, or the parcel they are in already. */
export class PutJob extends Job implements OutgoingItem<Segment> {
	readonly bytes: number;
	/** What its thread does before it is blocked by it, and now and then while it is. */
	whileBlocked: () => void = () => {};
	readonly #segments: QueueSegments;
	#contents: Uint8Array | undefined;
	readonly #parcel: number;

	constructor(call: string, side: QueueSide, segments: QueueSegments, contents: Uint8Array | number, bytes: number) {
		super(call, side);
		this.bytes = bytes;
		this.#segments = segments;
		this.#contents = typeof contents === 'number' ? undefined : contents;
		this.#parcel = typeof contents === 'number' ? contents : 0;
	}

	get need(): number {
		return this.bytes;
	}

	override lookAfter(record: number): void {
		super.lookAfter(record);
		this.whileBlocked();
	}

	/** It has to wait, and its bytes are the pickler's scratch. */
	keep(): void {
		if (this.#contents !== undefined) this.#contents = new Uint8Array(this.#contents);
	}

	get words(): number {
		return this.#contents === undefined ? PARCEL_WORDS : 1 + ((this.bytes + 3) >> 2);
	}

	write({ words, bytes }: Segment, at: number, item: number): void {
		if (this.#contents !== undefined) {
			words.store(at, this.bytes);
			bytes.set(this.#contents, (at + 1) * 4);
			return;
		}
		this.#segments.post(this.#parcel, item);
		words.store(at, IN_PARCEL);
		words.store(at + 1, this.#parcel);
		words.store(at + 2, this.bytes);
	}

	/** It has been put, or will not be. */
	end(): void {
		if (this.#parcel !== 0) this.#segments.drop(this.#parcel);
	}
}

/** An item that is to be taken: with bytes of its own, for it may be used later, and others be taken meanwhile. */
export class TakeJob extends Job implements ItemReader<Segment> {
	readonly need: number = 1;
	readonly #segments: QueueSegments;
	#bytes = 0;
	#parcel = 0;
	#contents: Uint8Array | undefined;

	constructor(call: string, side: QueueSide, segments: QueueSegments) {
		super(call, side);
		this.#segments = segments;
	}

	get bytes(): number {
		return this.#bytes;
	}

	read({ words, bytes }: Segment, at: number): number {
		if (at >= SEGMENT.words) this.#damaged();
		const header = words.load(at);
		if (header === IN_PARCEL) return this.#receive(words, at);
		this.#bytes = header;
		const length = (header + 3) >> 2;
		if (header < 0 || header > MOST_INLINE || at + 1 + length > SEGMENT.words) this.#damaged();
		this.#contents = bytes.slice((at + 1) * 4, (at + 1) * 4 + header);
		return 1 + length;
	}

	/** Each word is read once: what was checked is what is used. */
	#receive(words: Words, at: number): number {
		if (at + PARCEL_WORDS > SEGMENT.words) this.#damaged();
		const parcel = words.load(at + 1);
		const bytes = words.load(at + 2);
		if (!this.#segments.receive(parcel, bytes)) this.#damaged();
		this.#bytes = bytes;
		this.#parcel = parcel;
		return PARCEL_WORDS;
	}

	#damaged(): never {
		throw new UnpicklingError(`${this.call}: what comes next in this queue is no item: its memory was overwritten.`);
	}

	/** The item's bytes, once it has been taken; good until `end`. */
	get contents(): Uint8Array {
		return this.#contents ?? this.#segments.contents(this.#parcel, this.#bytes);
	}

	/** It has been used. */
	end(): void {
		if (this.#parcel !== 0) this.#segments.drop(this.#parcel);
	}
}

export function closedError({ call }: Job): ClosedError {
	return new ClosedError(`${call}: this queue is closed.`);
}
