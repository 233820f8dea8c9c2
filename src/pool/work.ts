/** One thing for a worker to do: a single call, or the calls for a chunk of items; and who is told what came of it. */
import { LastingHolds, type PendingHolds } from '../memory/family.ts';
import type { TaskLimits } from '../process/limits.ts';
import { encode } from '../wire/codec.ts';
import { nameOf, type SharedFunction } from './functions.ts';
import { Header, MODE, type Mode, ORDER } from './messages.ts';
import type { Limits } from './options.ts';

type AnyFunction = (...args: never[]) => unknown;

/** Whoever has been sent works. */
export interface Assignee {
	readonly host: { readonly pid: number };
	/** The first of them runs. */
	readonly sent: readonly Work[];
	/** False: it has begun it. */
	takeBack(work: Work): boolean;
	/** Whether it has called the work's function. */
	runs(work: Work): boolean;
	/** What it still does about it concerns nobody. */
	disown(work: Work): void;
	/** Ends it, whatever it does. */
	condemn(): void;
}

/** Of a chunk: which items failed, and what was thrown, pickled. */
export type Failures = readonly (readonly [index: number, thrown: Uint8Array])[];

/** Who waits for a work. Exactly one of these is called, once. */
export interface Client {
	/** It took `ms` milliseconds. */
	succeeded(value: unknown, failures: Failures, ms: number): void;
	failed(error: unknown): void;
}

const header = new Header();

export abstract class Work {
	readonly priority: number;
	readonly timeout: number;
	readonly limits: TaskLimits | undefined;
	retries: number;
	readonly client: Client;
	/** Who has been sent it. */
	worker: Assignee | undefined;
	/** Its number there. */
	task = 0;
	isSettled = false;
	/** What its message's shared objects are held by until it is sent; they must be kept alive until then. */
	readonly holds: PendingHolds = new LastingHolds();

	constructor(client: Client, { priority, timeout, retries, limits }: Limits) {
		this.client = client;
		this.priority = priority;
		this.timeout = timeout;
		this.retries = retries;
		this.limits = limits;
	}

	/** What to call it in messages. */
	abstract readonly label: string;
	/** How many calls it is. */
	abstract readonly calls: number;
	/** What its worker must know; `undefined`: nothing. */
	abstract readonly fn: SharedFunction | undefined;

	/**
	 * What is sent, to be given the number it has there.
	 *
	 * @throws PicklingError
	 */
	abstract order(): Uint8Array;

	succeed(value: unknown, failures: Failures, ms: number): void {
		if (this.isSettled) return;
		this.isSettled = true;
		this.client.succeeded(value, failures, ms);
	}

	fail(error: unknown): void {
		if (this.isSettled) return;
		this.isSettled = true;
		this.client.failed(error);
	}
}

/** `fn(...args)`; pickled when it is asked for, so that it is called with what was passed. */
export class Call extends Work {
	readonly fn: SharedFunction | undefined;
	readonly calls = 1;
	readonly #target: AnyFunction;
	readonly #order: Uint8Array;
	/** Keeps shared objects alive. */
	readonly args: readonly unknown[] | undefined;

	/** `shared` is `undefined` for a function that goes along. */
	constructor(
		client: Client,
		limits: Limits,
		call: { target: AnyFunction; shared: SharedFunction | undefined; args: readonly unknown[] },
	) {
		super(client, limits);
		const { target, shared, args } = call;
		this.#target = target;
		this.fn = shared;
		this.#order = shared === undefined ? this.#inline(target, args) : this.#byNumber(shared, args);
		if (!this.holds.isEmpty) this.args = args;
	}

	get label(): string {
		return nameOf(this.#target);
	}

	order(): Uint8Array {
		return this.#order;
	}

	#byNumber({ number }: SharedFunction, args: readonly unknown[]): Uint8Array {
		return header.order(ORDER.task, 0, encode(args, { root: 'args', to: this.holds }), number, MODE.call);
	}

	#inline(target: AnyFunction, args: readonly unknown[]): Uint8Array {
		const pickled = encode({ fn: target, args }, { root: '', to: this.holds });
		return header.order(ORDER.task, 0, pickled, 0, MODE.inline);
	}
}

/** The calls for some items; pickled when a worker has time for them. */
export class Chunk extends Work {
	readonly fn: SharedFunction;
	readonly items: readonly unknown[];
	/** Of the first item among all. */
	readonly start: number;
	readonly #mode: Mode;

	constructor(
		client: Client,
		limits: Limits,
		chunk: { fn: SharedFunction; items: readonly unknown[]; start: number; mode: Mode },
	) {
		super(client, limits);
		this.fn = chunk.fn;
		this.items = chunk.items;
		this.start = chunk.start;
		this.#mode = chunk.mode;
	}

	get calls(): number {
		return this.items.length;
	}

	get label(): string {
		const last = this.start + this.items.length - 1;
		const which = this.items.length === 1 ? `item ${this.start}` : `items ${this.start} to ${last}`;
		return `${nameOf(this.fn.fn)}, ${which}`;
	}

	order(): Uint8Array {
		const pickled = encode(this.items, { root: 'items', to: this.holds });
		return header.order(ORDER.task, 0, pickled, this.fn.number, this.#mode);
	}
}
