/** Waiting for whichever of several things is ready first: connections with something to receive, ended processes, … */
import type { Socket } from 'node:net';
import { breather } from '../base/breather.ts';
import { Deadline, type WaitOptions } from '../base/deadline.ts';
import { ClosedError, typeError } from '../base/errors.ts';
import { threadWaits } from '../sync/thread-waits.ts';
import { type Waitable, type WaitTarget, waitable } from '../sync/waitable.ts';
import { WAITER_MODE } from '../sync/waiter.ts';
import { beginWait, SpinBudget } from '../sync/waiting.ts';
import { sentinels } from './sentinels.ts';
import { assertConnected, isSocket, socketTarget } from './socket-target.ts';

const FOR_EVER: Deadline = new Deadline(Number.POSITIVE_INFINITY);

/** What `wait` takes: objects of this library that can be waited for, sentinels of processes, and Node's sockets. */
export type WaitObject = Waitable | Socket | number;

type Call = 'wait' | 'waitSync';

interface Candidate<T> {
	readonly object: T;
	readonly target: WaitTarget;
}

function targetOf(object: unknown, index: number, call: Call): WaitTarget {
	if (typeof object === 'number') {
		const target = sentinels.of(object);
		if (target !== undefined) return target;
		throw new ClosedError(`${call}: objects[${index}] is ${object}, which is no sentinel of a process of this one.`);
	}
	const wanted = (object as Partial<Waitable> | null | undefined)?.[waitable];
	if (typeof wanted === 'function') return wanted.call(object);
	if (isSocket(object)) {
		if (call === 'waitSync') assertConnected(object, `${call}: objects[${index}]`);
		return socketTarget(object, `${call}: objects[${index}]`);
	}
	throw typeError(
		`${call}: objects[${index}] cannot be waited for; it must be a connection, a process, a queue, an event, a socket or a sentinel`,
	);
}

function candidatesOf<T>(objects: Iterable<T>, call: Call): Candidate<T>[] {
	if (objects === null || typeof objects !== 'object' || !(Symbol.iterator in objects)) {
		throw typeError(`${call}: objects must be an array or another iterable`);
	}
	return [...objects].map((object, index) => ({ object, target: targetOf(object, index, call) }));
}

function readyOnes<T>(candidates: readonly Candidate<T>[], thorough: boolean): T[] {
	return candidates.filter(({ target }) => target.ready(thorough)).map(({ object }) => object);
}

/**
 * Waits until at least one of `objects` is ready: a connection has something to receive (or has ended), a process has
 * ended, an event is set or has been meanwhile, a socket has something to read (or has ended, or is destroyed). A socket
 * is not read and not set flowing; if somebody else reads it meanwhile, it is ready all the same. One that is still
 * connecting is waited for, and ready when it has failed.
 *
 * @returns those that are ready, in their order; none when the timeout (milliseconds) came first
 * @throws ClosedError if a connection is closed, or a number no sentinel of a process of this one
 * @throws ProcessError `ERR_MP_NOT_CONNECTED` if a socket was never told to connect
 * @throws TypeError if something cannot be waited for: of a TLS socket nobody can tell before it is decrypted
 *
 * @example
 * ```js
 * const ready = await mp.wait([connection, child, socket], 500);
 * if (ready.includes(socket)) console.log(socket.read());
 * ```
 */
export async function wait<T extends WaitObject>(objects: Iterable<T>, timeout?: WaitOptions): Promise<T[]> {
	const deadline = Deadline.from(timeout, 'wait');
	const candidates = candidatesOf(objects, 'wait');
	deadline.signal?.throwIfAborted();
	const ready = readyOnes(candidates, deadline.expired);
	if (ready.length === 0 && !deadline.expired) return choose(candidates, deadline);
	await (candidates.some(({ target }) => target.needsTurn) ? turn() : breather.breathe());
	return ready;
}

