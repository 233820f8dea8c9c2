/**
 * Shared memory without a name: a memfd. Children inherit the descriptor, nothing ever appears in a file system, and
 * the kernel frees the pages with the last process that maps or holds it, however that process ends.
 *
 * The whole address space of a segment is mapped at once and never moves; the file is sparse, so only touched pages are
 * memory. `MAP_NORESERVE` keeps it out of the overcommit account.
 */
import { fstatSync, writeSync } from 'node:fs';
import type { Segment } from '../contract.ts';
import { memoryAt } from '../ffi.ts';
import { checked, fcntl, ftruncate, madvise, memfdCreate, mmap, systemError } from './kernel.ts';

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
/** Against further seals, shrinking and growing: who cuts the file off would have everybody killed who looks behind its end. */
const SEALS: number = 1 | 2 | 4;
export const PROT_READ_WRITE = 3;
const MAP_SHARED_NORESERVE = 0x4001;
const MADV_REMOVE = 9;
/** What mmap returns on failure, (void *) −1, as koffi gives it for a size_t. */
const MAP_FAILED = 2 ** 64;

/** The address that mmap gave, as a number; throws if it failed. */
export function checkMapped(result: number): number {
	const address = Number(result);
	if (address === -1 || address >= MAP_FAILED) throw systemError('mmap');
	return address;
}

class LinuxSegment implements Segment {
	readonly fd: number;
	readonly size: number;
	readonly address: number;

	constructor(fd: number, size: number, address: number) {
		this.fd = fd;
		this.size = size;
		this.address = address;
	}

	view(offset: number, length: number): ArrayBuffer {
		return memoryAt(this.address + offset, length);
	}

	discard(offset: number, length: number): void {
		checked('madvise', madvise(this.address + offset, length, MADV_REMOVE));
	}
}

function map(fd: number, size: number): Segment {
	return new LinuxSegment(fd, size, checkMapped(mmap(0, size, PROT_READ_WRITE, MAP_SHARED_NORESERVE, fd, 0)));
}

export function createSegment(size: number): Segment {
	const fd = checked('memfd_create', memfdCreate('polyproc', MFD_CLOEXEC | MFD_ALLOW_SEALING));
	checked('ftruncate', ftruncate(fd, size));
	checked('fcntl', fcntl(fd, F_ADD_SEALS, SEALS));
	return map(fd, size);
}

export function openSegment(fd: number): Segment {
	return map(fd, fstatSync(fd).size);
}

export function anonymousFile(bytes: Uint8Array): number {
	const fd = checked('memfd_create', memfdCreate('polyproc-payload', MFD_CLOEXEC));
	for (let written = 0; written < bytes.byteLength; ) {
		written += writeSync(fd, bytes, written, bytes.byteLength - written, written);
	}
	return fd;
}
