/** Forking this very process. */

import { makeRandomRenewable } from '../../base/randomness.ts';
import type { Child, ExitCode, ForkedOptions } from '../contract.ts';
import { openStreams } from './child-stdio.ts';
import { openSentinel, takeExitStatus, waitSentinels } from './exit-watch.ts';
import { fork, leaveForked, prepareFork } from './fork.ts';
import { type ExitSource, ForkedChild, UNKNOWN_EXIT } from './forked-child.ts';
import { closeDescriptor, setsid } from './kernel.ts';
import { armOwnLifeline, forgetLifeline, keepLifeline, openLifeline } from './lifeline.ts';
import { identify } from './liveness.ts';
import { renew, soon } from './renew.ts';

/** The exit status of a child of this very process, which reaps it. */
class OwnSource implements ExitSource {
	readonly fd: number;
	readonly generation = 0;

	constructor(pid: number) {
		this.fd = openSentinel(pid);
	}

	read(): ExitCode | null {
		if (waitSentinels([this.fd], 0).length === 0) return null;
		return takeExitStatus(this.fd) ?? UNKNOWN_EXIT;
	}
}

export function forkSelf(
	options: Omit<ForkedOptions, 'payload' | 'descriptors'>,
	running: NodeJS.Immediate,
	inChild: (lifeline: number) => void,
): Child | null {
	prepareFork();
	makeRandomRenewable();
	const streams = openStreams(options.stdio);
	const lifeline = openLifeline();
	keepLifeline(lifeline.writeEnd);
	let pid: number;
	try {
		pid = fork();
	} catch (error) {
		streams.abandon();
		forgetLifeline(lifeline.writeEnd);
		closeDescriptor(lifeline.readEnd);
		throw error;
	}
	if (pid === 0) {
		forgetLifeline(lifeline.writeEnd); // its parent's alone, from the first moment on
		if (options.detached) setsid();
		else if (!armOwnLifeline(lifeline.readEnd)) leaveForked(1);
		streams.leaveToParent();
		renew(running, streams.fds);
		streams.release();
		soon(() => inChild(lifeline.readEnd));
		return null;
	}
	streams.release();
	closeDescriptor(lifeline.readEnd);
	return new ForkedChild(identify(pid), new OwnSource(pid), streams.streams, lifeline.writeEnd);
}
