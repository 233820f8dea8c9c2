/** Forking this very process. */

import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { makeRandomRenewable } from '../../base/randomness.ts';
import type { Branches, Child, ForkedOptions, NoChild } from '../contract.ts';
import { openStreams, type StandardStreams } from './child-stdio.ts';
import { confineSelf } from './confinement.ts';
import { disownNothing, type Estate, hasToClose, takeStock } from './disown.ts';
import { openFlag, raiseFlag } from './exit-watch.ts';
import { fork, getOwnPid, leaveForked, prepareFork } from './fork.ts';
import { ForkedChild } from './forked-child.ts';
import { isIdleNow } from './idle.ts';
import { closeDescriptor, dup2, getppid, getrandom, setsid } from './kernel.ts';
import { armLifeline, closeLifeline, disarmLifeline, keepLifeline, type Lifeline, openLifeline } from './lifeline.ts';
import { identify } from './liveness.ts';
import { hasTimers, randomStores } from './node-internals.ts';
import { inheritStores, knowsAllStores } from './own-randomness.ts';
import { OwnSource } from './own-source.ts';
import { changeStreams, makeStdinRenewable, planStreamsOfCopy, type StreamChange } from './own-stdio.ts';
import { waitSentinels } from './poll.ts';
import { keepPlace, releasePlace, reservePlace } from './remains.ts';
import { becomeRenewed, renew } from './renew.ts';
import { grow, stayLean } from './thrift.ts';
import { usageOf } from './usage.ts';
import { watch } from './watch.ts';

const STDERR = 2;

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
	closeDescriptor(flag);
	if (flags.size === 0) return;
	for (const fd of flags) closeDescriptor(fd);
	flags.clear();
}

/**
 * The first time that Node's threads do something they register it for tracing, under a lock of V8's. If that were at the
 * moment of a fork, the lock would stay locked in the child; so they do it before.
 */
function registerThreads(): Promise<void> {
	return new Promise((resolve) => {
		process.getBuiltinModule('node:crypto').randomBytes(1, () => resolve());
	});
}

async function prepare(): Promise<void> {
	await registerThreads();
	stayLean();
	try {
		prepareFork();
		makeRandomRenewable();
		makeStdinRenewable();
		inheritStores(randomStores());
		hasTimers();
		rehearseBirth();
	} finally {
		grow();
	}
}

let preparation: Promise<void> | undefined;

/** Before every fork; most of it once. */
export async function prepareToFork(): Promise<void> {
	preparation ??= prepare();
	await preparation;
	if (!knowsAllStores()) inheritStores(randomStores());
}

/** What a child does first is bound and compiled in its parent: every page that it is the first to write to is copied. */
function rehearseBirth(): void {
	const lifeline = openLifeline();
	bindTo(getppid(), lifeline.readEnd);
	disarmLifeline(lifeline.readEnd);
	closeLifeline(lifeline);
	const flag = openFlag();
	dup2(flag, flag);
	sayItLives(flag);
	isIdleNow();
	getrandom(0, 0, 0);
	disownNothing();
	changeStreams({ fds: [], unfit: [] });
	becomeRenewed(false, () => {});
}

export function forkSelf(
	options: Omit<ForkedOptions, 'payload' | 'descriptors'>,
	running: NodeJS.Immediate,
	{ inChild, inParent }: Branches,
): Promise<Child | NoChild> | null {
	const estate = takeStock(running);
	const streams = openStreams(options.stdio);
	const change = planStreamsOfCopy(streams.fds);
	const lifeline = openLifeline();
	const flag = openFlag();
	const birth: Birth = { options, parent: process.pid, lifeline, flag, streams, change, estate, inChild };
	const place = options.confinement === undefined ? reservePlace() : undefined;
	let pid: number;
	try {
		pid = fork(place);
	} catch (error) {
		releasePlace(place);
		streams.abandon();
		closeLifeline(lifeline);
		closeDescriptor(flag);
		throw error;
	}
	if (pid === 0) {
		live(birth);
		return null;
	}
	keepPlace(place, pid);
	const identity = identify(pid);
	inParent(identity);
	keepLifeline(lifeline.writeEnd);
	streams.release();
	closeDescriptor(lifeline.readEnd);
	const copied = options.confinement?.memory === undefined ? 0 : (usageOf(pid)?.memory ?? 0);
	const child = new ForkedChild(identity, new OwnSource(pid), streams.streams, lifeline.writeEnd, copied);
	return comesToLife(flag, child).then((lives) => {
		if (lives) return child;
		streams.abandon();
		child.close();
		return { why: 'stillborn' };
	});
}

interface Birth {
	readonly options: Omit<ForkedOptions, 'payload' | 'descriptors'>;
	readonly parent: number;
	readonly lifeline: Lifeline;
	readonly flag: number;
	readonly streams: StandardStreams;
	readonly change: StreamChange;
	readonly estate: Estate;
	readonly inChild: (lifeline: number) => void;
}

/** In the child. A function of its own: V8 has no notes on how it runs that would be kept up to date. */
function live({ options, parent, lifeline, flag, streams, change, estate, inChild }: Birth): void {
	try {
		closeDescriptor(lifeline.writeEnd); // its parent's alone, from the first moment on
		if (options.detached) setsid();
		else bindTo(parent, lifeline.readEnd);
		if (options.confinement !== undefined) confineSelf(options.confinement);
		if (streams.hasPipes) streams.leaveToParent();
		renew(estate, change);
		streams.release();
	} catch (error) {
		leaveUnborn(error);
	}
	becomeRenewed(hasToClose(estate), () => {
		sayItLives(flag);
		inChild(lifeline.readEnd);
	});
}

/** In the child: half of what it has is still its parent's, so nothing of the program's may see to this. */
function leaveUnborn(error: unknown): never {
	writeSync(STDERR, `polyproc: a forked process could not become one of its own:\n${inspect(error)}\n`);
	return leaveForked(1);
}

/** In the child: it dies with its parent, also if that has died already. */
function bindTo(parent: number, lifeline: number): void {
	armLifeline(lifeline, getOwnPid());
	if (getppid() !== parent) leaveForked(1);
}
