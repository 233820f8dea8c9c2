/**
 * How many processors this process may use: those it is allowed on (affinity), and no more than its control group pays
 * for (`cpu.max`, or quota and period under cgroup v1), rounded up, at least 1.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

type ReadText = (path: string) => string | null;

function readText(path: string): string | null {
	try {
		return readFileSync(path, 'latin1');
	} catch {
		return null; // no such control group file: no such limit
	}
}

function ratio(quota: string | undefined, period: string | undefined): number {
	const value = Number(quota) / Number(period);
	return value > 0 ? value : Number.POSITIVE_INFINITY; // 'max', -1 or missing: unlimited
}

function quotaAt(mount: string, group: string, version: 'v1' | 'v2', read: ReadText): number {
	if (version === 'v2') {
		const [quota, period] = (read(`${mount}${group}/cpu.max`) ?? '').trim().split(' ');
		return ratio(quota, period);
	}
	return ratio(read(`${mount}${group}/cpu.cfs_quota_us`)?.trim(), read(`${mount}${group}/cpu.cfs_period_us`)?.trim());
}

/** The smallest quota from a group up to the root, in processors. */
function smallestQuota(mount: string, path: string, version: 'v1' | 'v2', read: ReadText): number {
	let smallest = Number.POSITIVE_INFINITY;
	for (let group = path === '/' ? '' : path; ; group = group.slice(0, group.lastIndexOf('/'))) {
		smallest = Math.min(smallest, quotaAt(mount, group, version, read));
		if (group === '') return smallest;
	}
}

/** Processors the control groups of this process pay for; `Infinity` without a limit. `read` is for tests. */
export function cgroupQuota(read: ReadText = readText): number {
	let smallest = Number.POSITIVE_INFINITY;
	for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
		const [id, controllers, ...rest] = line.split(':');
		const path = rest.join(':');
		if (id === '0') smallest = Math.min(smallest, smallestQuota('/sys/fs/cgroup', path, 'v2', read));
		else if (controllers?.split(',').includes('cpu')) {
			smallest = Math.min(smallest, smallestQuota('/sys/fs/cgroup/cpu', path, 'v1', read));
		}
	}
	return smallest;
}

export function cpuCount(): number {
	return Math.max(1, Math.min(availableParallelism(), Math.ceil(cgroupQuota())));
}
