/**
 * Seeing the end of a child, by the event loop or without it: a pidfd is a descriptor that becomes readable when the
 * process has ended. Whoever then reads the status reaps it.
 */
import { constants } from 'node:os';
import type { ExitCode } from '../contract.ts';
import { errno, native } from '../ffi.ts';
import { call3, checked, closeDescriptor, systemCalls, systemError } from './kernel.ts';
import { takeRemains } from './remains.ts';

const EFD_CLOEXEC = 0o2000000;
const P_PIDFD = 3;
const WNOHANG = 1;
const WEXITED = 4;
/** siginfo_t: 128 bytes, the fields a SIGCHLD has, as indices of 32-bit words. */
const SIGINFO_WORDS = 32;
const SI_SIGNO = 0;
const SI_CODE = 2;
const SI_PID = 4;
const SI_STATUS = 6;
const CLD_EXITED = 1;

const waitid: (type: number, id: number, info: Int32Array, options: number) => number = native(
	'int waitid(int type, int id, int32_t *info, int options)',
);
const eventfd: (value: number, flags: number) => number = native('int eventfd(uint value, int flags)');
const eventfdWrite: (fd: number, value: number) => number = native('int eventfd_write(int fd, uint64_t value)');

/** A descriptor that is ready once `pid`, a child of this process, has ended; at once if it has been reaped already. */
export function openSentinel(pid: number): number {
	const fd = call3(systemCalls().pidfdOpen, pid, 0, 0);
	if (fd !== -1) return fd;
	if (errno() !== constants.errno.ESRCH) throw systemError('pidfd_open');
	return openSpentSentinel();
}

/** The sentinel of a process that is long gone: a descriptor that is always ready. */
export function openSpentSentinel(): number {
	return checked('eventfd', eventfd(1, EFD_CLOEXEC));
}

/** A descriptor that is ready once it, or a copy of it in a forked process, has been raised. */
export function openFlag(): number {
	return checked('eventfd', eventfd(0, EFD_CLOEXEC));
}

export function raiseFlag(fd: number): void {
	checked('eventfd_write', eventfdWrite(fd, 1));
}

export function closeSentinel(sentinel: number): void {
	closeDescriptor(sentinel);
}

/** The status behind a sentinel of a child that nobody else reaps; reaps it. `null`: it runs, or is not our child. */
export function takeExitStatus(sentinel: number): ExitCode | null {
	const info = new Int32Array(SIGINFO_WORDS);
	if (waitid(P_PIDFD, sentinel, info, WEXITED | WNOHANG) === -1) return null;
	if (info[SI_SIGNO] === 0) return null;
	takeRemains(info[SI_PID] as number);
	const status = info[SI_STATUS] as number;
	return info[SI_CODE] === CLD_EXITED ? status : -status;
}

/** Reaps the ended process behind a sentinel. No error if it has been reaped, or runs. */
export function reap(sentinel: number): void {
	takeExitStatus(sentinel);
}
