/** This process as a `Process` object: in a child the very object that was started, in the program `MainProcess`. */
import { ProcessError } from '../base/errors.ts';
import type { Child } from '../os/contract.ts';
import { type WaitTarget, waitable } from '../sync/waitable.ts';
import { AuthenticationString } from './authentication-string.ts';
import type { ProcessDescription } from './describe.ts';
import { adopt, Process } from './process.ts';
import { self } from './self.ts';
import type { Standing } from './standing.ts';

class CurrentStanding implements Standing {
	readonly closed = false;
	readonly child = null;
	readonly isStarted = true;
	readonly exitReason = null;
	readonly #callTarget: () => unknown;
	#key: { readonly bytes: Uint8Array; readonly shown: AuthenticationString } | undefined;

	constructor(callTarget: () => unknown) {
		this.#callTarget = callTarget;
	}

	get name(): string {
		return self.name;
	}

	set name(name: string) {
		self.name = name;
	}

	get daemon(): boolean {
		return self.daemon;
	}

	/** Of whatever key there is now: a forked child has that of its parent's record. */
	get authkey(): AuthenticationString {
		if (this.#key?.bytes !== self.authkey) {
			this.#key = { bytes: self.authkey, shown: new AuthenticationString(self.authkey) };
		}
		return this.#key!.shown;
	}

	set authkey(key: Uint8Array) {
		self.authkey = key;
	}

	get pid(): number {
		return process.pid;
	}

	callTarget(): unknown {
		return this.#callTarget();
	}

	async start(): Promise<void> {
		throw this.#impossible('start');
	}

	async join(): Promise<never> {
		throw this.#impossible('join');
	}

	joinSync(): never {
		throw this.#impossible('joinSync');
	}

	isRunning(): boolean {
		return true;
	}

	exitCode(): null {
		return null;
	}

	close(): void {
		throw this.#impossible('close');
	}

	signalTree(): void {
		throw this.#impossible('signal the tree of');
	}

	sentinel(): number {
		throw this.#impossible('take the sentinel of');
	}

	[waitable](): WaitTarget {
		throw this.#impossible('wait for');
	}

	startedChild(call: string): Child {
		throw this.#impossible(call);
	}

	assertOpen(): void {}

	assertNotStarted(call: string): void {
		throw this.#impossible(call);
	}

	describe(): Omit<ProcessDescription, 'className'> {
		const { name, daemon, pid } = this;
		return { name, daemon, pid, parent: process.ppid, state: 'started', exitCode: null };
	}

	#impossible(call: string): ProcessError {
		return new ProcessError(`cannot ${call} ${this.name}: it is the process that is running, not a child of it`, {
			code: 'ERR_MP_PROCESS_STATE',
		});
	}
}

/** What makes `object` the one that stands for this process. `callTarget` is what its `run()` does unless overridden. */
function standIn(object: Process, callTarget: () => unknown): () => void {
	const standing = new CurrentStanding(callTarget);
	return () => {
		adopt(object, standing);
		self.process = object;
	};
}

self.standIn = (object, callTarget) => standIn(object as Process, callTarget);

/** The process this code runs in. */
export function currentProcess(): Process {
	if (self.process === undefined) standIn(Object.create(Process.prototype), () => undefined)();
	return self.process as Process;
}
