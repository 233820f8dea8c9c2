/**
 * Shared memory with a name: files in /dev/shm, which is where `shm_open` has them, so that programs in other languages
 * find ours by name and we find theirs.
 *
 * A new one is made without a name (`O_TMPFILE`), given its size, announced, and only then linked to its name: others
 * see it whole or not at all, and there is no moment in which a kill would leave a name that nobody knows of.
 */
import { constants, fstatSync, lstatSync, readdirSync, statfsSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import type { NamedSegment } from '../contract.ts';
import { errno, memoryAt } from '../ffi.ts';
import {
	AT_FDCWD,
	checked,
	closeDescriptor,
	ftruncate,
	linkat,
	mmap,
	munmap,
	openFile,
	systemError,
	unlinkFile,
} from './kernel.ts';
import { checkMapped, PROT_READ_WRITE } from './segment.ts';

const FOLDER = '/dev/shm';
/** The kernel's limit for a file name. */
export const longestName = 255;
const OWNER_ONLY = 0o600;
const O_CLOEXEC = 0o2000000;
const O_TMPFILE: number = 0o20000000 | constants.O_DIRECTORY;
const AT_SYMLINK_FOLLOW = 0x400;
const AT_EMPTY_PATH = 0x1000;
const MAP_SHARED = 1;
/** MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE: pages of zeros in the place of what was there. */
const ZEROS_IN_PLACE = 0x4032;
/** Pages are taken when touched, and touching one that is not to be had kills: worth a look for what is large. */
const LARGE: number = 16 * 1024 ** 2;
/** File systems without files without names answer with one of these. */
const NO_TMPFILE = ['EOPNOTSUPP', 'EISDIR', 'EINVAL', 'ENOENT'];

function pathOf(name: string): string {
	return `${FOLDER}/${name}`;
}

interface Pages {
	readonly address: number;
	readonly length: number;
}

/** Unmaps what nobody can reach any more. */
const unreachable = new FinalizationRegistry<Pages>(({ address, length }) => munmap(address, length));
/** Mapped pages live as long as a buffer over them. */
const keepers = new WeakMap<ArrayBuffer, LinuxNamedSegment>();

class LinuxNamedSegment implements NamedSegment {
	readonly id: bigint;
	readonly size: number;
	readonly #address: number;
	#isViewed = false;
	#isCutOff = false;

	constructor(fd: number, id: bigint, size: number) {
		this.id = id;
		this.size = size;
		this.#address = checkMapped(mmap(0, size, PROT_READ_WRITE, MAP_SHARED, fd, 0));
		unreachable.register(this, { address: this.#address, length: size }, this);
	}

	view(): ArrayBuffer {
		const buffer = memoryAt(this.#address, this.size);
		keepers.set(buffer, this);
		this.#isViewed = true;
		return buffer;
	}

	cutOff(): void {
		if (this.#isCutOff) return;
		this.#isCutOff = true;
		if (this.#isViewed) {
			checkMapped(mmap(this.#address, this.size, PROT_READ_WRITE, ZEROS_IN_PLACE, -1, 0));
			return;
		}
		unreachable.unregister(this);
		munmap(this.#address, this.size);
	}
}

function identify(fd: number): { id: bigint; size: number } {
	const { ino, size } = fstatSync(fd, { bigint: true });
	return { id: ino, size: Number(size) };
}

/** Opens a new file without a name, or where there is no such thing, with it. */
function openNew(path: string): { fd: number; isLinked: boolean } {
	const fd = openFile(FOLDER, O_TMPFILE | constants.O_RDWR | O_CLOEXEC, OWNER_ONLY);
	if (fd !== -1) return { fd, isLinked: false };
	if (!NO_TMPFILE.includes(getSystemErrorName(-errno()))) throw systemError('shm_open');
	const flags = constants.O_CREAT | constants.O_EXCL | constants.O_RDWR | constants.O_NOFOLLOW | O_CLOEXEC;
	return { fd: checked('shm_open', openFile(path, flags, OWNER_ONLY)), isLinked: true };
}

function checkRoom(size: number): void {
	if (size < LARGE) return;
	const { bavail, bsize } = statfsSync(FOLDER);
	if (size <= bavail * bsize) return;
	throw Object.assign(new Error(`ENOSPC: ${bavail * bsize} bytes are free in ${FOLDER}`), { code: 'ENOSPC' });
}

/**
 * Gives an open file without a name this one; throws what `link` fails with. By the descriptor itself where that is
 * allowed (Linux 6.10, or root: half the time), otherwise through /proc.
 */
function link(fd: number, path: string): void {
	if (linkat(fd, '', AT_FDCWD, path, AT_EMPTY_PATH) === 0) return;
	if (linkat(AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, path, AT_SYMLINK_FOLLOW) === -1) throw systemError('shm_open');
}

export function createNamed(name: string, size: number, announce: (id: bigint) => void): NamedSegment {
	checkRoom(size);
	const path = pathOf(name);
	const { fd, isLinked } = openNew(path);
	try {
		checked('ftruncate', ftruncate(fd, size));
		const { id } = identify(fd);
		announce(id);
		if (!isLinked) link(fd, path);
		return new LinuxNamedSegment(fd, id, size);
	} finally {
		closeDescriptor(fd);
	}
}

export function openNamed(name: string): NamedSegment {
	const flags = constants.O_RDWR | constants.O_NOFOLLOW | O_CLOEXEC;
	const fd = checked('shm_open', openFile(pathOf(name), flags, 0));
	try {
		const { id, size } = identify(fd);
		if (size === 0) throw Object.assign(new Error('ENODATA: it has no size yet'), { code: 'ENODATA' });
		return new LinuxNamedSegment(fd, id, size);
	} finally {
		closeDescriptor(fd);
	}
}

export function removeNamed(name: string): void {
	checked('shm_unlink', unlinkFile(pathOf(name)));
}

export function removeNamedById(ids: ReadonlySet<bigint>): string[] {
	return readdirSync(FOLDER).filter((name) => isOneOf(name, ids) && isRemoved(name));
}

function isOneOf(name: string, ids: ReadonlySet<bigint>): boolean {
	const found = lstatSync(pathOf(name), { bigint: true, throwIfNoEntry: false });
	return found?.isFile() === true && ids.has(found.ino);
}

/** False: somebody else was quicker, or it is no longer ours to remove. */
function isRemoved(name: string): boolean {
	return unlinkFile(pathOf(name)) === 0;
}
