/** What a `Process` object needs behind it, whether it stands for a child or for the process it is in. */
import type { WaitOptions } from '../base/deadline.ts';
import type { Child, ExitCode } from '../os/contract.ts';
import { type WaitTarget, waitable } from '../sync/waitable.ts';
import type { AuthenticationString } from './authentication-string.ts';
import type { ProcessDescription } from './describe.ts';
import type { ExitReason } from './limits.ts';
import type { Job } from './payload.ts';

export interface Standing {
	name: string;
	daemon: boolean;
	get authkey(): AuthenticationString;
	set authkey(key: Uint8Array);
	readonly closed: boolean;
	readonly pid: number | null;
	readonly child: Child | null;
	readonly isStarted: boolean;
	callTarget(): unknown;
	start(handle: object, object: Job['object'] | undefined): Promise<void>;
	join(options: WaitOptions | undefined): Promise<ExitCode | null>;
	joinSync(timeout: WaitOptions | undefined): ExitCode | null;
	isRunning(): boolean;
	exitCode(): ExitCode | null;
	close(): void;
	/** The child, or the error that says why there is none. */
	startedChild(call: string): Child;
	/** A signal for the child and all its descendants. */
	signalTree(signal: NodeJS.Signals): void;
	/** The limit that has ended the child, if one has. */
	readonly exitReason: ExitReason | null;
	/** The child's sentinel, known to `wait()`. */
	sentinel(): number;
	/** How `wait()` waits for it. */
	[waitable](): WaitTarget;
	assertOpen(call: string): void;
	assertNotStarted(call: string): void;
	describe(): Omit<ProcessDescription, 'className'>;
}
