/**
 * The task of one call in a process with permissions. It is no worker: it shares no memory with its pool, and what it says
 * is not trusted. It gets a pipe, through its broker, and says in it what came of the call.
 */
import { LONGEST_TIMER } from '../base/deadline.ts';
import { EOFError, ProcessError, TimeoutError, UnpicklingError } from '../base/errors.ts';
import type { Connection } from '../channel/connection.ts';
import { Pipe } from '../channel/pipe.ts';
import type { Process } from '../process/process.ts';
import { trustOnly } from '../wire/allow-list.ts';
import { decodeThrownAsync } from '../wire/remote-error.ts';
import type { Trust } from '../wire/trust.ts';
import { workerDied } from './death.ts';
import { nameOf } from './functions.ts';
import { whileBusy } from './interrupt.ts';
import type { Limits } from './options.ts';
import { inUsersWords } from './orders.ts';
import { type Manner, workerClass } from './process-host.ts';
import { cancelled, obey } from './single.ts';
import { expectRejection, Task, type TaskControl } from './task.ts';
import type { Tale } from './worker/confined.ts';
import { callAndTell } from './worker/reference.ts';

type AnyFunction = (...args: never[]) => unknown;

/** How long it may take to end when there is nothing left for it to say, in milliseconds. */
const GRACE = 1000;
/** How long it may take to load the function; no less than a busy machine needs. Only calls with a `timeout` ask. */
const LONGEST_LOADING = 30_000;

/** What is to be called, how, and in what process. */
export interface ConfinedOrders {
	readonly name: string;
	readonly fn: AnyFunction;
	readonly args: readonly unknown[];
	readonly limits: Limits;
	readonly manner: Manner;
}

/** One process that tries. */
class Attempt {
	readonly process: Process<never>;
	readonly #orders: ConfinedOrders;
	#timer: NodeJS.Timeout | undefined;
	#timedOut = false;
	#hasBegun = false;
	#crash: Promise<unknown> | undefined;

	private constructor(orders: ConfinedOrders, theirs: Connection) {
		const { name, fn, args, manner } = orders;
		this.#orders = orders;
		this.process = new (workerClass(manner.method))<never>({
			...manner.options,
			target: callAndTell,
			args: [theirs, fn, args],
			name,
			daemon: true,
		} as never);
	}

	/** `started`: told of the process as soon as there is one. */
	static async make(orders: ConfinedOrders, started: (attempt: Attempt) => void): Promise<unknown> {
		const [ours, theirs] = Pipe({ duplex: false });
		try {
			const attempt = new Attempt(orders, theirs);
			await attempt.process.start();
			theirs.close();
			started(attempt);
			return await attempt.#listen(ours);
		} catch (error) {
			throw inUsersWords(error);
		} finally {
			ours.close();
			theirs.close();
		}
	}

	kill(): void {
		this.process.kill({ tree: true });
	}

	/** Whatever it says, it is over then: should it not end by itself, it is killed. */
	async #listen(line: Connection): Promise<unknown> {
		const { timeout } = this.#orders.limits;
		this.#killIn(timeout + LONGEST_LOADING);
		try {
			for (;;) {
				const [kind, content] = taleOf(await line.recv().catch((error) => this.#silent(error)));
				if (kind === 'value') return content;
				if (kind === 'thrown') throw await decodeThrownAsync(content, this.#trust());
				if (kind === 'crash') this.#crash ??= decodeThrownAsync(content, this.#trust());
				if (kind === 'begun' && !this.#hasBegun) {
					this.#hasBegun = true;
					this.#killIn(timeout);
				}
			}
		} finally {
			clearTimeout(this.#timer);
			void this.#endSoon();
		}
	}

	/** Its broker has seen to what it sent, but not into errors, which are pickled by themselves. */
	#trust(): Trust {
		return trustOnly(this.#orders.manner.options.allow ?? [], 'run');
	}

	#killIn(timeout: number): void {
		clearTimeout(this.#timer);
		if (timeout > LONGEST_TIMER) return;
		this.#timer = setTimeout(() => {
			this.#timedOut = true;
			this.kill();
		}, timeout);
	}

	async #endSoon(): Promise<void> {
		if ((await this.process.join(GRACE)) === null) this.kill();
	}

