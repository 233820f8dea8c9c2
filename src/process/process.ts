/**
 * `Process`: the noun. An object of it stands for a child process in the parent that made it; in the child,
 * `currentProcess()` stands for the child itself.
 *
 * An object has no fields of its own, so that the fields of a subclass are all there is to send; what is known about it
 * is in a record kept beside it. In a child an object of a subclass is made without its constructor (`adopt`).
 */
import type { Readable, Writable } from 'node:stream';
import type { WaitOptions } from '../base/deadline.ts';
import { ProcessError, typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import { type Waitable, type WaitTarget, waitable } from '../sync/waitable.ts';
import { handoff } from '../wire/handoff.ts';
import { Unpicklable } from '../wire/unpicklable.ts';
import type { AuthenticationString } from './authentication-string.ts';
import { describeProcess, showAsText } from './describe.ts';
import type { ExitReason } from './limits.ts';
import { checkOptions, type ProcessOptions } from './options.ts';
import type { Job } from './payload.ts';
import { ProcessRecord } from './record.ts';
import type { StartMethod } from './self.ts';
import type { Standing } from './standing.ts';

/** Which processes a signal is for. */
export interface SignalOptions {
	/** The process and all its descendants. */
	readonly tree?: boolean;
}

const records = new WeakMap<object, Standing>();

function recordOf(process: object): Standing {
	const record = records.get(process);
	if (record !== undefined) return record;
	throw new ProcessError(
		'this Process object was not made by its constructor: a subclass must call super(), and a Process cannot be sent to another process',
		{ code: 'ERR_MP_PROCESS_STATE' },
	);
}

/** The start method that a context has bound its `Process` to. */
export const boundMethod: unique symbol = Symbol('polyproc.start-method');

/** Whether processes of a class, daemons to their parent, may have children all the same: those of a pool. */
export const mayHaveChildren: unique symbol = Symbol('polyproc.may-have-children');

/** The key of what tells of a process's end without keeping this one alive. */
export const ended: unique symbol = Symbol('polyproc.ended');

/** Whether a class is `Process` itself, or a context's. */
function isPlainClass(constructor: unknown): boolean {
	return constructor === Process || Object.hasOwn(constructor as object, boundMethod);
}

/** The fields a subclass (or a user) gave the object. */
function extraOf(process: Process): Job['object'] | undefined {
	const fields = Object.fromEntries(Object.entries(process));
	const isPlain = isPlainClass(process.constructor) && Object.keys(fields).length === 0;
	return isPlain ? undefined : { class: process.constructor as new () => object, fields };
}

/**
 * A process of its own that runs a function, or `run()` of a subclass.
 *
 * @example
 * const p = new Process({ target: greet, args: ['Ada'] });
 * await p.start();
 * await p.join(); // 0
 */
export class Process<Args extends readonly unknown[] = readonly []> implements Waitable {
	/** Set by contexts. */
	static readonly [boundMethod]?: StartMethod | undefined;
	/** @internal */
	static readonly [mayHaveChildren]?: boolean;

	constructor(options: ProcessOptions<Args> = {} as ProcessOptions<Args>) {
		const { name, [boundMethod]: method, [mayHaveChildren]: isParent = false } = new.target;
		records.set(this, new ProcessRecord(checkOptions(options), { className: name || 'Process', method, isParent }));
	}

	/** What the child does. Override it in a subclass, or pass a target. May return a promise. */
	run(): unknown {
		return recordOf(this).callTarget();
	}

	/**
	 * Starts the child. Resolves once it exists and needs nothing more from this event loop. Only once.
	 *
	 * @throws PicklingError naming what cannot travel; nothing was started then.
	 */
	async start(): Promise<void> {
		await recordOf(this).start(this, extraOf(this));
	}

	/** Waits for the end. Resolves with the exit code; with `null` when it is still running after `timeout` ms. */
	async join(timeout?: WaitOptions): Promise<number | null> {
		return await recordOf(this).join(timeout);
	}

	/** The same, blocking this thread. */
	joinSync(timeout?: number): number | null {
		return recordOf(this).joinSync(timeout);
	}

	isAlive(): boolean {
		const record = recordOf(this);
		record.assertOpen('look at');
		return record.isRunning();
	}

	/** SIGINT. Like the two below, does nothing when the process has ended. */
	interrupt(options?: SignalOptions): void {
		signal(this, 'interrupt', 'SIGINT', options);
	}

	/** SIGTERM. */
	terminate(options?: SignalOptions): void {
		signal(this, 'terminate', 'SIGTERM', options);
	}

	/** SIGKILL. */
	kill(options?: SignalOptions): void {
		signal(this, 'kill', 'SIGKILL', options);
	}

	/** Releases what the object holds. Afterwards only `name` can be read. Not while the process is running. */
	close(): void {
		recordOf(this).close();
	}

	/** Terminates the process if it is alive, waits for its end, and closes. */
	async [Symbol.asyncDispose](): Promise<void> {
		const record = recordOf(this);
		if (record.closed) return;
		if (record.isStarted) {
			this.terminate();
			await this.join();
		}
		this.close();
	}

	get name(): string {
		return recordOf(this).name;
	}

	set name(name: string) {
		if (typeof name !== 'string') throw typeError(`name must be a string, not ${typeof name}`);
		recordOf(this).name = name;
	}

	/** Whether it is terminated with this process, instead of waited for. To be set before `start()`. */
	get daemon(): boolean {
		return open(this, 'daemon').daemon;
	}

	set daemon(daemon: boolean) {
		if (typeof daemon !== 'boolean') throw typeError(`daemon must be a boolean, not ${typeof daemon}`);
		const record = recordOf(this);
		record.assertNotStarted('set daemon of');
		record.daemon = daemon;
	}

	/** `null` before `start()`. */
	get pid(): number | null {
		return open(this, 'pid').pid;
	}

	/** `null` before the end; −N when killed by signal N. */
	get exitCode(): number | null {
		return open(this, 'exitCode').exitCode();
	}

	/** The limit (`limits`) that ended it; `null` before the end, and if it was none of them. */
	get exitReason(): ExitReason | null {
		return open(this, 'exitReason').exitReason;
	}

	/**
	 * The key that connections of this process are authenticated with; inherited by children. It cannot be pickled, and is
	 * not shown where it is printed.
	 */
	get authkey(): AuthenticationString {
		return open(this, 'authkey').authkey;
	}

	set authkey(key: Uint8Array) {
		if (!(key instanceof Uint8Array)) throw typeError(`authkey must be a Buffer or Uint8Array, not ${typeof key}`);
		open(this, 'authkey').authkey = key;
	}

	/** An integer that `wait()` takes; ready when the process has ended. */
	get sentinel(): number {
		return recordOf(this).sentinel();
	}

	/** @internal Resolves with the exit code. */
	get [ended](): Promise<number> {
		return recordOf(this).startedChild('wait for').exited;
	}

	/** How `wait()` waits for it. */
	[waitable](): WaitTarget {
		return recordOf(this)[waitable]();
	}

	/** Never crosses: a child is known only to the process that made it. */
	[handoff](): never {
		throw new Unpicklable(
			'it is a Process object, which only the process that made it can use; send its pid or its name, or a connection',
		);
	}

	/** Writes to the child; only with `stdio: ['pipe', …]`. */
	get stdin(): Writable | null {
		return (open(this, 'stdin').child?.stdio[0] ?? null) as Writable | null;
	}

	/** What the child writes; only with `stdio: [, 'pipe']`. */
	get stdout(): Readable | null {
		return (open(this, 'stdout').child?.stdio[1] ?? null) as Readable | null;
	}

	get stderr(): Readable | null {
		return (open(this, 'stderr').child?.stdio[2] ?? null) as Readable | null;
	}

	toString(): string {
		const record = recordOf(this);
		return describeProcess({ className: this.constructor.name, ...record.describe() });
	}
}

showAsText(Process.prototype);

function open(process: Process, member: string): Standing {
	const record = recordOf(process);
	record.assertOpen(`read ${member} of`);
	return record;
}

function checkSignalOptions(options: SignalOptions, call: string): void {
	if (typeof options !== 'object' || options === null) throw typeError(`${call}: options must be an object {tree}`);
	checkKnown(options, ['tree'], call);
	const { tree } = options;
	if (tree !== undefined && typeof tree !== 'boolean') throw typeError(`${call}: tree must be true or false`);
}

function signal(process: Process, call: string, name: NodeJS.Signals, options: SignalOptions | undefined): void {
	if (options !== undefined) checkSignalOptions(options, call);
	const child = recordOf(process).startedChild(call);
	if (child.waitSync(0) !== null) return;
	if (options?.tree === true) recordOf(process).signalTree(name);
	else child.kill(name);
}

/** The object for a process that is already there: a child's own, made without the constructor of its class. */
export function adopt(object: object, record: Standing): void {
	records.set(object, record);
}
