/** A forked child becomes a process of its own. */
import { renewAfterFork } from '../../base/after-fork.ts';
import { renewRandomness } from '../../base/randomness.ts';
import { disown, forgetRequests } from './disown.ts';
import { takeStreams } from './own-stdio.ts';

/** `running`: the immediate the fork was made from. `stdio`: the descriptors of its standard streams. */
export function renew(running: NodeJS.Immediate, stdio: readonly number[]): void {
	process.exitCode = undefined;
	disown(running, true);
	takeStreams(stdio);
	renewRandomness();
	renewAfterFork();
}

/** A turn of the event loop later, when what was closed is gone. */
export function soon(become: () => void): void {
	setImmediate(() => {
		forgetRequests();
		become();
	});
}
