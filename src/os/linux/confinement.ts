/**
 * What the kernel holds a child to, set before it runs anything. A parent sets the limits of a child that it has started
 * and that waits (`confine`); a forked child sets its own (`confineSelf`). They are inherited by what it starts.
 *
 * - Processor time: the soft limit sends SIGXCPU, which ends a process unless it is caught; the hard one, a second later,
 *   kills. The kernel counts whole seconds and each process by itself, so the parent looks too (process/limit-watch.ts).
 * - Memory: `RLIMIT_DATA` counts writable private address space, touched or not (`RLIMIT_AS` would count V8's
 *   reservations), and so cannot be exact. It stops what grows too quickly for the parent's looks.
 * - Open files: both limits, because Node raises the soft one to the hard one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { ProcessError } from '../../base/errors.ts';
import type { Confinement } from '../contract.ts';
import { native } from '../ffi.ts';
import { checked, geteuid } from './kernel.ts';

const RLIMIT = { cpu: 0, data: 2, openFiles: 7 } as const;
type Resource = (typeof RLIMIT)[keyof typeof RLIMIT];

const PRIO_PROCESS = 0;
const SCHED_IDLE = 5;
/** The lowest priority. */
const LAST = 19;
const PR_SET_CHILD_SUBREAPER = 36;
const PR_SET_NO_NEW_PRIVS = 38;

const MIB = 2 ** 20;
/** Writable address space of a Node that has only started: stacks, and 512 MiB for code from Node 24 on. */
const DATA_OF_NODE: number = 640 * MIB;
/** Address space for so many bytes in use: what is freed is given back late, and growing takes old and new at once. */
const SPACE_PER_BYTE = 1.5;
const SPARE_SPACE: number = 128 * MIB;
/** Seconds from SIGXCPU to SIGKILL. */
const GRACE = 1;

const prlimit: (pid: number, resource: Resource, limit: BigUint64Array | null, old: BigUint64Array | null) => number =
	native('int prlimit(int pid, int resource, uint64_t *limit, _Out_ uint64_t *old)');
const prctl: (option: number, a: number, b: number, c: number, d: number) => number = native(
	'int prctl(int option, ulong a, ulong b, ulong c, ulong d)',
);
const setgroups: (count: number, groups: null) => number = native('int setgroups(size_t count, uint32_t *groups)');
const setpriority: (which: number, id: number, priority: number) => number = native(
	'int setpriority(int which, uint id, int priority)',
);
const schedSetscheduler: (tid: number, policy: number, parameters: Int32Array) => number = native(
	'int sched_setscheduler(int tid, int policy, int *parameters)',
);
const setgid: (gid: number) => number = native('int setgid(uint gid)');
const setuid: (uid: number) => number = native('int setuid(uint uid)');

/** Never more than there is already: only some may raise that. `pid` 0 is this process. */
function limit(pid: number, resource: Resource, soft: number, hard: number): void {
	const present = new BigUint64Array(2);
	checked('prlimit', prlimit(pid, resource, null, present));
	const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
	const ceiling = least(BigInt(hard), present[1]!);
	checked('prlimit', prlimit(pid, resource, new BigUint64Array([least(BigInt(soft), ceiling), ceiling]), null));
}

function limitAll(pid: number, { memory, cpuTime, openFiles }: Confinement, data: number): void {
	if (cpuTime !== undefined) {
		const seconds = Math.ceil(cpuTime / 1000);
		limit(pid, RLIMIT.cpu, seconds, seconds + GRACE);
	}
	if (openFiles !== undefined) limit(pid, RLIMIT.openFiles, openFiles, openFiles);
	if (memory !== undefined) {
		const space = Math.ceil(data + memory * SPACE_PER_BYTE + SPARE_SPACE);
		limit(pid, RLIMIT.data, space, space);
	}
}

/** A child that has been started and waits. */
export function confine(pid: number, confinement: Confinement): void {
	limitAll(pid, confinement, DATA_OF_NODE);
	if (confinement.priority === LAST) {
		for (const tid of readdirSync(`/proc/${pid}/task`)) beLast(Number(tid)); // a new thread is as the one that starts it
	}
}

/**
 * A processor that only such threads use is as good as an idle one to the scheduler: others are put there, and go first at
 * once. With the lowest priority alone, they would wait for a turn to end, some milliseconds, that it has begun.
 */
function beLast(tid: number): void {
	schedSetscheduler(tid, SCHED_IDLE, new Int32Array(1)); // where that fails, there still is the priority
}

/** This process, which has just been forked. Afterwards it may not be able to go back. */
export function confineSelf(confinement: Confinement): void {
	limitAll(0, confinement, confinement.memory === undefined ? 0 : dataInUse());
	const { priority, uid, gid } = confinement;
	if (priority !== undefined) checked('setpriority', setpriority(PRIO_PROCESS, 0, priority));
	if (priority === LAST) beLast(0);
	if (uid !== undefined || gid !== undefined) {
		if (geteuid() === 0) checked('setgroups', setgroups(0, null));
		if (gid !== undefined) checked('setgid', setgid(gid));
		if (uid !== undefined) checked('setuid', setuid(uid));
	}
}

/** Bytes of writable private address space. */
function dataInUse(): number {
	const [, kilobytes = '0'] = /^VmData:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
	return Number(kilobytes) * 1024;
}

export function renouncePrivileges(): void {
	checked('prctl', prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

export function adoptOrphans(): void {
	checked('prctl', prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
}

/** @throws ProcessError if a child of this process may not be of that user and group, or have that priority. */
export function assertMayBecome(name: string, { uid, gid, priority }: Confinement): void {
	const isOther = (given: number | undefined, own: readonly number[]): boolean =>
		given !== undefined && !own.every((id) => id === given);
	if (geteuid() === 0) return;
	if (priority !== undefined && priority < getPriority()) throw tooHigh(name, priority);
	if (uid === undefined && gid === undefined) return;
	const { getuid, geteuid: effective, getgid, getegid } = process;
	if (!isOther(uid, [getuid!(), effective!()]) && !isOther(gid, [getgid!(), getegid!()])) return;
	throw new ProcessError(
		`cannot start ${name} as user ${uid ?? getuid!()}, group ${gid ?? getgid!()}: only root may start processes of others (EPERM). Leave uid and gid out, or start this program as root.`,
		{ code: 'ERR_MP_START' },
	);
}

function tooHigh(name: string, priority: number): ProcessError {
	return new ProcessError(
		`cannot start ${name} with priority ${priority}: only root may give a higher one than its own, ${getPriority()} (EACCES). Give a number from that to 19, or start this program as root.`,
		{ code: 'ERR_MP_START' },
	);
}
