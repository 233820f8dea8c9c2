/**
 * Moves jobs (messages to send, requests to receive) through one side of a ring, in order. A job is done in steps; a
 * step that cannot go on says what it needs: the ring's signal, or the side's mutex. The pump waits for that: in the
 * event loop for jobs that were `start`ed, blocking the thread for one that is `run`. Both may be under way at once: a
 * thread that blocks does the earlier jobs itself, since its event loop cannot.
 *
 * Callbacks run in the turn in which what is waited for happens, so there is never a moment in which the pump owns the
 * mutex and does not know it.
 */
import { forkGeneration } from '../base/after-fork.ts';
import { Deadline } from '../base/deadline.ts';
import { acquireSync, beginAcquire, type CancellableAcquisition } from '../sync/acquisition.ts';
import type { Mutex } from '../sync/mutex.ts';
import type { Signal } from '../sync/signal.ts';
import type { ThreadWaits } from '../sync/thread-waits.ts';
import { beginWait, type Cancellable, type Ready, SpinBudget, waitUntilSync } from '../sync/waiting.ts';

const FOR_EVER: Deadline = new Deadline(Number.POSITIVE_INFINITY);

/** What a step that cannot go on needs: the ring's signal, the side's mutex, or a promise to settle. */
export type Need = 'signal' | 'mutex' | Promise<void>;

const nothing = (): void => {};

export class Job {
	/** The method of the connection that wants it done, for errors. */
	readonly call: string;
	/** The connection: closing it ends its own jobs, not others' to the same ring. Undefined: called off, it goes on by itself. */
	owner: object | undefined;
	/** Called when the last step is done. */
	resolve: () => void = nothing;
	reject: (reason: unknown) => void = nothing;

	constructor(call: string, owner: object) {
		this.call = call;
		this.owner = owner;
	}
}

/** One side of a ring, as the pump drives it. */
export interface Side<J extends Job> {
	readonly waits: ThreadWaits;
	readonly mutex: Mutex;
	readonly signal: Signal;
	/** Whether a step that needed the signal may go on, be it to fail. */
	readonly ready: Ready;
	/** In a forked child: nothing has been begun here, and the mutex is the parent's if it was held. */
	forgetParent(): void;
	/** The side's mutex is held from here on. */
	acquired(): void;
	/**
	 * Takes the job as far as it goes; `blocking`: without the event loop, so that it must not need a promise.
	 * Undefined: it is done. Throws: it has failed, and the mutex is free.
	 */
	step(job: J, blocking: boolean): Need | undefined;
}

export class Pump<J extends Job> {
	readonly #side: Side<J>;
	readonly #jobs: J[] = [];
	/** How long to look before blocking the thread, and before sleeping in the event loop. */
	readonly #looks = new SpinBudget();
	readonly #turns = new SpinBudget();
	/** Of the process whose jobs these are. */
	#generation: number = forkGeneration();
	#wait: Cancellable | undefined;
	#acquisition: CancellableAcquisition | undefined;

	constructor(side: Side<J>) {
		this.#side = side;
	}

	get isIdle(): boolean {
		this.#forgetParent();
		return this.#jobs.length === 0;
	}

	/** The job that is being done. */
	get current(): J | undefined {
		this.#forgetParent();
		return this.#jobs[0];
	}

	/** An owner's jobs, the last one first: taken out in this order, none of them is begun meanwhile. */
	jobsOf(owner: object): J[] {
		this.#forgetParent();
		return this.#jobs.filter((job) => job.owner === owner).reverse();
	}

