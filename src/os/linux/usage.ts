/** What a process uses, from /proc. */
import { readFileSync } from 'node:fs';
import type { Usage } from '../contract.ts';

/** USER_HZ: what /proc counts processor time in, on every machine there is. */
const MILLISECONDS_PER_TICK = 10;
const PAGE = 4096;
/** Fields of /proc/PID/stat behind the name: user and system time, its own and of children that were waited for. */
const TIMES: readonly number[] = [11, 12, 13, 14];

/** `null`: there is no such process, or it is being taken down and has no memory any more. Memory of its own is what is neither a file's nor shared. */
export function usageOf(pid: number): Usage | null {
	try {
		const [, resident, shared] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ').map(Number);
		if (resident === 0) return null;
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		const ticks = TIMES.reduce((sum, field) => sum + Number(fields[field]), 0);
		return { memory: (resident! - shared!) * PAGE, cpuTime: ticks * MILLISECONDS_PER_TICK };
	} catch {
		return null; // it has ended
	}
}

/** Where the kernel counts, for version 2 of control groups and version 1, given the group's path. */
const COUNTERS: readonly ((line: string) => string | undefined)[] = [
	(line) => (line.startsWith('0::') ? `/sys/fs/cgroup${line.slice(3)}/memory.events` : undefined),
	(line) => /^\d+:memory:(.*)$/.exec(line)?.[1]?.replace(/^/, '/sys/fs/cgroup/memory').concat('/memory.oom_control'),
];

/** Processes that the kernel has killed for want of memory in this process's control group. 0 where it does not say. */
export function memoryKills(): number {
	const groups = read('/proc/self/cgroup').split('\n');
	const files = COUNTERS.flatMap((file) => groups.map(file)).filter((file) => file !== undefined);
	return files.reduce((sum, file) => sum + Number(/^oom_kill (\d+)$/m.exec(read(file))?.[1] ?? 0), 0);
}

function read(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return ''; // the system has no such file
	}
}
