// Round after round, a stream of tasks goes through a pool of three workers that are killed at random moments. Whatever
// they were doing, every task settles exactly once, with the value it should have: those that died are begun again.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMain, Pool, RawArray } from 'polyproc';
import { DURATION, Random, SEED } from './random.ts';

const ROUNDS = 60;
const TASKS = 5000;
const SIZE = 3;
const KILLS = 20;
const LONGEST_LIFE = 60;
/** More than one task can die of. */
const RETRIES = KILLS;
/** Nothing takes longer, in milliseconds, or something has been lost. */
const PATIENCE = 60_000;

/** Some answer at once, some take a while, some are long. */
export function answer(begun: RawArray<'i'>, number: number, text: string): string {
	Atomics.add(begun.view, number, 1);
	const end = performance.now() + (number % 100 === 0 ? 5 : number % 10 === 0 ? 0.5 : 0);
	while (performance.now() < end);
	return `${number}:${text.length}`;
}

export function double(n: number): number {
	return 2 * n;
}

/** Whether it was still there: 1 or 0. */
function shoot(pid: number): number {
	try {
		process.kill(pid, 'SIGKILL');
		return 1;
	} catch (error) {
		assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
		return 0;
	}
}

/** Kills workers until it is told to stop. How many there were. */
async function kill(pool: Pool, random: Random, state: { isOver: boolean }): Promise<number> {
	let killed = 0;
	while (killed < KILLS && !state.isOver) {
		await sleep(random.below(LONGEST_LIFE));
		const { pids } = pool;
		if (state.isOver || pids.length === 0) continue;
		killed += shoot(pids[random.below(pids.length)]!);
	}
	return killed;
}

async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
	const late = new AbortController();
	const timeout = sleep(PATIENCE, undefined, { signal: late.signal }).then(
		() => assert.fail(`${what} takes more than ${PATIENCE} ms`),
		() => assert.fail('it was in time'),
	);
	try {
		return await Promise.race([promise, timeout]);
	} finally {
		timeout.catch(() => {});
		late.abort();
	}
}

async function play(seed: number): Promise<{ killed: number; again: number }> {
	const random = new Random(seed);
	const begun = new RawArray('i', TASKS);
	const settled = new Array<number>(TASKS).fill(0);
	const pool = new Pool(SIZE);
	const state = { isOver: false };
	const killing = kill(pool, random, state);
	const tasks = Array.from({ length: TASKS }, (_, number) => {
		const text = 'x'.repeat(random.below(50) === 0 ? random.below(200_000) : random.below(100));
		const priority = random.below(3);
		const task = pool.apply(answer, [begun, number, text], { retries: RETRIES, priority });
		return task.then((value) => {
			settled[number]! += 1;
			assert.equal(value, `${number}:${text.length}`);
		});
	});
	const items = Array.from({ length: TASKS }, (_, i) => i);
	const [, doubles] = await inTime(
		'a round',
		Promise.all([Promise.all(tasks), pool.map(double, items, { retries: RETRIES })]),
	);
	state.isOver = true;
	const killed = await killing;
	assert.deepEqual(doubles, items.map(double));
	assert.ok(settled.every((times) => times === 1));
	pool.close();
	assert.equal(await pool.join(PATIENCE), true, 'the pool does not end');
	const again = begun.view.reduce((sum, times) => sum + times - 1, 0);
	assert.ok(begun.view.every((times) => times >= 1));
	assert.ok(again <= killed, `${again} tasks were begun again, and ${killed} workers were killed`);
	return { killed, again };
}

async function main(): Promise<void> {
	const end = performance.now() + DURATION;
	let [rounds, killed, again] = [0, 0, 0];
	for (; rounds < ROUNDS && (performance.now() < end || rounds < 2); rounds++) {
		const seed = SEED + rounds * 1000;
		try {
			const outcome = await play(seed);
			killed += outcome.killed;
			again += outcome.again;
		} catch (error) {
			console.error(`round ${rounds}, seed ${seed}:`, error);
			process.exit(1);
		}
	}
	console.log(
		`  ${rounds} rounds, ${killed} workers killed: ${rounds * TASKS} tasks settled once, ${again} had to begin again`,
	);
}

if (isMain(import.meta)) await main();
