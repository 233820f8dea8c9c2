/** The exit status of a child of this very process that Node knows nothing of. */
import type { ExitCode } from '../contract.ts';
import { openSentinel, takeExitStatus } from './exit-watch.ts';
import { type ExitSource, UNKNOWN_EXIT } from './forked-child.ts';
import { waitSentinels } from './poll.ts';
import { buryRemainsLater } from './remains.ts';

/** Reaps it. */
export class OwnSource implements ExitSource {
	readonly fd: number;
	readonly generation = 0;

	constructor(pid: number) {
		this.fd = openSentinel(pid);
	}

	read(): ExitCode | null {
		if (waitSentinels([this.fd], 0).length === 0) return null;
		const status = takeExitStatus(this.fd) ?? UNKNOWN_EXIT;
		buryRemainsLater();
		return status;
	}
}
