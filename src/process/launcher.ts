/** What a start method must do, and what it is given. One file beside this one for each. */
import { ProcessError } from '../base/errors.ts';
import type { Child } from '../os/contract.ts';
import type { LaunchOptions } from './options.ts';
import type { Job } from './payload.ts';

/** A process that is about to exist. */
export interface LaunchRequest {
	readonly name: string;
	readonly lineage: readonly number[];
	readonly daemon: boolean;
	readonly authkey: Uint8Array;
	readonly job: Job;
	/** The object itself: a forked child has it too. */
	readonly handle: object;
	readonly options: LaunchOptions;
}

export interface Launcher {
	/** Resolves when the process exists and needs nothing more from this thread. Rejects, and leaves nothing behind, otherwise. */
	launch(request: LaunchRequest): Promise<Child>;
}

/** How often a child is forked again when it dies before it can run anything. */
export const MOST_TRIES = 5;

export function neverLived(name: string, why: string): ProcessError {
	return new ProcessError(`cannot start ${name}: ${why}, ${MOST_TRIES} times in a row.`, { code: 'ERR_MP_START' });
}

export const STILLBORN = 'the forked process died before it could run anything';
