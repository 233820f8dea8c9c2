/** The error for a task whose worker has died under it: who, how, and what may have been the reason. */
import { constants } from 'node:os';
import { WorkerDiedError } from '../base/errors.ts';
import type { ExitReason } from '../process/limits.ts';

export interface Death {
	readonly pid: number;
	readonly exitCode: number;
	readonly kind: 'process' | 'thread';
	/** What it was doing. */
	readonly task: string;
	/** An error that nobody had caught and that ended it. */
	readonly cause: unknown;
	/** The limit that ended it. */
	readonly reason: ExitReason | null;
}

export function signalOf(exitCode: number): NodeJS.Signals | null {
	if (exitCode >= 0) return null;
	const entry = Object.entries(constants.signals).find(([, number]) => number === -exitCode);
	return (entry?.[0] as NodeJS.Signals | undefined) ?? null;
}

const HINTS: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
	SIGKILL:
		'Somebody killed it, or the system did because memory was short: start fewer workers, or give them less to do at a time.',
	SIGABRT:
		"Node aborts when JavaScript's heap is full: raise it (--max-old-space-size), or give tasks less to do at a time.",
	SIGSEGV: 'It ran into a fault of native code: an addon, or Node itself.',
	SIGBUS: 'It ran into a fault of native code: an addon, or Node itself.',
	SIGXCPU: 'It had used up the processor time it was limited to.',
};

const PASSED: Readonly<Record<ExitReason, string>> = {
	memory:
		'It had more memory than limits.memory allows: raise the limit, start workers anew more often (maxTasksPerChild), or give tasks less to do at a time.',
	cpuTime: 'It had used up the processor time that limits.cpuTime allows: raise the limit, or give tasks less to do.',
	wallTime: 'It had run for as long as limits.wallTime allows: raise the limit, or give tasks less to do.',
};

function how({ exitCode, cause }: Death): string {
	const signal = signalOf(exitCode);
	if (signal !== null) return `was killed by ${signal}`;
	if (cause !== undefined) return 'ended because of an error that nobody caught (see cause)';
	return `ended with exit code ${exitCode}`;
}

function why({ exitCode, cause, kind, reason }: Death): string {
	if (reason !== null) return PASSED[reason];
	const signal = signalOf(exitCode);
	if (signal !== null) return HINTS[signal] ?? '';
	if (cause !== undefined)
		return 'Catch it where it happens: in a timer, in an event listener, in a promise that nobody awaits.';
	const heap = kind === 'thread' && exitCode === 1 ? ' Its heap may have been full.' : '';
	return `A task must return, and not call process.exit().${heap}`;
}

export function workerDied(who: string, death: Death): WorkerDiedError {
	const { pid, exitCode, task, cause, kind, reason } = death;
	const message = `${who}: ${kind} ${pid} ${how(death)} while it ran ${task}. ${why(death)}`.trimEnd();
	const error = new WorkerDiedError(message, { pid, exitCode, signal: signalOf(exitCode), reason, task });
	if (cause !== undefined) Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true });
	return error;
}
