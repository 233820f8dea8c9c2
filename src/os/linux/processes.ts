/** The part of the contract about children; see the files beside it. */
import type { Platform } from '../contract.ts';
import { startChild } from './child.ts';
import { adoptOrphans, assertMayBecome, renouncePrivileges } from './confinement.ts';
import { cpuCount } from './cpu.ts';
import { hasThreads } from './disown.ts';
import { wipeEnvironmentBlock } from './environment-block.ts';
import { duplicate, duplicateFrom } from './foreign-descriptor.ts';
import { canFork } from './fork.ts';
import { startServedChild } from './fork-client.ts';
import { forkSelf, prepareToFork } from './fork-self.ts';
import { listenForForks, serveForks } from './fork-server.ts';
import { isIdleNow, lookForIdleness, watchForIdleness } from './idle.ts';
import { underWay } from './loop-handles.ts';
import { watchParent } from './parent-watch.ts';
import { payloadFile } from './payload-file.ts';
import { waitSentinels } from './poll.ts';
import { killDescendant, newestPid, treeOf } from './tree.ts';
import { memoryKills, usageOf } from './usage.ts';
import { watchDescriptor } from './watch-copy.ts';

type ProcessPart = Pick<
	Platform,
	| 'startChild'
	| 'usageOf'
	| 'newestPid'
	| 'treeOf'
	| 'killDescendant'
	| 'memoryKills'
	| 'assertMayBecome'
	| 'renouncePrivileges'
	| 'adoptOrphans'
	| 'wipeEnvironmentBlock'
	| 'canFork'
	| 'prepareToFork'
	| 'hasThreads'
	| 'underWay'
	| 'forkSelf'
	| 'listenForForks'
	| 'serveForks'
	| 'startServedChild'
	| 'lookForIdleness'
	| 'isIdleNow'
	| 'watchForIdleness'
	| 'watchParent'
	| 'waitSentinels'
	| 'watchDescriptor'
	| 'payloadFile'
	| 'duplicate'
	| 'duplicateFrom'
	| 'cpuCount'
>;

export const processes: ProcessPart = {
	startChild,
	usageOf,
	newestPid,
	treeOf,
	killDescendant,
	memoryKills,
	assertMayBecome,
	renouncePrivileges,
	adoptOrphans,
	wipeEnvironmentBlock,
	canFork,
	prepareToFork,
	hasThreads,
	underWay,
	forkSelf,
	listenForForks,
	serveForks,
	startServedChild,
	lookForIdleness,
	isIdleNow,
	watchForIdleness,
	watchParent,
	waitSentinels,
	watchDescriptor,
	payloadFile: (parts) => payloadFile(parts, false).fd,
	duplicate,
	duplicateFrom,
	cpuCount,
};
