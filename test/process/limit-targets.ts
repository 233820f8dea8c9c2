/** Children that do what their limits forbid, or try to get round them. */
import { spawn, spawnSync } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { type Connection, getContext, type Lock } from 'polyproc';

function tell(value: unknown): void {
	console.log(JSON.stringify(value));
}

export function doNothing(): void {}

export function leakObjects(): never {
	const kept: unknown[] = [];
	for (;;) kept.push(new Array(1000).fill(kept.length));
}

export function leakBuffers(): never {
	const kept: Buffer[] = [];
	for (;;) kept.push(Buffer.alloc(2 ** 20, 1));
}

/** Far more garbage than it may have memory, and little at a time. */
export function makeGarbage(): void {
	for (let i = 0; i < 300; i++) new Array(131_072).fill(i);
}

export function allocateTooMuch(): void {
	try {
		Buffer.alloc(2 ** 31 - 1);
	} catch (error) {
		tell((error as Error).name);
	}
}

export function abort(): void {
	process.abort();
}

export function spinThroughSignals(): void {
	for (const signal of ['SIGXCPU', 'SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});
	setInterval(spinForAWhile, 0);
}

function spinForAWhile(): void {
	const end = performance.now() + 50;
	while (performance.now() < end);
}

export function spin(): never {
	for (;;);
}

export function sleepThroughSignals(): void {
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGALRM'] as const) process.on(signal, () => {});
	setInterval(() => {}, 1e6);
}

export function sleepForEver(): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

export async function sleepWith(connection: Connection): Promise<void> {
	await connection.send('here');
	sleepForEver();
}

export async function sleepHolding(lock: Lock, connection: Connection): Promise<void> {
	lock.acquireSync();
	await connection.send('here');
	sleepForEver();
}

export function openFiles(): void {
	let count = 0;
	try {
		for (;;) {
			openSync('/dev/null', 'r');
			count += 1;
		}
	} catch (error) {
		tell([(error as NodeJS.ErrnoException).code, count]);
	}
}

export function tellLimits(): void {
	const text = readFileSync('/proc/self/limits', 'latin1');
	const row = (name: string): (string | undefined)[] =>
		new RegExp(`^${name} +(\\S+) +(\\S+)`, 'm').exec(text)?.slice(1) ?? [];
	tell({ cpu: row('Max cpu time'), files: row('Max open files') });
}

/** Starts `count` processes at a time, and tells how they end, when all but `left` have. */
export async function startMany(count: number, left: number): Promise<void> {
	const ends: (string | null)[] = [];
	await new Promise<void>((resolve) => {
		for (let i = 0; i < count; i++) {
			spawn('sleep', ['1000'], { stdio: 'ignore' }).on('exit', (_code, signal) => {
				ends.push(signal);
				if (ends.length === count - left) resolve();
			});
		}
	});
	tell(ends);
	process.exit(0);
}

/** A child of Node's, one of polyproc's, one in a session of its own; then sleeps. */
export async function sleepAboveOthers(connection: Connection): Promise<void> {
	const plain = spawn('sleep', ['1000'], { stdio: 'ignore' });
	const apart = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
	const served = new (getContext('forkserver').Process)({ target: sleepForEver, detached: true });
	await served.start();
	await connection.send([plain.pid, apart.pid, served.pid]);
	sleepForEver();
}

/** The same with a process whose own parent has gone. */
export async function sleepAboveOrphan(connection: Connection): Promise<void> {
	const { stdout } = spawnSync('sh', ['-c', 'sleep 1000 >/dev/null 2>&1 & echo $!'], { encoding: 'utf8' });
	await connection.send([Number(stdout)]);
	sleepForEver();
}

/** Ends at once, and leaves a process behind. */
export async function leaveOneBehind(connection: Connection): Promise<void> {
	const { pid } = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
	await connection.send([pid]);
	await connection.recv();
	process.exit(0);
}
