/** The Linux implementation of the platform contract: one line a promise, each kept in the file it is imported from. */
import type { Platform } from '../contract.ts';
import { keepFreedMemory } from './allocator.ts';
import { forgetDoorbells, openDoorbell, ringDoorbell } from './doorbell.ts';
import { closeDescriptor } from './kernel.ts';
import { isAlive, self } from './liveness.ts';
import { park, unpark, yieldProcessor } from './park.ts';
import { processes } from './processes.ts';
import { anonymousFile, createSegment, openSegment } from './segment.ts';

export const linux: Platform = {
	createSegment,
	openSegment,
	anonymousFile,
	keepFreedMemory,
	park,
	unpark,
	yield: yieldProcessor,
	openDoorbell,
	ringDoorbell,
	forgetDoorbells,
	closeDescriptor,
	self,
	isAlive,
	...processes,
};
