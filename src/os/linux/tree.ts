/**
 * A signal for a process and all its descendants. Each is stopped before its children are listed, so none can start
 * another one unseen; they are signalled when the whole tree stands still, and resumed (a stopped process dies of
 * SIGKILL only).
 *
 * The system's list of children lacks those that a fork server has made for a process: whoever asks knows of these from
 * the family's memory. That can be written by anyone in the family, so it is believed only of processes whose parent is a
 * fork server that this process has had to do with itself. Such a server is the family's, whoever has started it: it is in
 * nobody's tree, and what it has made for others is spared. Also lacking are descendants whose own parent is gone;
 * whoever has seen them before names them as further roots.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Kin, ThreadIdentity } from '../contract.ts';
import { identify, isAlive, readStat } from './liveness.ts';

/** The fork servers that have made children of this process, by pid. */
const forkServers = new Map<number, ThreadIdentity>();

/** A fork server has made this process. */
export function noteServed(pid: number): void {
	const server = readStat(pid)?.parent;
	if (server !== undefined) forkServers.set(server, identify(server));
}

function isForkServer(pid: number): boolean {
	const server = forkServers.get(pid);
	return server !== undefined && isAlive(server);
}

function isServed({ pid }: ThreadIdentity): boolean {
	return isForkServer(readStat(pid)?.parent ?? 0);
}

function relativesOf(pid: number, kin: Kin): number[] {
	const served = kin.servedFor(pid).filter((child) => isAlive(child) && isServed(child));
	return [...childrenOf(pid), ...served.map((child) => child.pid)];
}

/** It and all its descendants that run, `visit` called with each before its children are looked for. */
function follow(root: number, kin: Kin, visit: (pid: number) => void): number[] {
	const known = kin.orphans.filter((orphan) => isAlive(orphan) && !isForkServer(orphan.pid)).map(({ pid }) => pid);
	const tree = [...new Set([root, ...known])];
	for (const pid of tree) {
		visit(pid);
		for (const child of relativesOf(pid, kin)) {
			if (tree.includes(child) || isForkServer(child)) continue;
			if (readStat(child)?.dead === false) tree.push(child);
		}
	}
	return tree;
}

function childrenOf(pid: number): number[] {
	try {
		const threads = readdirSync(`/proc/${pid}/task`);
		return threads.flatMap((tid) => splitPids(readFileSync(`/proc/${pid}/task/${tid}/children`, 'utf8')));
	} catch {
		return readStat(pid) === null ? [] : scanForChildren(pid);
	}
}

function splitPids(text: string): number[] {
	return text.split(' ').filter(Boolean).map(Number);
}

/** For kernels without /proc/…/children. */
function scanForChildren(parent: number): number[] {
	const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
	return pids.filter((pid) => readStat(pid)?.parent === parent);
}

/** ESRCH: it has ended. EPERM: it has become another user's, and is out of reach; that must not save the others. */
const OUT_OF_REACH: readonly (string | undefined)[] = ['ESRCH', 'EPERM'];

function send(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal);
	} catch (error) {
		if (!OUT_OF_REACH.includes((error as NodeJS.ErrnoException).code)) throw error;
	}
}

export function signalTree(root: number, signal: NodeJS.Signals, kin: Kin): void {
	const tree = follow(root, kin, (pid) => send(pid, 'SIGSTOP')).reverse();
	for (const pid of tree) send(pid, signal);
	for (const pid of tree) send(pid, 'SIGCONT');
}

/** The last field of /proc/loadavg. */
export function newestPid(): number | null {
	try {
		return Number(readFileSync('/proc/loadavg', 'utf8').trimEnd().split(' ').at(-1));
	} catch {
		return null;
	}
}

/** A process that runs and its descendants that do, itself first. */
export function treeOf(root: number, kin: Kin): ThreadIdentity[] {
	const tree = follow(root, kin, () => {}).filter((pid) => pid !== root || readStat(pid)?.dead === false);
	return tree.map((pid) => identify(pid));
}

export function killDescendant(process: ThreadIdentity, kin: Kin): void {
	if (isAlive(process)) signalTree(process.pid, 'SIGKILL', kin);
}
