/**
 * A child that cannot outlive its parent, even in a busy loop, and without a line of code running in it.
 *
 * The lifeline is a pipe nobody ever writes to. The parent keeps its write end; the read end is the child's, set up so
 * that the kernel sends *its owner* a signal when something happens to it (`O_ASYNC`), the owner being the child and the
 * signal being SIGKILL (`F_SETSIG`). When the parent is gone, however it went, its write end is closed, the pipe hangs
 * up, and that is something that happens.
 *
 * All of this is a property of the open pipe, not of a process, so the parent sets it up from outside (`armLifeline`)
 * and a child that would rather be told takes it off again (`disarmLifeline`).
 */
import { constants } from 'node:fs';
import { afterFork } from '../../base/after-fork.ts';
import { checked, closeDescriptor, fcntl, pipe2 } from './kernel.ts';
import { waitSentinels } from './poll.ts';

const O_CLOEXEC = 0o2000000;
const O_ASYNC = 0o20000;
const F_SETFL = 4;
const F_SETOWN = 8;
const F_SETSIG = 10;
const SIGKILL = 9;

export interface Lifeline {
	/** The child's. */
	readonly readEnd: number;
	/** The parent's. Held for as long as the child lives; never inherited. */
	readonly writeEnd: number;
}

export function openLifeline(): Lifeline {
	const fds: number[] = [0, 0];
	checked('pipe2', pipe2(fds, constants.O_NONBLOCK | O_CLOEXEC));
	const [readEnd, writeEnd] = fds as [number, number];
	return { readEnd, writeEnd };
}

/** From here on `pid` dies with the last holder of the write end. */
export function armLifeline(readEnd: number, pid: number): void {
	checked('fcntl', fcntl(readEnd, F_SETSIG, SIGKILL));
	// Fails when the child has died already: then there is nobody to kill.
	if (fcntl(readEnd, F_SETOWN, pid) === 0) checked('fcntl', fcntl(readEnd, F_SETFL, constants.O_NONBLOCK | O_ASYNC));
}

/** The same for this process itself. False: there is no other end any more. */
export function armOwnLifeline(readEnd: number): boolean {
	armLifeline(readEnd, process.pid);
	return waitSentinels([readEnd], 0).length === 0;
}

export function disarmLifeline(readEnd: number): void {
	checked('fcntl', fcntl(readEnd, F_SETFL, constants.O_NONBLOCK));
}

export function closeLifeline(lifeline: Lifeline): void {
	closeDescriptor(lifeline.readEnd);
	closeDescriptor(lifeline.writeEnd);
}

/** The ends of lifelines this process holds: in a forked child they are its parent's, and must not be held by it too. */
const lifelines = new Set<number>();

afterFork(
	() => {
		for (const fd of lifelines) closeDescriptor(fd);
		lifelines.clear();
	},
	() => lifelines.size > 0,
);

/** Closes a lifeline's end in children forked from now on, until `forgetLifeline`. */
export function keepLifeline(writeEnd: number): void {
	lifelines.add(writeEnd);
}

export function forgetLifeline(writeEnd: number): void {
	if (lifelines.delete(writeEnd)) closeDescriptor(writeEnd);
}
