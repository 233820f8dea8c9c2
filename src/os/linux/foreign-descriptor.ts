/**
 * A descriptor of this process for an open file of another one of the family: `pidfd_getfd`, and where that is not
 * allowed (it asks for the right to trace the other process), opening it anew through /proc, which gives the same file
 * with an offset of its own.
 */
import { constants, openSync } from 'node:fs';
import { openSentinel } from './exit-watch.ts';
import { call3, checked, closeDescriptor, F_DUPFD_CLOEXEC, fcntl, systemCalls } from './kernel.ts';

export function duplicate(fd: number): number {
	return checked('fcntl', fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

export function duplicateFrom(pid: number, fd: number): number {
	const process = openSentinel(pid);
	try {
		const copy = call3(systemCalls().pidfdGetfd, process, fd, 0);
		return copy === -1 ? openSync(`/proc/${pid}/fd/${fd}`, constants.O_RDWR) : copy;
	} finally {
		closeDescriptor(process);
	}
}
