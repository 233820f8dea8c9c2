/**
 * A worker: takes tasks from its line, one at a time, and reports what came of each. Nothing a task does may leave the
 * pool without an answer: what it throws is reported, and what cannot be reported as it is, as an error that says so; a
 * promise that nothing can settle any more is an error too; and if the worker dies, its pool sees it die.
 */

import { now } from '../../base/deadline.ts';
import { ProcessError } from '../../base/errors.ts';
import type { Connection } from '../../channel/connection.ts';
import type { RawArray } from '../../memory/raw-array.ts';
import { SharedWords } from '../../memory/words.ts';
import { isMainThread } from '../../os/threads.ts';
import { self } from '../../process/self.ts';
import { encode } from '../../wire/codec.ts';
import { modules } from '../../wire/module-registry.ts';
import { encodeThrown } from '../../wire/remote-error.ts';
import { Claims } from '../claims.ts';
import { Line, type Listener, type Unpickled } from '../line.ts';
import { type Header, LARGE, MODE, type Mode, ORDER, REPORT, Header as Sheet } from '../messages.ts';
import { Breath } from './breath.ts';
import { Calls } from './calls.ts';

export { callAndTell } from './confined.ts';

/** What a worker is told besides. */
export interface WorkerSettings {
	/** Bytes of resident memory after which it wants to be replaced; 0: never. */
	readonly maxMemory: number;
}

/** Of `exitCode` when the initializer has failed. */
const UNFIT = 1;

class PoolWorker implements Listener {
	readonly #line: Line;
	readonly #claims: Claims;
	readonly #settings: WorkerSettings;
	readonly #sheet = new Sheet();
	readonly #breath = new Breath();
	readonly #functions = new Map<number, Unpickled>();
	/** The task that runs; 0: none. */
	#task = 0;
	#left: () => void = () => {};
	/** Settles when the pool has no more tasks. */
	readonly over: Promise<void> = new Promise((resolve) => {
		this.#left = resolve;
	});

	constructor(connection: Connection, claims: RawArray<'i'>, settings: WorkerSettings) {
		this.#line = new Line(connection, this);
		this.#claims = new Claims(new SharedWords(claims.view));
		this.#settings = settings;
		process.on('beforeExit', () => this.#stuck());
		process.on('uncaughtExceptionMonitor', (error) => this.#crashing(error));
	}

	/** The initializer has run: tasks may come. */
	async begin(): Promise<void> {
		await this.#report(REPORT.ready, 0);
		this.#line.listen();
	}

	async unfit(error: unknown): Promise<void> {
		await this.#report(REPORT.unfit, 0, pickledThrown(error));
	}

	// --- the line ---

	wants({ kind, number }: Header): boolean {
		if (kind === ORDER.learn) return true;
		return kind === ORDER.task && this.#claims.claim(number);
	}

	received(header: Header, content: Unpickled | undefined): void {
		const { kind, number, fn, mode } = header;
		if (kind === ORDER.learn) this.#functions.set(number, content!);
		else if (kind === ORDER.forget) this.#functions.delete(number);
		else if (kind === ORDER.leave) this.#left();
		else if (content !== undefined) this.#start(number, fn, mode as Mode, content);
		this.#isOver = kind === ORDER.leave;
	}

	#isOver = false;

	goesOn(): boolean {
		return this.#task === 0 && !this.#isOver;
	}

	cleared(): void {}

	/** The pool has ended without a word, and so will this process: its parent's end is its own. */
	lost(): void {}

	// --- one task ---

	#start(task: number, fn: number, mode: Mode, content: Unpickled): void {
		this.#task = task + 1;
		this.#claims.run(task);
		const start = now();
		const calls = this.#callsOf(fn, mode, content);
		const outcome = calls.make();
		if (outcome === undefined) this.#finish(task, start, calls);
		else void outcome.then(() => this.#finish(task, start, calls));
	}

	#callsOf(fn: number, mode: Mode, content: Unpickled): Calls {
		if ('failure' in content) return Calls.failed(content.failure);
		if (mode === MODE.inline) {
			const { fn: target, args } = content.value as { fn: never; args: unknown[] };
			return Calls.of(target, MODE.call, args);
		}
		const target = this.#functions.get(fn)!;
		return 'failure' in target
			? Calls.failed(target.failure)
			: Calls.of(target.value as never, mode, content.value as unknown[]);
	}

	#finish(task: number, start: number, calls: Calls): void {
		const ms = now() - start;
		const sent = this.#reportOutcome(task, ms, calls);
		if (sent !== undefined) void sent.then(() => this.#next(ms));
		else this.#next(ms);
	}

	/** Listens on: at once, or after a turn of the event loop if there has been none for long. */
	#next(ms: number): void {
		this.#task = 0;
		const breath = this.#breath.after(ms);
		if (breath === undefined) this.#line.listen();
		else void breath.then(() => this.#line.listen());
	}

	#reportOutcome(task: number, ms: number, calls: Calls): Promise<void> | undefined {
		const holds = this.#line.newHolds();
		const { kind, pickled } = calls.pickle((value, root) => encode(value, { root, to: holds }));
		const mode = this.#isLarge() ? LARGE : 0;
		const kindOf = { value: REPORT.value, thrown: REPORT.thrown, mixed: REPORT.mixed } as const;
		return this.#line.send(this.#sheet.report(kindOf[kind], task, pickled, ms, mode), holds);
	}

	#isLarge(): boolean {
		return this.#settings.maxMemory > 0 && process.memoryUsage.rss() > this.#settings.maxMemory;
	}

	#report(kind: number, task: number, pickled?: Uint8Array): Promise<void> | undefined {
		return this.#line.send(this.#sheet.report(kind, task, pickled));
	}

	// --- what else may happen ---

	/** Nothing is left to be done: the promise of the task that runs can never settle. */
	#stuck(): void {
		if (this.#task === 0) return;
		setImmediate(() => {}); // the next task may be no better: one more turn, and one more look
		const error = new ProcessError('the task returned a promise that nothing is left to settle.', {
			code: 'ERR_MP_UNSETTLED',
		});
		this.#finish(this.#task - 1, now(), Calls.failed(error));
	}

	#crashing(error: unknown): void {
		if (process.listenerCount('uncaughtException') > 0) return;
		void this.#report(REPORT.crash, 0, pickledThrown(error));
	}
}

/** What was thrown, as what is sent is pickled. */
function pickledThrown(error: unknown): Uint8Array {
	return encode(encodeThrown(error), { root: 'error', to: null });
}

/** What a worker's process or thread is started with. */
export async function work(
	connection: Connection,
	claims: RawArray<'i'>,
	settings: WorkerSettings,
	initializer?: (...args: unknown[]) => unknown,
	initargs: readonly unknown[] = [],
): Promise<void> {
	// What a terminal sends to all its processes is for the program to decide about.
	if (isMainThread()) process.on('SIGINT', () => {});
	modules.importing = (load) => self.whileLoading(load);
	const worker = new PoolWorker(connection, claims, settings);
	try {
		await initializer?.(...initargs);
	} catch (error) {
		await worker.unfit(error);
		process.exit(UNFIT);
	}
	await worker.begin();
	await worker.over;
	// Servers and timers of tasks that have ended are no reason to go on.
	process.exit();
}
