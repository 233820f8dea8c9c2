/** A process that a fork server has just forked becomes one of its own. */
import { mustRenewEach, neededRenewals, renewAfterFork } from '../../base/after-fork.ts';
import type { Birth } from '../fork-contract.ts';
import { confineSelf } from './confinement.ts';
import { abandonRequests } from './disown.ts';
import { duplicate } from './foreign-descriptor.ts';
import { leaveForked } from './fork.ts';
import { ANSWER, encodeAnswer, type Request } from './fork-protocol.ts';
import { closeDescriptor, setsid, signal } from './kernel.ts';
import { armOwnLifeline, closeLifeline, disarmLifeline, openLifeline } from './lifeline.ts';
import { drawOwnNumbers } from './own-randomness.ts';
import { changeStreams, planStreams, type StreamChange } from './own-stdio.ts';
import { sendMessage } from './unix-socket.ts';

const SIGINT = 2;
const DEFAULT = 0;

/** `given`: descriptors of the requester's, the lifeline, the standard streams. Says HELLO. */
export function becomeChild(
	connection: number,
	given: readonly number[],
	{ descriptors, detached, cpuTime, openFiles, priority }: Request,
	streams: StreamChange,
): Birth {
	signal(SIGINT, DEFAULT);
	const lifeline = given[descriptors]!;
	settle(lifeline, streams, detached);
	if (cpuTime !== undefined || openFiles !== undefined || priority !== undefined) {
		confineSelf({ cpuTime, openFiles, priority });
	}
	if (mustRenewEach()) renewAfterFork(neededRenewals());
	sendMessage(connection, encodeAnswer(ANSWER.hello, process.pid));
	closeDescriptor(connection);
	return { descriptors: given.slice(0, descriptors), lifeline };
}

function settle(lifeline: number, streams: StreamChange, detached: boolean): void {
	if (detached) setsid();
	else if (!armOwnLifeline(lifeline)) leaveForked(1);
	changeStreams(streams);
	for (const fd of streams.fds) closeDescriptor(fd);
	drawOwnNumbers();
	abandonRequests();
}

/** The same for practice: nothing is changed by it. */
export function rehearseBirth(): void {
	const lifeline = openLifeline();
	settle(lifeline.readEnd, planStreams([0, 1, 2].map(duplicate)), false);
	disarmLifeline(lifeline.readEnd);
	closeLifeline(lifeline);
}
