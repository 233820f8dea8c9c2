/** A forked child becomes a process of its own. */
import { renewAfterFork } from '../../base/after-fork.ts';
import { realTimers } from '../../base/timers.ts';
import { disown, type Estate, forgetRequests } from './disown.ts';
import { getOwnPid } from './fork.ts';
import { drawOwnNumbers } from './own-randomness.ts';
import { changeStreams, type StreamChange } from './own-stdio.ts';

export function renew(estate: Estate, streams: StreamChange): void {
	if (estate.hasExitCode) process.exitCode = undefined;
	disown(estate);
	changeStreams(streams);
	drawOwnNumbers();
	renewAfterFork(estate.renewals, getOwnPid());
}

/** When what was closed is gone. */
export function becomeRenewed(isClosing: boolean, become: () => void): void {
	if (isClosing) {
		realTimers.setImmediate(() => {
			forgetRequests();
			become();
		});
	} else become();
}
