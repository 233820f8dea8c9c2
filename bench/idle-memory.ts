/** What an idle child costs, as the kernel accounts for it. Linux only. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { getContext, type StartMethod } from 'polyproc';
import { median } from './measure.ts';

const COUNT = 6;
/** Milliseconds until a child that has been started does nothing any more. */
const SETTLES = 500;

export async function idle(): Promise<void> {
	await sleep(60_000);
}

/** Megabytes of one of some children of the same kind: shared pages divided among those that share them, and pages of its own. */
export async function idleMemory(method: StartMethod): Promise<{ pss: number; private: number }> {
	const { Process } = getContext(method);
	const children = Array.from({ length: COUNT }, () => new Process({ target: idle }));
	await Promise.all(children.map((child) => child.start()));
	await sleep(SETTLES);
	const seen = children.map((child) => memoryOf(child.pid as number));
	for (const child of children) {
		child.terminate();
		await child.join();
	}
	return { pss: median(seen.map(({ pss }) => pss)), private: median(seen.map((one) => one.private)) };
}

function memoryOf(pid: number): { pss: number; private: number } {
	const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
	const megabytes = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(text)?.[1]) / 1000;
	return { pss: megabytes('Pss'), private: megabytes('Private_Clean') + megabytes('Private_Dirty') };
}
