/**
 * Who removes named memory when a whole family has been killed at once, and nobody of it is left to do so. Names in
 * /dev/shm outlive all processes; so somebody must outlive the family, without being one more Node.
 *
 * The family holds a shared lock (flock) on the open file that its segment is. That lock is a property of the open file,
 * which all processes of the family have inherited: the kernel drops it with the last of them, however they ended. The
 * custodian is `flock` itself, a process of one megabyte, waiting for the exclusive lock on the same file; when it gets
 * it, a few lines of shell read from the segment what is to be removed: inode numbers, 64 bits each, so that a name which
 * is somebody else's by now is left alone.
 *
 * It is in a session of its own, nobody's child, and deaf to the signals with which terminals and supervisors end
 * programs. Its outputs are none of the program's: nobody who waits for the end of those waits for it.
 */
import { closeSync, openSync } from 'node:fs';
import type { Segment } from '../contract.ts';
import { runToEnd } from './child.ts';
import { closeSentinel, openSentinel } from './exit-watch.ts';
import { checked, flock } from './kernel.ts';
import { isReady } from './poll.ts';

const LOCK_SHARED = 1;
/** Of the custodian's. */
const SEGMENT_FD = 3;

const REMOVE = `set -f
cd /dev/shm || exit
for id in $(od -An -tu8 -j "$1" -N "$2" <&${SEGMENT_FD}); do
	case $id in
		0 | "*") ;;
		*) find . -maxdepth 1 -type f -inum "$id" -delete ;;
	esac
done`;

const START = `trap '' HUP INT QUIT TERM
command -v flock od find >/dev/null || exit
flock -x /proc/self/fd/${SEGMENT_FD} sh -c "$0" sh "$1" "$2" >/dev/null &
echo $!`;

/** The custodian as this thread knows it, through a descriptor that tells of its end, also while it is a zombie. */
class Known {
	#pid = 0;
	#sentinel = -1;

	isThere(pid: number): boolean {
		if (pid <= 0) return false;
		if (pid !== this.#pid) this.#learn(pid);
		return !isReady(this.#sentinel);
	}

	#learn(pid: number): void {
		if (this.#sentinel !== -1) closeSentinel(this.#sentinel);
		this.#sentinel = openSentinel(pid);
		this.#pid = pid;
	}
}

const knownHere = new Known();

/** Instead of a pid: the tools are missing, there is no use in trying again. */
const NO_MEANS = -1;

export function watchOver(segment: Segment, offset: number, length: number, known: number): number {
	if (known === NO_MEANS || knownHere.isThere(known)) return known;
	checked('flock', flock(segment.fd, LOCK_SHARED));
	const another = openSync(`/proc/self/fd/${segment.fd}`, 'r'); // an open file of its own: it must not share the lock
	try {
		const printed = runToEnd('/bin/sh', ['-c', START, REMOVE, String(offset), String(length)], another);
		const pid = Number.parseInt(printed, 10) || NO_MEANS; // nothing is printed where a tool is missing
		return knownHere.isThere(pid) || pid === NO_MEANS ? pid : 0;
	} finally {
		closeSync(another);
	}
}
