/**
 * The workers of a pool and the work there is for them: who does what, and what happens when a worker dies. Its rules:
 *
 * - Every work is settled exactly once, whatever happens to its worker.
 * - What a worker is known to have begun dies with it, or is begun again if it has retries left. What only waited there
 *   goes back to the front of the line.
 * - Works are sent ahead, half a millisecond of them or one that is not long, so that a worker need not wait for its pool
 *   between two. A worker with nothing to do takes from those who have.
 * - A worker that has died is replaced; when workers die before they are ready, or an initializer fails, the pool is
 *   broken and says so to everybody.
 */
import { ClosedError, TimeoutError } from '../base/errors.ts';
import { workerDied } from './death.ts';
import { Functions, type SharedFunction } from './functions.ts';
import type { ExitCode, Hiring } from './host.ts';
import { REPORT } from './messages.ts';
import { Meter } from './meter.ts';
import { Rota } from './rota.ts';
import { Slowest } from './slowest.ts';
import { type Employer, Staff } from './staff.ts';
import type { PoolStats } from './stats.ts';
import { Timekeeper } from './timekeeper.ts';
import type { Assignee, Work } from './work.ts';
import { type Overseer, type Report, thrownIn, type Worker } from './worker.ts';

export interface CrewOptions {
	readonly name: string;
	readonly size: number;
	/** After so many tasks a worker is replaced. */
	readonly maxTasksPerChild: number;
	/** Whether workers are started when there is something to do, and not before. */
	readonly isLazy: boolean;
}

type State = 'open' | 'closed' | 'terminated';

/** How long workers may take over being asked to end, in milliseconds. */
const TERMINATION_GRACE = 1000;

const NO_FAILURES: readonly never[] = [];

export class Crew implements Overseer, Employer {
	readonly #hiring: Hiring;
	readonly #options: CrewOptions;
	readonly functions: Functions = new Functions();
	readonly #staff: Staff;
	readonly #workers: ReadonlySet<Worker>;
	readonly #rota: Rota;
	readonly #timekeeper: Timekeeper = new Timekeeper((work) => this.#timeOut(work));
	readonly #meter: Meter = new Meter((work) => work.worker?.condemn());
	readonly #slowest = new Slowest();
	#state: State = 'open';
	/** Why no work is taken on any more. */
	#broken: { readonly error: unknown } | undefined;
	/** Works that are not settled, and feeds that may bring more. */
	#outstanding = 0;
	#done = 0;
	#failed = 0;
	#becomeReady: () => void = () => {};
	#becomeBroken: (error: unknown) => void = () => {};
	readonly ready: Promise<void>;
	#becomeOver: () => void = () => {};
	/** Settles when it has been closed and everything is done, and all workers have ended. */
	readonly over: Promise<void> = new Promise((resolve) => {
		this.#becomeOver = resolve;
	});

	constructor(hiring: Hiring, options: CrewOptions) {
		this.#hiring = hiring;
		this.#options = options;
		this.ready = new Promise((resolve, reject) => {
			this.#becomeReady = resolve;
			this.#becomeBroken = reject;
		});
		this.ready.catch(() => {}); // whoever has work for it is told as well
		this.#staff = new Staff(hiring, options.size, this);
		this.#workers = this.#staff.workers;
		this.#rota = new Rota(this.#workers, (worker, work) => this.#send(worker, work));
		if (!options.isLazy) this.#staff.hireMissing();
	}