	/** Nothing more will come: it has ended, or closed its pipe, or its broker has ended. Or it has sent what is not allowed. */
	async #silent(error: unknown): Promise<never> {
		if (!(error instanceof EOFError)) throw error;
		await this.#endSoon();
		const exitCode = (await this.process.join())!;
		const task = nameOf(this.#orders.fn);
		const pid = this.process.pid!;
		if (this.#timedOut) {
			const { timeout } = this.#orders.limits;
			throw new TimeoutError(`run: ${task} did not return within ${timeout} ms; its process (${pid}) was killed.`);
		}
		throw workerDied('run', {
			pid,
			exitCode,
			kind: 'process',
			task,
			cause: await this.#crash,
			reason: this.process.exitReason,
		});
	}
}

export class ConfinedCall implements TaskControl {
	resolve!: (value: never) => void;
	reject!: (error: unknown) => void;
	fulfilled: boolean | undefined;
	readonly task: Task<unknown>;
	readonly label: string;
	readonly #orders: ConfinedOrders;
	readonly #busy: (isBusy: boolean) => void;
	#disobey: () => void = () => {};
	#attempt: Attempt | undefined;

	constructor(orders: ConfinedOrders) {
		this.#orders = orders;
		this.label = nameOf(orders.fn);
		this.task = new Task(this);
		this.#busy = whileBusy({ pending: { waiting: 0, running: 1 }, killAll: () => this.#attempt?.kill() }, 'run');
		this.#busy(true);
		const disobey = obey(orders.limits.signal, this);
		if (this.fulfilled !== undefined) return;
		this.#disobey = disobey;
		void this.#run();
	}

	get worker(): { readonly pid: number } | undefined {
		const pid = this.fulfilled === undefined ? this.#attempt?.process.pid : undefined;
		return pid == null ? undefined : { pid };
	}

	cancel(reason: unknown = cancelled(this.label)): boolean {
		if (this.fulfilled !== undefined) return false;
		expectRejection(this.task);
		this.#attempt?.kill();
		this.#settle(false, reason);
		return true;
	}

	async #run(): Promise<void> {
		for (let left = this.#orders.limits.retries; this.fulfilled === undefined; left--) {
			try {
				this.#settle(true, await Attempt.make(this.#orders, (attempt) => this.#began(attempt)));
			} catch (error) {
				if (left <= 0 || isForGood(error)) this.#settle(false, error);
			}
		}
	}

	#began(attempt: Attempt): void {
		this.#attempt = attempt;
		if (this.fulfilled !== undefined) attempt.kill(); // called off meanwhile
	}

	#settle(fulfilled: boolean, outcome: unknown): void {
		if (this.fulfilled !== undefined) return;
		this.fulfilled = fulfilled;
		this.#disobey();
		this.#busy(false);
		if (fulfilled) this.resolve(outcome as never);
		else this.reject(outcome);
	}
}

/** What it says may be anything. */
function taleOf(message: unknown): Tale {
	if (Array.isArray(message)) {
		const [kind, content] = message;
		if (kind === 'begun' || kind === 'value') return [kind, content];
		if ((kind === 'thrown' || kind === 'crash') && content instanceof Uint8Array) return [kind, content];
	}
	throw new UnpicklingError('Cannot unpickle what came of the call: its process has written to the pipe itself');
}

/** What trying again cannot change: it never began. */
function isForGood(error: unknown): boolean {
	return error instanceof ProcessError && ['ERR_MP_PICKLING', 'ERR_MP_NOT_ENFORCEABLE'].includes(error.code);
}
