/**
 * The kernel calls polyproc makes, with their numbers by architecture, and how a failed one becomes an error. Nothing
 * here decides anything; see the files beside it for what the calls are for.
 */
import { getSystemErrorName } from 'node:util';
import { ProcessError } from '../../base/errors.ts';
import { errno, native } from '../ffi.ts';

interface SystemCalls {
	readonly closeRange: number;
	readonly futex: number;
	readonly pidfdGetfd: number;
	readonly pidfdOpen: number;
}

/** System call numbers: asm/unistd_64.h (x86-64) and asm-generic/unistd.h (arm64 and everything newer). */
const NUMBERS: Record<string, SystemCalls> = {
	x64: { closeRange: 436, futex: 202, pidfdOpen: 434, pidfdGetfd: 438 },
	arm64: { closeRange: 436, futex: 98, pidfdOpen: 434, pidfdGetfd: 438 },
};

/** The numbers for this machine. */
export function systemCalls(): SystemCalls {
	const numbers = NUMBERS[process.arch];
	if (numbers === undefined) {
		throw new ProcessError(`polyproc does not know the system calls of ${process.arch}; it runs on x64 and arm64.`, {
			code: 'ERR_MP_PLATFORM',
		});
	}
	return numbers;
}

/** The error for a call that returned −1, from `errno`. */
export function systemError(call: string, number: number = errno()): ProcessError {
	const name = getSystemErrorName(-number);
	return Object.assign(new ProcessError(`${call} failed: ${name}`, { code: 'ERR_MP_SYSTEM' }), {
		errno: -number,
		syscall: call,
	});
}

/** Passes `result` on, or throws what `errno` says when it is −1. */
export function checked(call: string, result: number): number {
	if (result === -1) throw systemError(call);
	return result;
}

export const memfdCreate: (name: string, flags: number) => number = native(
	'int memfd_create(const char *name, uint flags)',
);
export const ftruncate: (fd: number, length: number) => number = native('int ftruncate(int fd, int64_t length)');
export const mmap: (
	address: number,
	length: number,
	protection: number,
	flags: number,
	fd: number,
	offset: number,
) => number = native('size_t mmap(size_t address, size_t length, int prot, int flags, int fd, int64_t offset)');
export const munmap: (address: number, length: number) => number = native('int munmap(size_t address, size_t length)');
export const AT_FDCWD = -100;
export const linkat: (from: number, path: string, to: number, newPath: string, flags: number) => number = native(
	'int linkat(int from, const char *path, int to, const char *new_path, int flags)',
);
/** With what `fs.openSync` adds by itself: not inherited by children. */
export const openFile: (path: string, flags: number, mode: number) => number = native(
	'int open(const char *path, int flags, int mode)',
);
export const unlinkFile: (path: string) => number = native('int unlink(const char *path)');
export const flock: (fd: number, operation: number) => number = native('int flock(int fd, int operation)');
export const madvise: (address: number, length: number, advice: number) => number = native(
	'int madvise(size_t address, size_t length, int advice)',
);
export const pipe2: (fds: number[], flags: number) => number = native('int pipe2(_Out_ int *fds, int flags)');
export const fcntl: (fd: number, command: number, argument: number) => number = native(
	'int fcntl(int fd, int command, long argument)',
);
/** A command of `fcntl`: another descriptor for the same file, the lowest from `argument` on. */
export const F_DUPFD_CLOEXEC = 1030;
const close: (fd: number) => number = native('int close(int fd)');
/** Closes what the calls here have opened: to Node's `fs` those are strangers, and in a worker thread it warns of them. */
export function closeDescriptor(fd: number): void {
	checked('close', close(fd));
}
export const schedYield: () => number = native('int sched_yield()');
export const gettid: () => number = native('int gettid()');
/** `syscall(futex, address, operation, value, timeout, address2, value3)`. */
export const futexCall: (
	number: number,
	address: number,
	operation: number,
	value: number,
	timeout: BigInt64Array | null,
	address2: number,
	value3: number,
) => number = native(
	'long syscall(long number, size_t a, int op, uint32_t value, int64_t *timeout, size_t b, uint32_t c)',
);
/** `syscall(number, a, b, c)` for the calls whose arguments are plain integers. */
export const call3: (number: number, a: number, b: number, c: number) => number = native(
	'long syscall(long number, long a, long b, long c)',
);
export const dup2: (fd: number, target: number) => number = native('int dup2(int fd, int target)');
/** Random bytes of the kernel's own: those of OpenSSL's first have to be made anew in a forked process. */
export const getrandom: (address: number, length: number, flags: number) => number = native(
	'long getrandom(size_t address, size_t length, uint flags)',
);
export const getppid: () => number = native('int getppid()');
export const setsid: () => number = native('int setsid()');
export const geteuid: () => number = native('uint geteuid()');
/** `signal(number, handler)` with the handlers that are numbers: 0 the default, 1 ignore. */
export const signal: (number: number, handler: number) => number = native('size_t signal(int number, size_t handler)');

const CLOSE_RANGE_CLOEXEC = 4;
const FIRST_OF_OURS = 3;
export const HIGHEST_DESCRIPTOR = 0x7fffffff;

/** Closes all open files from one number to another. False: the kernel knows no such call. */
export function closeRange(first: number, last: number): boolean {
	return call3(systemCalls().closeRange, first, last, 0) === 0;
}

/** No open file of this process is inherited by chance: also those are not that native code has opened, or a shell left. */
export function closeOnExec(): void {
	// Kernels before 5.11 know no such call; there, what Node has opened is not inherited either.
	call3(systemCalls().closeRange, FIRST_OF_OURS, HIGHEST_DESCRIPTOR, CLOSE_RANGE_CLOEXEC);
}
