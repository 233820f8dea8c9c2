/**
 * Whether a recorded thread still lives. A pid alone does not tell: it may have been given to somebody else. The start
 * time in /proc (field 22 of stat, ticks since boot) together with the pid does. A zombie has no memory, holds no locks
 * and will do nothing more: dead.
 */
import { readFileSync } from 'node:fs';
import type { ThreadIdentity } from '../contract.ts';
import { gettid } from './kernel.ts';

const STATE_FIELD = 0;
const START_TIME_FIELD = 19;

/** The fields of a stat file behind the command's name, which may itself hold spaces and parentheses (proc_pid_stat(5)). */
function statFields(path: string): string[] | undefined {
	try {
		const text = readFileSync(path, 'latin1');
		return text.slice(text.lastIndexOf(')') + 2).split(' ');
	} catch {
		return undefined; // no such thread: it has ended and been reaped
	}
}

/** The identity of a thread that runs now; of a process's main thread when `tid` is left out. `undefined`: gone. */
export function identify(pid: number, tid: number = pid): ThreadIdentity | undefined {
	const fields = statFields(`/proc/${pid}/task/${tid}/stat`);
	return fields === undefined ? undefined : { pid, tid, startTime: Number(fields[START_TIME_FIELD]) };
}

export function self(): ThreadIdentity {
	const tid = gettid();
	const identity = identify(process.pid, tid);
	if (identity === undefined) throw new Error(`/proc/${process.pid}/task/${tid} cannot be read; is /proc mounted?`);
	return identity;
}

export function isAlive(thread: ThreadIdentity): boolean {
	const fields = statFields(`/proc/${thread.pid}/task/${thread.tid}/stat`);
	if (fields === undefined) return false;
	const state = fields[STATE_FIELD];
	return state !== 'Z' && state !== 'X' && Number(fields[START_TIME_FIELD]) === thread.startTime;
}
