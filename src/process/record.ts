/**
 * What is behind a `Process` object: its options before it is started, the system's child afterwards, and the checks
 * which call is possible when. The public class is a thin face over it; what is sent to a child is the object's own
 * fields, and none of this is among them.
 */

import { Deadline, type WaitOptions } from '../base/deadline.ts';
import { ClosedError, ProcessError } from '../base/errors.ts';
import { within } from '../base/within.ts';
import { sentinels } from '../channel/sentinels.ts';
import type { Child, ExitCode } from '../os/contract.ts';
import { type WaitTarget, waitable } from '../sync/waitable.ts';
import { AuthenticationString } from './authentication-string.ts';
import { children, type RunningChild } from './children.ts';
import { launchConfined } from './confined/launcher.ts';
import type { ProcessDescription } from './describe.ts';
import { assertMayStart } from './guard.ts';
import { kin } from './kin.ts';
import { launchers } from './launchers.ts';
import { announce } from './lifecycle.ts';
import { LimitWatch } from './limit-watch.ts';
import type { ExitReason } from './limits.ts';
import type { CheckedOptions } from './options.ts';
import type { Job } from './payload.ts';
import { type StartMethod, self } from './self.ts';
import type { Standing } from './standing.ts';
import { getStartMethod } from './start-method.ts';

/** What the class of a process says of it. */
export interface ProcessKind {
	readonly className: string;
	readonly method: StartMethod | undefined;
	/** Whether it may have children though it is a daemon. */
	readonly isParent: boolean;
}

export class ProcessRecord implements RunningChild, Standing {
	readonly lineage: readonly number[];
	/** The process that made it, the only one that may start and join it. */
	readonly owner: number = process.pid;
	name: string;
	daemon: boolean;
	#authkey: AuthenticationString;
	closed = false;
	readonly #options: CheckedOptions;
	readonly #method: StartMethod | undefined;
	readonly #isParent: boolean;
	#starting = false;
	#child: Child | null = null;
	/** Target and arguments, until they are sent. */
	#target: CheckedOptions['target'];
	#args: readonly unknown[];
	#waiting = 0;
	#announced: number | null = null;
	#limitWatch: LimitWatch | undefined;

	constructor(options: CheckedOptions, { className, method, isParent }: ProcessKind) {
		this.lineage = self.nextLineage();
		this.name = options.name ?? `${className}-${this.lineage.join(':')}`;
		this.daemon = options.daemon ?? self.daemon;
		this.#authkey = new AuthenticationString(self.authkey);
		this.#options = options;
		this.#method = method;
		this.#isParent = isParent;
		this.#target = options.target;
		this.#args = options.args;
	}

	get authkey(): AuthenticationString {
		return this.#authkey;
	}

	set authkey(key: Uint8Array) {
		this.#authkey = new AuthenticationString(key);
	}

	get isStarted(): boolean {
		return this.#child !== null;
	}

	get child(): Child | null {
		return this.#child;
	}

	get pid(): number | null {
		return this.#child?.pid ?? null;
	}

	exitCode(): ExitCode | null {
		return this.#child?.waitSync(0) ?? null;
	}

