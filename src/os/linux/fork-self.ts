/** Forking this very process. */

import { makeRandomRenewable } from '../../base/randomness.ts';
import type { Child, ForkedOptions, NoChild } from '../contract.ts';
import { openStreams } from './child-stdio.ts';
import { confineSelf } from './confinement.ts';
import { openFlag, raiseFlag } from './exit-watch.ts';
import { fork, leaveForked, prepareFork } from './fork.ts';
import { ForkedChild } from './forked-child.ts';
import { closeDescriptor, setsid } from './kernel.ts';
import { armOwnLifeline, forgetLifeline, keepLifeline, openLifeline } from './lifeline.ts';
import { identify } from './liveness.ts';
import { OwnSource } from './own-source.ts';
import { waitSentinels } from './poll.ts';
import { renew, soon } from './renew.ts';
import { usageOf } from './usage.ts';
import { watch } from './watch.ts';

/** Of children that have not said yet that they live. */
const flags = new Set<number>();

/** Whether the child says that it lives before it ends. */
function comesToLife(flag: number, child: Child): Promise<boolean> {
	flags.add(flag);
	return new Promise((resolve) => {
		let isSettled = false; // the descriptor's number may be another child's later
		const settle = (look: () => boolean): void => {
			if (isSettled) return;
			isSettled = true;
			const lives = look();
			flags.delete(flag);
			watching.close();
			closeDescriptor(flag);
			resolve(lives);
		};
		const watching = watch(flag, () => settle(() => true));
		child.whenEnded(() => settle(() => waitSentinels([flag], 0).length > 0));
	});
}

function sayItLives(flag: number): void {
	raiseFlag(flag);
	for (const fd of [...flags, flag]) closeDescriptor(fd);
	flags.clear();
}

export function forkSelf(
	options: Omit<ForkedOptions, 'payload' | 'descriptors'>,
	running: NodeJS.Immediate,
	inChild: (lifeline: number) => void,
): Promise<Child | NoChild> | null {
	prepareFork();
	makeRandomRenewable();
	const streams = openStreams(options.stdio);
	const lifeline = openLifeline();
	keepLifeline(lifeline.writeEnd);
	const flag = openFlag();
	let pid: number;
	try {
		pid = fork();
	} catch (error) {
		streams.abandon();
		forgetLifeline(lifeline.writeEnd);
		for (const fd of [lifeline.readEnd, flag]) closeDescriptor(fd);
		throw error;
	}
	if (pid === 0) {
		forgetLifeline(lifeline.writeEnd); // its parent's alone, from the first moment on
		if (options.detached) setsid();
		else if (!armOwnLifeline(lifeline.readEnd)) leaveForked(1);
		if (options.confinement !== undefined) confineSelf(options.confinement);
		streams.leaveToParent();
		renew(running, streams.fds);
		streams.release();
		soon(() => {
			sayItLives(flag);
			inChild(lifeline.readEnd);
		});
		return null;
	}
	streams.release();
	closeDescriptor(lifeline.readEnd);
	const copied = options.confinement?.memory === undefined ? 0 : (usageOf(pid)?.memory ?? 0);
	const child = new ForkedChild(identify(pid), new OwnSource(pid), streams.streams, lifeline.writeEnd, copied);
	return comesToLife(flag, child).then((lives) => {
		if (lives) return child;
		streams.abandon();
		child.close();
		return { why: 'stillborn' };
	});
}
