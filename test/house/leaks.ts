/**
 * The leak check that ends every test file: processes, descriptors, shared memory and temporary files are the same
 * after the tests as before them. What the package keeps for as long as the process lives (its doorbell, its heap, the
 * event loop's own descriptors) is there *before*: the count starts after a warm-up that has used everything once.
 *
 * Endings are not instant: an exit is reaped a moment after it is seen. So the check looks again until things are as
 * they were, and fails only when they have stayed different for some seconds.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const PATIENCE = 5000;
const LOOK_AGAIN = 20;

/** What is compared: each kind as a sorted list of names, so that a difference says what leaked. */
interface Inventory {
	processes: string[];
	descriptors: string[];
	sharedMemory: string[];
	temporary: string[];
}

/**
 * Compares before and after all tests of the calling file. `warmUp` uses once whatever the file is going to use;
 * `patience` is how many milliseconds a difference may last.
 */
export function checkLeaks(warmUp: () => unknown = () => undefined, patience: number = PATIENCE): void {
	let atStart: Inventory;
	before(async () => {
		await once(spawn(process.execPath, ['--version'], { stdio: 'pipe' }), 'close'); // libuv's spare descriptor
		await warmUp();
		atStart = await settle(takeInventory());
	});
	after(async () => {
		await expectSame(atStart, patience);
	});
}

/** Two looks in a row that agree: a warm-up's own child may still be going. */
async function settle(first: Inventory): Promise<Inventory> {
	for (let seen = first, tries = 0; ; tries++) {
		await sleep(LOOK_AGAIN);
		const again = takeInventory();
		if (JSON.stringify(again) === JSON.stringify(seen) || tries > PATIENCE / LOOK_AGAIN) return again;
		seen = again;
	}
}

async function expectSame(start: Inventory, patience: number): Promise<void> {
	const end = performance.now() + patience;
	for (;;) {
		collectGarbage();
		const leaked = difference(start, takeInventory());
		if (leaked.length === 0) return;
		if (performance.now() > end) {
			endProcesses(leaked);
			process.exitCode = 1; // Node 22 and later print a failing hook of a whole file, but end with 0
			assert.fail(`left behind by the tests of this file:\n${leaked.join('\n')}`);
		}
		await sleep(LOOK_AGAIN);
	}
}

/** A child that was left behind would keep this file from ending, and so from telling about it. */
function endProcesses(leaked: string[]): void {
	for (const line of leaked) {
		const pid = /^processes: (\d+)/.exec(line)?.[1];
		if (pid !== undefined) process.kill(Number(pid), 'SIGKILL');
	}
}

/** What is there now and was not at the start, counted per name. */
function difference(start: Inventory, now: Inventory): string[] {
	return (Object.keys(now) as (keyof Inventory)[]).flatMap((kind) => {
		const known = [...start[kind]];
		return now[kind]
			.filter((name) => {
				const at = known.indexOf(name);
				if (at !== -1) known.splice(at, 1);
				return at === -1;
			})
			.map((name) => `${kind}: ${name}`);
	});
}

/** What this process has open and running at this moment. Empty where the system does not tell. */
export function takeInventory(): Inventory {
	return {
		processes: childProcesses(),
		descriptors: openDescriptors(),
		sharedMemory: list('/dev/shm').filter((name) => /polyproc|^psm_/.test(name)),
		temporary: list(tmpdir()).filter((name) => name.startsWith('polyproc-') && name.includes(`${process.pid}`)),
	};
}

function childProcesses(): string[] {
	return list('/proc/self/task').flatMap((thread) =>
		read(`/proc/self/task/${thread}/children`)
			.split(' ')
			.filter((pid) => pid !== '')
			.map((pid) => describe(pid, read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim())),
	);
}

/** The family's fork server may be another one later. */
function describe(pid: string, command: string): string {
	return /server\.cjs|server\/main\.js/.test(command) ? 'the fork server' : `${pid} ${command || '(a zombie)'}`;
}

/** By what they point to, without the numbers that the kernel makes up anew for every pipe and socket. */
function openDescriptors(): string[] {
	return list('/proc/self/fd')
		.map((fd) => link(`/proc/self/fd/${fd}`))
		.filter((target) => target !== '' && !target.startsWith('/proc/'))
		.map((target) => target.replace(/:\[\d+\]$/, ''))
		.sort();
}

/** Objects whose end is the collector's to find (a view of a closed segment) are let go first. */
function collectGarbage(): void {
	setFlagsFromString('--expose-gc');
	(runInNewContext('gc') as () => void)();
}

function list(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch {
		return []; // no such folder on this system
	}
}

function read(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return ''; // the process has just gone
	}
}

function link(file: string): string {
	try {
		return readlinkSync(file);
	} catch {
		return ''; // the descriptor that listed the folder
	}
}