	/** Calls the target here and now: what `run()` does unless overridden. */
	callTarget(): unknown {
		const target = this.#target as ((...args: readonly unknown[]) => unknown) | undefined;
		return target?.(...this.#args);
	}

	async start(handle: object, object: Job['object'] | undefined): Promise<void> {
		this.assertOpen('start');
		if (this.owner !== process.pid) throw this.#wrongState('start', 'it was made by another process');
		if (this.#starting || this.isStarted) throw this.#wrongState('start', 'a process can be started only once');
		assertMayStart(this.name);
		this.#starting = true;
		try {
			this.#child = await this.#launch(handle, object);
		} finally {
			this.#starting = false;
		}
		this.#started(handle, this.#child);
	}

	#launch(handle: object, object: Job['object'] | undefined): Promise<Child> {
		const { name, lineage, authkey } = this;
		const daemon = this.daemon && !this.#isParent;
		const job: Job = {
			target: this.#target as Job['target'],
			args: this.#args,
			...(object === undefined ? {} : { object }),
		};
		const method = this.#method ?? getStartMethod();
		const request = { name, lineage, daemon, authkey, job, handle, options: this.#options };
		if (this.#options.permissions === undefined) return launchers[method].launch(request);
		return launchConfined(request, method, launchers);
	}

	#started(handle: object, child: Child): void {
		this.#target = undefined;
		this.#args = [];
		children.add(this, handle);
		if (this.daemon) child.unref();
		const { limits, permissions } = this.#options;
		if (limits !== undefined) this.#limitWatch = new LimitWatch(child, limits, permissions);
		announce('start', { name: this.name, pid: child.pid });
		void child.exited.then((exitCode) => {
			children.delete(this);
			announce('exit', { name: this.name, pid: child.pid, exitCode });
		});
	}

	get exitReason(): ExitReason | null {
		this.exitCode(); // may be the first to notice the end
		return this.#limitWatch?.reason ?? null;
	}

	signalTree(signal: NodeJS.Signals): void {
		this.#child?.killTree(signal, this.#limitWatch?.kin ?? kin());
	}

	async join(options: WaitOptions | undefined): Promise<ExitCode | null> {
		const child = this.startedChild('join');
		const deadline = Deadline.from(options, 'join');
		deadline.signal?.throwIfAborted();
		if (deadline.expired) return child.waitSync(0);
		if (child.exitCode !== null) return child.exitCode;
		const release = this.#keepAlive(child);
		try {
			return (await within(child.exited, deadline)) ?? null;
		} finally {
			release();
		}
	}

	/** While somebody waits for it, a daemon too keeps this process alive. Returns what ends that. */
	#keepAlive(child: Child): () => void {
		this.#waiting += 1;
		child.ref();
		return () => {
			this.#waiting -= 1;
			if (this.#waiting === 0 && this.daemon) child.unref();
		};
	}

	/** The child's sentinel, and from then on a thing that `wait()` knows. */
	sentinel(): number {
		this.#announced = this.startedChild('take the sentinel of').sentinel;
		sentinels.announce(this.#announced, this);
		return this.#announced;
	}

	/** How `wait()` waits for it. */
	[waitable](): WaitTarget {
		const child = this.startedChild('wait for');
		return {
			ready: () => child.waitSync(0) !== null,
			get sentinel() {
				return child.sentinel;
			},
			watch: (callback) => {
				const release = this.#keepAlive(child);
				let watching = true;
				void child.exited.then(() => {
					if (watching) callback();
				});
				return () => {
					watching = false;
					release();
				};
			},
		};
	}

	joinSync(timeout: WaitOptions | undefined): ExitCode | null {
		const child = this.startedChild('joinSync');
		return child.waitSync(Math.max(0, Deadline.from(timeout, 'joinSync').remaining));
	}

	isRunning(): boolean {
		return this.#child !== null && this.#child.waitSync(0) === null;
	}

	signal(signal: NodeJS.Signals): void {
		if (this.isRunning()) this.#child?.kill(signal);
	}

	awaitEnd(timeout: number): boolean {
		return this.#child?.waitSync(timeout) !== null;
	}

	bury(): void {
		this.#child?.bury();
	}

	describe(): Omit<ProcessDescription, 'className'> {
		const { name, daemon, pid, owner: parent } = this;
		return { name, daemon, pid, parent, exitCode: this.closed ? null : this.exitCode(), state: this.#state() };
	}

	#state(): ProcessDescription['state'] {
		if (this.closed) return 'closed';
		if (!this.isStarted) return 'initial';
		if (this.owner !== process.pid) return 'unknown';
		return this.isRunning() ? 'started' : 'stopped';
	}

	close(): void {
		if (this.closed) return;
		if (this.#starting || this.isRunning()) {
			throw this.#wrongState('close', 'it is still running; join() or terminate() it first');
		}
		if (this.#announced !== null) sentinels.forget(this.#announced);
		this.#child?.close();
		this.closed = true;
	}

	/** The child, or the error that says why there is none. */
	startedChild(call: string): Child {
		this.assertOpen(call);
		if (this.owner !== process.pid) throw this.#wrongState(call, 'it is not a child of this process');
		if (this.#child === null) throw this.#wrongState(call, 'it has not been started');
		return this.#child;
	}

	assertOpen(call: string): void {
		if (this.closed) throw new ClosedError(`cannot ${call} ${this.name}: it is closed`);
	}

	assertNotStarted(call: string): void {
		this.assertOpen(call);
		if (this.#starting || this.isStarted) throw this.#wrongState(call, 'it has been started');
	}

	#wrongState(call: string, why: string): ProcessError {
		return new ProcessError(`cannot ${call} ${this.name}: ${why}`, { code: 'ERR_MP_PROCESS_STATE' });
	}
}
