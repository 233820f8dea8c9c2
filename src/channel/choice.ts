/** What `wait` does: it looks who is ready, and then waits for all of them at once until one is. */
import { breather } from '../base/breather.ts';
import { Deadline, type WaitOptions } from '../base/deadline.ts';
import { ClosedError, ProcessError, typeError } from '../base/errors.ts';
import { threadWaits } from '../sync/thread-waits.ts';
import { type Elsewhere, type Waitable, type WaitTarget, waitable, waitedForElsewhere } from '../sync/waitable.ts';
import { WAITER_MODE } from '../sync/waiter.ts';
import { beginWait, SpinBudget } from '../sync/waiting.ts';
import { sentinels } from './sentinels.ts';
import { assertConnected, isSocket, socketTarget } from './socket-target.ts';

const FOR_EVER: Deadline = new Deadline(Number.POSITIVE_INFINITY);

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

function candidatesOf<T>(objects: readonly T[], call: Call): Candidate<T>[] {
	return objects.map((object, index) => ({ object, target: targetOf(object, index, call) }));
}

function readyOnes<T>(candidates: readonly Candidate<T>[], thorough: boolean): T[] {
	return candidates.filter(({ target }) => isReady(target, thorough)).map(({ object }) => object);
}

/** One that is damaged is ready: who uses it gets the error at once, and the others are none the worse for it. */
function isReady(target: WaitTarget, thorough: boolean): boolean {
	try {
		return target.ready(thorough);
	} catch (error) {
		if (error instanceof ProcessError) return true;
		throw error;
	}
}

/** Where all of them are, if that is not here. */
function elsewhere(objects: readonly unknown[], call: Call): Elsewhere | undefined {
	const places = objects.map(
		(object) => (object as Record<symbol, Elsewhere> | null | undefined)?.[waitedForElsewhere],
	);
	const place = places.find((each) => each !== undefined);
	const other = places.indexOf(undefined);
	if (place === undefined || other === -1) return place;
	throw typeError(
		`${call}: objects[${other}] cannot be waited for together with what this process, which has permissions, was given`,
	);
}

function listed<T>(objects: Iterable<T>, call: Call): T[] {
	if (objects === null || typeof objects !== 'object' || !(Symbol.iterator in objects)) {
		throw typeError(`${call}: objects must be an array or another iterable`);
	}
	return [...objects];
}

/** `wait`, as the face of that name describes it. */
export async function chooseReady<T>(objects: Iterable<T>, timeout?: WaitOptions): Promise<T[]> {
	const deadline = Deadline.from(timeout, 'wait');
	const all = listed(objects, 'wait');
	const place = elsewhere(all, 'wait');
	if (place !== undefined) return (await place.wait(all as object[], timeout)).map((index) => all[index]!);
	const candidates = candidatesOf(all, 'wait');
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

/** `waitSync`. */
export function chooseReadySync<T>(objects: Iterable<T>, timeout?: WaitOptions): T[] {
	const deadline = Deadline.from(timeout, 'waitSync');
	const all = listed(objects, 'waitSync');
	const there = elsewhere(all, 'waitSync')?.waitSync(all as object[], timeout);
	if (there !== undefined) return there.map((index) => all[index]!);
	const candidates = candidatesOf(all, 'waitSync');
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
