// A parent with ten children that work with locks and pipes is killed in the middle. Within two seconds there is no
// process of theirs, no segment, and no file of ours.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Connection, isMain, Lock, Pipe, Process, RLock } from 'polyproc';
import { DURATION, Random, SEED } from './random.ts';
import { ours, runningWith } from './remains.ts';

const CHILDREN = 10;
const LIMIT = 2000;
const LONGEST_LIFE = 400;
const MARK = 'POLYPROC_SOAK_FAMILY';
const MOST_ROUNDS = 50;

/** Uses everything there is, in no order, for ever. */
export async function work(seed: number, locks: (Lock | RLock)[], to: Connection, from: Connection): Promise<void> {
	const random = new Random(seed);
	for (;;) {
		const lock = random.pick<Lock | RLock>(locks as [Lock, RLock]);
		if (random.below(2) === 0) lock.acquireSync();
		else await lock.acquire();
		await Promise.all([to.sendBytes(Buffer.alloc(random.below(4) === 0 ? 300_000 : 100)), from.recvBytes()]);
		lock.release();
	}
}

/** The parent that will be killed. */
async function beParent(seed: number): Promise<void> {
	const locks = [new Lock(), new RLock()];
	const pipes = Array.from({ length: CHILDREN }, () => Pipe());
	const children = pipes.map(([here, there], i) => new Process({ target: work, args: [seed + i, locks, here, there] }));
	await Promise.all(children.map((child) => child.start()));
	console.log('ready');
	setInterval(() => undefined, 1e6);
}

async function round(random: Random, mark: string): Promise<number> {
	const before = ours();
	const parent = spawn(
		process.execPath,
		[fileURLToPath(import.meta.url), String(random.below(2 ** 31)), '0', 'parent'],
		{
			env: { ...process.env, [MARK]: mark },
			stdio: ['ignore', 'pipe', 'inherit'],
		},
	);
	await new Promise((resolve) => parent.stdout.once('data', resolve));
	await sleep(random.below(LONGEST_LIFE));
	assert.ok(runningWith(`${MARK}=${mark}`).length > CHILDREN, 'the family is complete');
	const start = performance.now();
	parent.kill('SIGKILL');
	for (;;) {
		const left = [...runningWith(`${MARK}=${mark}`), ...ours().filter((name) => !before.includes(name))];
		const waited = performance.now() - start;
		if (left.length === 0) return waited;
		assert.ok(waited < LIMIT, `left after ${LIMIT} ms: ${left}`);
		await sleep(5);
	}
}

async function main(): Promise<void> {
	const random = new Random(SEED);
	const end = performance.now() + DURATION;
	let rounds = 0;
	let longest = 0;
	while (performance.now() < end && rounds < MOST_ROUNDS) {
		longest = Math.max(longest, await round(random, `${process.pid}-${rounds++}`));
	}
	console.log(`  ${rounds} families killed; everything was gone after at most ${Math.round(longest)} ms`);
}

if (isMain(import.meta)) await (process.argv[4] === 'parent' ? beParent(SEED) : main());
