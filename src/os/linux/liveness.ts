/**
 * Who a thread is and whether it still lives, from /proc: a pid alone is reused, a pid with the moment it started is
 * not. A zombie is dead: it runs nothing and holds nothing any more.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import type { ThreadIdentity } from '../contract.ts';

/** Fields of /proc/…/stat counted behind the name, which is in parentheses and may contain anything. */
const STATE = 0;
const PARENT = 1;
const START_TIME = 19;
const DEAD_STATES = ['Z', 'X', 'x'];

interface ProcessStat {
	readonly dead: boolean;
	readonly parent: number;
	readonly startTime: number;
}

/** What /proc says, or `null` when there is no such thread. */
export function readStat(pid: number, tid: number = pid): ProcessStat | null {
	let text: string;
	try {
		text = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8');
	} catch {
		return null; // ENOENT, or ESRCH when it went while we read
	}
	const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
	return {
		dead: DEAD_STATES.includes(fields[STATE] as string),
		parent: Number(fields[PARENT]),
		startTime: Number(fields[START_TIME]),
	};
}

/** The identity of a process's main thread; with start time 0 (nobody's) when it is gone. */
export function identify(pid: number, tid: number = pid): ThreadIdentity {
	return { pid, tid, startTime: readStat(pid, tid)?.startTime ?? 0 };
}

let own: ThreadIdentity | undefined;

/** The calling thread. Asks /proc rather than the C library, which children that share nothing do not load. */
export function self(): ThreadIdentity {
	// A forked child has its parent's.
	if (own?.pid !== process.pid) {
		own = identify(process.pid, Number(readlinkSync('/proc/thread-self').split('/')[2]));
	}
	return own;
}

export function isAlive(thread: ThreadIdentity): boolean {
	const stat = readStat(thread.pid, thread.tid);
	return stat !== null && !stat.dead && stat.startTime === thread.startTime;
}
