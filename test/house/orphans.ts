/** Programs that are killed, and what is left of them. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setImmediate as turn } from 'node:timers/promises';

/** Milliseconds within which everything must be gone. */
const LIMIT = 2000;

/** Processes by a mark in their environment: also those whose pids nobody had the time to tell. */
export function marked(mark: string): number[] {
	const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
	return pids.filter((pid) => environmentOf(pid).includes(mark) && isRunning(pid));
}

function environmentOf(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/environ`, 'latin1');
	} catch {
		return '';
	}
}

export function isRunning(pid: number): boolean {
	try {
		return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
	} catch {
		return false;
	}
}

export async function allGone(pids: () => number[]): Promise<number> {
	const start = performance.now();
	while (pids().length > 0) {
		const waited = performance.now() - start;
		assert.ok(waited < LIMIT, `still running after ${LIMIT} ms: ${pids()}`);
		await turn();
	}
	return performance.now() - start;
}

/** The pids a program tells until it says that it is ready. */
export async function pidsUntilReady(parent: ChildProcess): Promise<number[]> {
	const pids: number[] = [];
	for await (const line of createInterface({ input: parent.stdout as NodeJS.ReadableStream })) {
		if (line === 'ready') return pids;
		pids.push(Number(line));
	}
	return pids;
}

export async function kill(parent: ChildProcess): Promise<void> {
	const ended = new Promise((resolve) => parent.once('exit', resolve));
	parent.kill('SIGKILL');
	await ended;
}