	/** Does a job as the event loop allows. When `signal` is aborted meanwhile, `abort` is told why. */
	start(job: J, signal: AbortSignal | undefined, abort: (reason: unknown) => void): Promise<void> {
		return new Promise<void>((resolve, reject) => {
			const onAbort = (): void => abort(signal?.reason);
			const settled = (): void => signal?.removeEventListener('abort', onAbort);
			job.resolve = () => {
				settled();
				resolve();
			};
			job.reject = (reason) => {
				settled();
				reject(reason);
			};
			signal?.addEventListener('abort', onAbort, { once: true });
			this.#forgetParent();
			this.#jobs.push(job);
			if (this.#jobs.length === 1) this.#drive();
		});
	}

	/** Does a job, and all before it, now; blocks the thread. Throws what it fails with. */
	run(job: J): void {
		this.#forgetParent();
		let failure: { reason: unknown } | undefined;
		job.reject = (reason) => {
			failure = { reason };
		};
		this.#jobs.push(job);
		this.#stopWaiting();
		while (this.#jobs.includes(job)) {
			const need = this.#stepFirst(true);
			if (need !== undefined) this.#blockFor(need);
		}
		this.#drive();
		if (failure !== undefined) throw failure.reason;
	}

	/** Takes a job out that has not begun, or that its side has ended. */
	drop(job: J): void {
		const place = this.#jobs.indexOf(job);
		if (place === -1) return;
		this.#jobs.splice(place, 1);
		if (place > 0) return;
		this.#stopWaiting();
		this.#drive();
	}

	/** Forgets everything there is to do. */
	stop(): void {
		this.#forgetParent();
		this.#stopWaiting();
		this.#jobs.length = 0;
	}

	/** In a forked child: what was being done is done by the parent. */
	#forgetParent(): void {
		if (this.#generation === forkGeneration()) return;
		this.#generation = forkGeneration();
		this.#jobs.length = 0;
		this.#wait = undefined;
		this.#acquisition = undefined;
		this.#side.forgetParent();
	}

	#drive(): void {
		while (this.#jobs.length > 0) {
			const need = this.#stepFirst(false);
			if (need === undefined) continue;
			if (need === 'mutex') this.#awaitMutex();
			else if (need === 'signal') this.#awaitSignal();
			else this.#awaitPromise(need);
			return;
		}
	}

	/** One job further, or what the first one needs. */
	#stepFirst(blocking: boolean): Need | undefined {
		const job = this.#jobs[0]!;
		try {
			const need = this.#side.step(job, blocking);
			if (need !== undefined) return need;
		} catch (error) {
			this.#jobs.shift();
			job.reject(error);
			return undefined;
		}
		this.#jobs.shift();
		job.resolve();
		return undefined;
	}

	#awaitSignal(): void {
		const { signal, waits, ready } = this.#side;
		let settled = false;
		const goOn = (): void => {
			settled = true;
			this.#wait = undefined;
			this.#drive();
		};
		const wait = beginWait({ signal, waits, ready, deadline: FOR_EVER, spin: this.#turns }, goOn, goOn);
		if (!settled) this.#wait = wait;
	}

	#awaitMutex(): void {
		let settled = false;
		const acquisition = beginAcquire(this.#side.mutex, this.#side.waits, () => {
			settled = true;
			this.#acquisition = undefined;
			this.#side.acquired();
			this.#drive();
		});
		if (!settled) this.#acquisition = acquisition;
	}

	#awaitPromise(promise: Promise<void>): void {
		let stopped = false;
		const goOn = (): void => {
			if (stopped) return;
			this.#wait = undefined;
			this.#drive();
		};
		this.#wait = {
			cancel: () => {
				stopped = true;
			},
		};
		promise.then(goOn, goOn);
	}

	#stopWaiting(): void {
		this.#wait?.cancel();
		this.#wait = undefined;
		if (this.#acquisition?.cancel() === true) this.#side.acquired();
		this.#acquisition = undefined;
	}

	#blockFor(need: Need): void {
		if (need instanceof Promise) throw new TypeError('a blocking step asked for a promise');
		const { signal, waits, ready, mutex } = this.#side;
		if (need === 'mutex') {
			acquireSync(mutex, waits, FOR_EVER);
			this.#side.acquired();
			return;
		}
		waitUntilSync({ signal, waits, ready, deadline: FOR_EVER, spin: this.#looks });
	}
}
