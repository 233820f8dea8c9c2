/** The Linux implementation of the platform contract: one line a promise, each kept in the file it is imported from. */
import type { Platform } from '../contract.ts';
import { keepFreedMemory } from './allocator.ts';
import { watchOver } from './custodian.ts';
import { forgetDoorbells, openDoorbell, ringDoorbell } from './doorbell.ts';
import { closeDescriptor } from './kernel.ts';
import { isAlive, self } from './liveness.ts';
import { createNamed, longestName, openNamed, removeNamed, removeNamedById } from './named-segment.ts';
import { park, unpark, yieldProcessor } from './park.ts';
import { waitReady } from './poll.ts';
import { processes } from './processes.ts';
import { whenReady } from './readiness.ts';
import { anonymousFile, createSegment, openSegment } from './segment.ts';
import {
	acceptFrom,
	checkConnected,
	connectTo,
	listenAt,
	longestSocketPath,
	receive,
	transmit,
} from './stream-socket.ts';
import { isOwnUser, socketPair } from './unix-socket.ts';
import { watch } from './watch.ts';

export const linux: Platform = {
	createSegment,
	openSegment,
	anonymousFile,
	keepFreedMemory,
	longestName,
	createNamed,
	openNamed,
	removeNamed,
	removeNamedById,
	watchOver,
	park,
	unpark,
	yield: yieldProcessor,
	openDoorbell,
	ringDoorbell,
	forgetDoorbells,
	closeDescriptor,
	longestSocketPath,
	listenAt,
	acceptFrom,
	isOwnUser,
	connectTo,
	checkConnected,
	socketPair: () => socketPair(true),
	receive,
	transmit,
	waitReady,
	whenReady,
	watchListener: watch,
	self,
	isAlive,
	...processes,
};