	/** Whether there will be something to do for another worker. */
	get needsWorkers(): boolean {
		if (this.#state === 'terminated' || this.#broken !== undefined) return false;
		return this.#state === 'open' || this.#outstanding > 0;
	}

	get state(): State {
		return this.#state;
	}

	/** Whether nothing will be done any more, for one reason. */
	get isBroken(): boolean {
		return this.#broken !== undefined;
	}

	get isOver(): boolean {
		return this.#state !== 'open' && this.#staff.isEmpty;
	}

	get pids(): number[] {
		return [...this.#workers].map(({ host }) => host.pid);
	}

	get size(): number {
		return this.#options.size;
	}

	/** How many calls wait for a worker, and how many workers have something to do. */
	get pending(): { readonly waiting: number; readonly running: number } {
		const running = [...this.#workers].filter(({ sent }) => sent.length > 0).length;
		const ahead = [...this.#workers].flatMap(({ sent }) => sent.slice(1)).filter(({ isSettled }) => !isSettled);
		const waiting = [...this.#rota.waiting(), ...ahead].reduce((sum, { calls }) => sum + calls, 0);
		return { waiting, running };
	}

	stats(): PoolStats {
		const { waiting: queued, running } = this.pending;
		const workers = [...this.#workers].map((worker) => worker.stats());
		return { workers, queued, running, done: this.#done, failed: this.#failed, slowest: this.#slowest.list() };
	}

	/** Why it takes on no more work, if it does not. */
	refusal(call: string): Error | undefined {
		if (this.#state === 'open') return undefined;
		return new ClosedError(`${call}: ${this.#options.name} has been ${this.#state}; make another pool.`);
	}

	// --- work ---

	/** Told when there is something to be done, and when there is no more. */
	onBusy: (isBusy: boolean) => void = () => {};

	/** Something may come of this until `settled` is called: the workers are kept. */
	expect(): void {
		if (this.#outstanding++ === 0) this.#becomes(true);
	}

	settled(): void {
		if (--this.#outstanding === 0) this.#becomes(false);
		this.#endIfDone();
	}

	#becomes(isBusy: boolean): void {
		this.#staff.waitFor(isBusy);
		this.onBusy(isBusy);
	}

	/** Takes on a work; its client hears of it. */
	submit(work: Work): void {
		this.expect();
		if (this.#broken !== undefined) {
			const { error } = this.#broken;
			queueMicrotask(() => this.#fail(work, error));
			return;
		}
		if (this.#options.isLazy) this.#staff.hireMissing();
		this.#rota.add(work);
	}

	/** Calls it off. False: it is settled. */
	cancel(work: Work, reason: unknown): boolean {
		if (work.isSettled) return false;
		if (work.worker === undefined) this.#rota.remove(work);
		else this.#stop(work.worker, work);
		this.#fail(work, reason);
		return true;
	}

	/** Takes it back if no worker has begun it; nobody is told. */
	withdraw(work: Work): void {
		if (work.isSettled) return;
		const isHere = work.worker === undefined ? this.#rota.remove(work) : work.worker.takeBack(work);
		if (!isHere) return;
		work.isSettled = true;
		this.settled();
	}

	/** A worker is to do something no more. False: it has done it. */
	#stop(worker: Assignee, work: Work): boolean {
		if (worker.takeBack(work)) return true;
		for (const other of worker.sent.slice(worker.sent.indexOf(work) + 1).reverse()) {
			if (!worker.takeBack(other)) return false; // it runs that one already
			this.#rota.putBack(other);
		}
		worker.condemn();
		return true;
	}

	#timeOut(work: Work): void {
		const { worker } = work;
		if (work.isSettled || worker === undefined) return;
		if (!this.#stop(worker, work)) return; // what came of it is on its way
		worker.disown(work);
		const error = new TimeoutError(
			`${this.#options.name}: ${work.label} did not return within ${work.timeout} ms; its worker (${worker.host.pid}) was killed.`,
		);
		if (!this.#tryAgain(work)) this.#fail(work, error);
		this.#rota.fillIdle();
	}

	/** Begins a work again that has failed, if it may. */
	#tryAgain(work: Work): boolean {
		if (work.isSettled || work.retries === 0 || this.#state === 'terminated' || this.#broken !== undefined)
			return false;
		work.retries -= 1;
		work.worker = undefined;
		this.#rota.putBack(work);
		return true;
	}

	#fail(work: Work, error: unknown): void {
		if (work.isSettled) return;
		this.#failed += work.calls;
		work.fail(error);
		this.settled();
	}

	#succeed(work: Work, report: Report): void {
		if (work.isSettled) return;
		if ('failure' in report.content) {
			this.#fail(work, report.content.failure);
			return;
		}
		const { value } = report.content;
		const [values, failures] =
			report.kind === REPORT.mixed ? (value as [unknown[], [number, Uint8Array][]]) : [value, NO_FAILURES];
		this.#done += work.calls - failures.length;
		this.#failed += failures.length;
		work.succeed(values, failures, report.ms);
		this.settled();
	}

	/** Workers need not know a function any longer. */
	forget(fn: SharedFunction): void {
		if (fn.isReference) return;
		for (const worker of this.#workers) worker.forget(fn);
	}

	#send(worker: Worker, work: Work): void {
		if (work.isSettled) return;
		try {
			if (!worker.send(work)) {
				this.#exchange(worker, work);
				return;
			}
		} catch (error) {
			this.#fail(work, error); // it cannot be pickled
			return;
		}
		if (worker.assigned >= this.#options.maxTasksPerChild) worker.isLeaving = true;
		if (worker.sent[0] === work) this.#begin(work);
	}

	/** Its worker does it next. */
	#begin(work: Work): void {
		this.#timekeeper.begin(work);
		this.#meter.begin(work);
	}

	#end(work: Work): void {
		this.#timekeeper.end(work);
		this.#meter.end(work);
	}

	/** A worker cannot do what its successor will be able to do. */
	#exchange(worker: Worker, work: Work): void {
		this.#rota.putBack(work);
		worker.leave();
		this.#staff.hireMissing();
	}

	// --- what workers tell ---

	started(worker: Worker): void {
		if ([...this.#workers].filter(({ isReady }) => isReady).length >= this.size) this.#becomeReady();
		if (this.#endIfDone()) return;
		this.#rota.fill(worker);
	}

	unfit(worker: Worker, error: unknown): void {
		worker.isCondemned = true;
		this.broke(error);
	}

	cleared(worker: Worker): void {
		this.#rota.fill(worker);
	}

	finished(worker: Worker, work: Work, report: Report): void {
		this.#staff.isProductive();
		this.#end(work);
		this.#rota.learn(report.ms);
		this.#slowest.add(work, report.ms);
		if (report.kind === REPORT.thrown) void this.#threw(work, report);
		else this.#succeed(work, report);
		const [next] = worker.sent;
		if (next !== undefined) this.#begin(next);
		if (worker.isLeaving) this.#staff.hireMissing();
		else this.#rota.fill(worker);
	}

	async #threw(work: Work, { content }: Report): Promise<void> {
		if (this.#tryAgain(work)) {
			this.#rota.fillIdle();
			return;
		}
		this.#fail(work, await thrownIn(content));
	}

	// --- coming and going ---

	gone(worker: Worker, exitCode: ExitCode): void {
		const { begun, waiting } = worker.bury();
		this.#rota.delete(worker);
		for (const work of waiting.reverse()) this.#putBack(work);
		if (begun !== undefined) void this.#died(worker, begun, exitCode);
		this.#staff.replace(worker, exitCode, { isNoFault: begun !== undefined });
		this.#rota.fillIdle();
		this.#endIfDone();
	}

	#putBack(work: Work): void {
		this.#end(work);
		work.worker = undefined;
		if (!work.isSettled) this.#rota.putBack(work);
	}

	async #died(worker: Worker, work: Work, exitCode: ExitCode): Promise<void> {
		const reason = this.#meter.verdict(work) ?? worker.host.exitReason;
		this.#end(work);
		work.worker = undefined;
		if (work.isSettled || this.#tryAgain(work)) return;
		const { pid } = worker.host;
		const { kind } = this.#hiring;
		const cause = await worker.crash;
		this.#fail(work, workerDied(this.#options.name, { pid, exitCode, kind, task: work.label, cause, reason }));
	}

	/** Nothing will be done any more. */
	broke(error: unknown): void {
		this.#broken ??= { error };
		this.#becomeBroken(error);
		for (const work of this.#rota.clear()) this.#fail(work, error);
		for (const worker of this.#workers) {
			for (const work of worker.sent.slice()) this.#fail(work, error);
			worker.condemn();
		}
		this.#endIfDone();
	}

	/** No more work will be taken on. */
	close(): void {
		if (this.#state === 'open') this.#state = 'closed';
		this.#endIfDone();
	}

	#endIfDone(): boolean {
		if (this.#state === 'open' || (this.#state === 'closed' && this.#outstanding > 0)) return false;
		for (const worker of this.#workers) worker.leave();
		if (this.#staff.isEmpty) this.#becomeOver();
		return true;
	}

	/** Everything is called off, and the workers end. */
	async terminate(reason: unknown): Promise<void> {
		this.#state = 'terminated';
		this.#broken ??= { error: reason };
		this.#becomeBroken(reason);
		const settled = [...this.#rota.clear(), ...[...this.#workers].flatMap(({ sent }) => sent.slice())];
		this.#staff.hold(true);
		for (const worker of this.#workers) {
			worker.isCondemned = true;
			worker.host.terminate();
		}
		for (const work of settled) this.#fail(work, reason);
		const late = setTimeout(() => {
			for (const worker of this.#workers) worker.host.kill();
		}, TERMINATION_GRACE);
		if (this.isOver) this.#becomeOver();
		await this.over;
		clearTimeout(late);
	}

	/** Without waiting. */
	killAll(): void {
		for (const worker of this.#workers) worker.condemn();
	}

	/** While somebody waits for them to end. */
	hold(on: boolean): void {
		this.#staff.hold(on);
	}
}
