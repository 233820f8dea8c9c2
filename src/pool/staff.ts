/**
 * Who works for a pool: workers are started, and replaced when they have died or have done enough. A pool whose workers
 * cannot be started, or die before they are ready, is broken; one whose workers die for no task's sake gets new ones
 * more and more slowly.
 */
import { constants } from 'node:os';
import { now } from '../base/deadline.ts';
import { ProcessError } from '../base/errors.ts';
import type { ExitCode, Hiring, Host } from './host.ts';
import { type Overseer, Worker } from './worker.ts';

/** Whom the workers work for. */
export interface Employer extends Overseer {
	/** Whether there will be something to do for another worker. */
	readonly needsWorkers: boolean;
	/** A worker has ended. It decides whether to `replace` it. */
	gone(worker: Worker, exitCode: ExitCode): void;
	/** There will be no workers. */
	broke(error: unknown): void;
}

/** Workers in a row that may die before they are ready; and that may be killed from outside, by whoever does such things. */
const MOST_STILLBORN = 3;
const MOST_KILLED = 20;
const KILLS: readonly ExitCode[] = [-constants.signals.SIGKILL, -constants.signals.SIGTERM];
/** Milliseconds until a worker that died for no task's sake is replaced, doubled each time until one is finished. */
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 1000;

export class Staff {
	readonly workers = new Set<Worker>();
	readonly #hiring: Hiring;
	readonly #size: number;
	readonly #employer: Employer;
	#isHeld = false;
	#starting = 0;
	#hired = 0;
	#stillborn = 0;
	#pauses = 0;
	readonly #pausing = new Set<NodeJS.Timeout>();
	#isWaitedFor = false;

	constructor(hiring: Hiring, size: number, employer: Employer) {
		this.#hiring = hiring;
		this.#size = size;
		this.#employer = employer;
	}

	/** Whether nobody is left, or about to come. */
	get isEmpty(): boolean {
		return this.workers.size === 0 && this.#starting === 0;
	}

	/** Something has been done: workers are worth it. */
	isProductive(): void {
		this.#pauses = 0;
	}

	hireMissing(): void {
		if (!this.#employer.needsWorkers) return;
		const staying = [...this.workers].filter(({ isLeaving, isCondemned }) => !isLeaving && !isCondemned).length;
		for (let i = staying + this.#starting + this.#pausing.size; i < this.#size; i++) void this.#hire();
	}

	async #hire(): Promise<void> {
		const startedAt = now();
		this.#starting += 1;
		this.#hired += 1;
		try {
			const host = await this.#hiring.start(`${this.#hiring.name}-${this.#hired}`);
			this.#starting -= 1;
			this.#welcome(host, startedAt);
		} catch (error) {
			this.#starting -= 1;
			this.#employer.broke(error);
		}
	}

	#welcome(host: Host, startedAt: number): void {
		const worker = new Worker(host, this.#employer, startedAt);
		this.workers.add(worker);
		if (this.#isHeld) host.hold(true);
		void host.exited.then((exitCode) => {
			this.workers.delete(worker);
			this.#employer.gone(worker, exitCode);
		});
		if (this.#employer.needsWorkers) worker.listen();
		else worker.condemn();
	}

	/** Whether this process waits for their ends. */
	hold(on: boolean): void {
		this.#isHeld = on;
		for (const { host } of this.workers) host.hold(on);
	}

	/** Whether this process waits for those who are to come: something is to be done. */
	waitFor(on: boolean): void {
		this.#isWaitedFor = on;
		for (const timer of this.#pausing) {
			if (on) timer.ref();
			else timer.unref();
		}
	}

	/** A worker has ended; `isNoFault`: for the sake of what it did. */
	replace(worker: Worker, exitCode: ExitCode, { isNoFault }: { readonly isNoFault: boolean }): void {
		const isExpected = isNoFault || worker.isCondemned || worker.isLeaving;
		if (worker.isReady) this.#stillborn = 0;
		else if (!isExpected) this.#stillbirth(exitCode);
		if (isExpected) this.hireMissing();
		else this.#replaceLater();
	}

	#stillbirth(exitCode: ExitCode): void {
		this.#stillborn += KILLS.includes(exitCode) ? MOST_STILLBORN / MOST_KILLED : 1;
		if (this.#stillborn < MOST_STILLBORN) return;
		this.#employer.broke(
			new ProcessError(
				`${this.#hiring.name}: workers end before they are ready, again and again, the last one with exit code ${exitCode}. What they print on stderr may tell why.`,
				{ code: 'ERR_MP_START' },
			),
		);
	}

	#replaceLater(): void {
		const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#pauses++);
		const timer = setTimeout(() => {
			this.#pausing.delete(timer);
			this.hireMissing();
		}, pause);
		this.#pausing.add(timer);
		if (!this.#isWaitedFor) timer.unref();
	}
}
