/**
 * Starting a child and seeing it end. The sole importer of `node:child_process`, which is loaded with the first child:
 * it brings the whole network stack with it.
 */
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { constants } from 'node:os';
import { afterFork } from '../../base/after-fork.ts';
import { ProcessError } from '../../base/errors.ts';
import type { Child, ChildOptions, ExitCode, Kin, ThreadIdentity } from '../contract.ts';
import { letGo } from '../inheritance.ts';
import { confine } from './confinement.ts';
import { closeSentinel, openSentinel, openSpentSentinel, readExitStatus, reap } from './exit-watch.ts';
import { closeDescriptor, closeOnExec } from './kernel.ts';
import { armLifeline, closeLifeline, forgetLifeline, keepLifeline, type Lifeline, openLifeline } from './lifeline.ts';
import { identify } from './liveness.ts';
import { type PayloadFile, payloadFile } from './payload-file.ts';
import { waitSentinels } from './poll.ts';
import { signalTree } from './tree.ts';

/** Children whose end has been seen by a blocked thread and not by the event loop yet: zombies until it turns. */
const unreaped = new Set<LinuxChild>();

afterFork(
	() => unreaped.clear(),
	() => unreaped.size > 0,
);

/** Closes sentinels that somebody was handed and whose `Child` is forgotten. */
const abandoned = new FinalizationRegistry<number>(closeSentinel);

class LinuxChild implements Child {
	readonly pid: number;
	readonly identity: ThreadIdentity;
	readonly stdio: readonly unknown[];
	readonly copiedMemory = 0;
	readonly exited: Promise<ExitCode>;
	exitCode: ExitCode | null = null;
	readonly #process: ChildProcess;
	readonly #lifeline: number;
	#sentinel: number | null = null;
	#sentinelIsPublic = false;
	#reaped = false;
	readonly #listeners: (() => void)[] = [];

	constructor(child: ChildProcess, pid: number, lifeline: number) {
		this.pid = pid;
		this.identity = identify(pid);
		this.stdio = child.stdio;
		this.#process = child;
		this.#lifeline = lifeline;
		keepLifeline(lifeline);
		this.exited = new Promise((resolve) => {
			child.once('exit', (code, signal) => {
				const exitCode = this.#end(code, signal);
				// libuv reaps all that have ended, then reports them one by one. What runs because of this end must find the
				// others reported too: a blocking wait could no longer read their status.
				setImmediate(resolve, exitCode);
			});
		});
	}

	get sentinel(): number {
		if (!this.#sentinelIsPublic) {
			this.#sentinelIsPublic = true;
			abandoned.register(this, this.#openSentinel(), this);
		}
		return this.#openSentinel();
	}

	waitSync(timeout: number): ExitCode | null {
		if (this.exitCode !== null) return this.exitCode;
		const sentinel = this.#openSentinel();
		if (waitSentinels([sentinel], timeout).length === 0) return null;
		this.exitCode = readExitStatus(sentinel);
		if (this.exitCode === null && timeout > 0) throw this.#unreported();
		if (this.exitCode === null) return null;
		unreaped.add(this);
		this.#tell();
		return this.exitCode;
	}

	whenEnded(callback: () => void): void {
		this.#listeners.push(callback);
		if (this.exitCode !== null) this.#tell();
	}

	#tell(): void {
		for (const listener of this.#listeners.splice(0)) listener();
	}

	kill(signal: NodeJS.Signals): void {
		if (!this.#reaped) this.#process.kill(signal);
	}

	killTree(signal: NodeJS.Signals, kin: Kin): void {
		if (!this.#reaped && this.exitCode === null) signalTree(this.pid, signal, kin);
	}

	ref(): void {
		this.#process.ref();
	}

	unref(): void {
		this.#process.unref();
	}

	bury(): void {
		if (!this.#reaped) reap(this.#openSentinel());
	}

	close(): void {
		if (this.#sentinel !== null) closeSentinel(this.#sentinel);
		abandoned.unregister(this);
		this.#sentinel = null;
		this.#sentinelIsPublic = false;
	}

	#openSentinel(): number {
		this.#sentinel ??= this.#reaped ? openSpentSentinel() : openSentinel(this.pid);
		return this.#sentinel;
	}

	#end(code: number | null, signal: NodeJS.Signals | null): ExitCode {
		this.#reaped = true;
		unreaped.delete(this);
		this.exitCode ??= signal === null ? (code ?? 0) : -constants.signals[signal];
		forgetLifeline(this.#lifeline);
		if (!this.#sentinelIsPublic) this.close();
		this.#tell();
		return this.exitCode;
	}

	#unreported(): ProcessError {
		return new ProcessError(
			`process ${this.pid} has ended, and its exit status is on its way through the event loop: use the asynchronous join() here.`,
			{ code: 'ERR_MP_STATUS_PENDING' },
		);
	}
}

function childProcess(): typeof import('node:child_process') {
	return process.getBuiltinModule('node:child_process');
}

function eventLoopTurn(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}

/** A system error comes by event, not by exception, when it is one a program may expect (no such file, no more processes). */
async function failure(child: ChildProcess): Promise<never> {
	throw await new Promise<Error>((resolve) => child.once('error', resolve));
}

/** The child waits until all of this is so. */
function arm(child: ChildProcess, pid: number, payload: PayloadFile, lifeline: Lifeline, options: ChildOptions): void {
	try {
		if (options.confinement !== undefined) confine(pid, options.confinement);
		if (!options.detached) armLifeline(lifeline.readEnd, pid);
		letGo(payload.fd, payload.size);
	} catch (error) {
		child.kill('SIGKILL');
		throw error;
	}
}

/** Runs a short program to its end, blocking; what it printed. `fd` is its descriptor 3. It starts a session of its own. */
export function runToEnd(file: string, args: readonly string[], fd: number): string {
	const env = { PATH: process.env.PATH };
	const stdio: StdioOptions = ['ignore', 'pipe', 'ignore', fd];
	// `detached` is not in the types of spawnSync, which takes it all the same
	const options = { cwd: '/', env, stdio, detached: true } as object;
	return String(childProcess().spawnSync(file, args, options).stdout ?? '');
}

function given<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
	return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

async function launch(options: ChildOptions, payload: PayloadFile, lifeline: Lifeline): Promise<Child> {
	const stdio = [...options.stdio, payload.fd, ...options.descriptors, lifeline.readEnd] as StdioOptions;
	const { file, args, env, cwd, detached, confinement: { uid, gid } = {} } = options;
	closeOnExec();
	const child = childProcess().spawn(file, args, { stdio, env, detached, ...given({ cwd, uid, gid }) });
	const pid = child.pid ?? (await failure(child));
	arm(child, pid, payload, lifeline, options);
	child.on('error', () => {}); // a signal that could not be delivered: the exit code tells
	return new LinuxChild(child, pid, lifeline.writeEnd);
}

export async function startChild(options: ChildOptions): Promise<Child> {
	const lifeline = openLifeline();
	const payload = payloadFile(options.payload, true); // at once: the caller's buffers are lent
	try {
		if (unreaped.size > 0) await eventLoopTurn();
		const child = await launch(options, payload, lifeline);
		closeDescriptor(lifeline.readEnd);
		return child;
	} catch (error) {
		closeLifeline(lifeline);
		throw error;
	} finally {
		closeDescriptor(payload.fd);
	}
}
