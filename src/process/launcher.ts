/** What a start method must do, and what it is given. One file beside this one for each. */
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
