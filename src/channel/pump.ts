/**
 * Moves jobs (messages to send, requests to receive) through one side of a connection, in order. A job is done in steps;
 * a step that cannot go on says what it needs. The pump waits for that: in the event loop for jobs that were `start`ed,
 * blocking the thread for one that is `run`. Both may be under way at once: a thread that blocks does the earlier jobs
 * itself, since its event loop cannot.
 *
 * Callbacks run in the turn in which what is waited for happens, so there is never a moment in which the pump has what a
 * step needs (a mutex, for one) and does not know it.
 */
import { forkGeneration } from '../base/after-fork.ts';
import type { Cancellable } from '../sync/waiting.ts';

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

/** One side of a connection, as the pump drives it. `N`: the names of what its steps may need. */
export interface Side<J extends Job, N extends string> {
	/** In a forked child: nothing has been begun here. */
	forgetParent(): void;
	/**
	 * Takes the job as far as it goes; `blocking`: without the event loop, so that it must not need a promise to settle.
	 * Undefined: it is done. Throws: it has failed, and nothing is held for it.
	 */
	step(job: J, blocking: boolean): N | Promise<void> | undefined;
}

/** How a side waits for what a step needs. */
export interface Needs<N extends string> {
	/** In the event loop; calls back in the very turn in which it is there, perhaps before this returns. */
	begin(need: N, goOn: () => void): Cancellable;
	/** Blocking the thread. */
	block(need: N): void;
}

export class Pump<J extends Job, N extends string> {
	readonly #side: Side<J, N>;
	readonly #needs: Needs<N>;
	readonly #jobs: J[] = [];
	/** Of the process whose jobs these are. */
	#generation: number = forkGeneration();
	#wait: Cancellable | undefined;
	#isDriving = false;

	constructor(side: Side<J, N>, needs: Needs<N>) {
		this.#side = side;
		this.#needs = needs;
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
			this.begin(job);
		});
	}

	/** As `start`, but all that is told of the job's end is its `resolve` or `reject`, in that very turn; either may begin the next. */
	begin(job: J): void {
		this.#forgetParent();
		this.#jobs.push(job);
		if (this.#jobs.length === 1 && !this.#isDriving) this.#drive();
	}

	/** Does a job, and all before it, now; blocks the thread. Throws what it fails with. */
	run(job: J): void {
		this.#doNow(job, this.#block);
	}

	/** As `run`, but waits for nothing: false if the job, or one before it, would have to. Then it is not done. */
	attempt(job: J): boolean {
		return this.#doNow(job, undefined);
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
		this.#isDriving = false;
		this.#side.forgetParent();
	}

	/** Does a job, and all before it. Without a way to wait: false as soon as a step needs something; the job is taken out. */
	#doNow(job: J, wait: ((need: N | Promise<void>) => void) | undefined): boolean {
		this.#forgetParent();
		let failure: { reason: unknown } | undefined;
		job.reject = (reason) => {
			failure = { reason };
		};
		this.#jobs.push(job);
		this.#stopWaiting();
		while (this.#jobs.includes(job)) {
			const need = this.#stepFirst(true);
			if (need === undefined) continue;
			if (wait === undefined) {
				this.#jobs.splice(this.#jobs.indexOf(job), 1);
				this.#drive();
				return false;
			}
			wait(need);
		}
		this.#drive();
		if (failure !== undefined) throw failure.reason;
		return true;
	}

	#drive(): void {
		this.#isDriving = true;
		let need: N | Promise<void> | undefined;
		try {
			while (this.#jobs.length > 0 && need === undefined) need = this.#stepFirst(false);
		} finally {
			this.#isDriving = false;
		}
		if (need instanceof Promise) this.#awaitPromise(need);
		else if (need !== undefined) this.#await(need);
	}

	/** One job further, or what the first one needs. */
	#stepFirst(blocking: boolean): N | Promise<void> | undefined {
		const job = this.#jobs[0]!;
		try {
			const need = this.#side.step(job, blocking);
			if (need !== undefined) return need;
		} catch (error) {
			// A failure that ends the whole connection has taken it out already.
			if (this.#jobs[0] === job) this.#jobs.shift();
			job.reject(error);
			return undefined;
		}
		this.#jobs.shift();
		job.resolve();
		return undefined;
	}

	#await(need: N): void {
		let settled = false;
		const goOn = (): void => {
			settled = true;
			this.#wait = undefined;
			this.#drive();
		};
		const wait = this.#needs.begin(need, goOn);
		if (!settled) this.#wait = wait;
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
		const wait = this.#wait;
		this.#wait = undefined;
		wait?.cancel();
	}

	readonly #block = (need: N | Promise<void>): void => {
		if (need instanceof Promise) throw new TypeError('a blocking step asked for a promise');
		this.#needs.block(need);
	};
}
