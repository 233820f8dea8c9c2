/**
 * A signal for a process and all its descendants. Each is stopped before its children are listed, so none can start
 * another one unseen; they are signalled when the whole tree stands still, and resumed (a stopped process dies of
 * SIGKILL only). Descendants whose own parent is gone already are not found: the lifeline has seen to them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { readStat } from './liveness.ts';

function childrenOf(pid: number): number[] {
	try {
		const threads = readdirSync(`/proc/${pid}/task`);
		return threads.flatMap((tid) => splitPids(readFileSync(`/proc/${pid}/task/${tid}/children`, 'latin1')));
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

function send(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
	}
}

/** Every descendant of `root` and itself, stopped, the root first. */
function stopTree(root: number): number[] {
	const tree = [root];
	for (const pid of tree) {
		send(pid, 'SIGSTOP');
		for (const child of childrenOf(pid)) {
			if (!tree.includes(child) && readStat(child)?.dead === false) tree.push(child);
		}
	}
	return tree;
}

export function signalTree(root: number, signal: NodeJS.Signals): void {
	const tree = stopTree(root).reverse();
	for (const pid of tree) send(pid, signal);
	for (const pid of tree) send(pid, 'SIGCONT');
}