function choose<T>(candidates: readonly Candidate<T>[], deadline: Deadline): Promise<T[]> {
	return new Promise<T[]>((resolve, reject) => new PendingChoice(candidates, deadline, resolve, reject).begin());
}

/** From immediate to immediate of the next turn, in which the event loop has looked at all there is. */
function turn(): Promise<void> {
	return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

class PendingChoice<T> {
	readonly #candidates: readonly Candidate<T>[];
	readonly #deadline: Deadline;
	readonly #resolve: (ready: T[]) => void;
	readonly #reject: (reason: unknown) => void;
	readonly #stops: (() => void)[] = [];
	#done = false;

	constructor(
		candidates: readonly Candidate<T>[],
		deadline: Deadline,
		resolve: (ready: T[]) => void,
		reject: (reason: unknown) => void,
	) {
		this.#candidates = candidates;
		this.#deadline = deadline;
		this.#resolve = resolve;
		this.#reject = reject;
	}

	begin(): void {
		this.#stops.push(this.#deadline.onExpiry(() => this.#finish([])));
		this.#deadline.signal?.addEventListener('abort', this.#abort, { once: true });
		try {
			for (const { object, target } of this.#candidates) {
				if (!this.#done) this.#stops.push(this.#watch(target, () => this.#finish([object])));
			}
		} catch (error) {
			this.#fail(error);
		}
		if (this.#done) this.#stop();
	}

	#watch({ watch, signal, ready }: WaitTarget, isReady: () => void): () => void {
		if (watch !== undefined) return watch(isReady);
		const wait = { signal: signal!, ready, waits: threadWaits(), deadline: FOR_EVER, spin: new SpinBudget() };
		const pending = beginWait(wait, isReady, isReady);
		return () => pending.cancel();
	}

	/** Those that are ready now; if somebody else was quicker, at least what has been ready meanwhile. */
	#finish(meanwhile: T[]): void {
		if (this.#done) return;
		this.#done = true;
		this.#stop();
		const ready = readyOnes(this.#candidates, false);
		this.#resolve(ready.length > 0 ? ready : meanwhile);
	}

	readonly #abort = (): void => this.#fail(this.#deadline.signal?.reason);

	#fail(reason: unknown): void {
		if (this.#done) return;
		this.#done = true;
		this.#stop();
		this.#reject(reason);
	}

	#stop(): void {
		this.#deadline.signal?.removeEventListener('abort', this.#abort);
		for (const stop of this.#stops.splice(0)) stop();
	}
}

/**
 * As `wait`, blocking this thread.
 *
 * @throws ProcessError `ERR_MP_NOT_CONNECTED` also if a socket is still connecting, which would need the event loop
 */
export function waitSync<T extends WaitObject>(objects: Iterable<T>, timeout?: WaitOptions): T[] {
	const deadline = Deadline.from(timeout, 'waitSync');
	const candidates = candidatesOf(objects, 'waitSync');
	let ready = readyOnes(candidates, deadline.expired);
	if (ready.length > 0 || deadline.expired) return ready;
	const waits = threadWaits();
	const records = candidates.map(() => waits.takeRecord(WAITER_MODE.async));
	const unsubscribe = (): void => {
		for (const [index, { target }] of candidates.entries()) target.signal?.unsubscribe(records[index]!);
	};
	const others = candidates.flatMap(({ target }) => (target.sentinel === undefined ? [] : [target.sentinel]));
	try {
		for (let thorough = false; ; thorough = true) {
			for (const [index, { target }] of candidates.entries()) target.signal?.subscribe(records[index]!);
			waits.arm();
			ready = readyOnes(candidates, thorough);
			if (ready.length > 0 || deadline.expired) return ready;
			waits.sleepUntilRung(others, deadline.remaining);
			unsubscribe();
		}
	} finally {
		unsubscribe();
		for (const record of records) waits.giveBack(record);
	}
}
