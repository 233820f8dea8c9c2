/** Limits of a pool's workers, and of its tasks: what passes one costs a worker and the task it ran, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pool, type PoolOptions, ThreadPool, WorkerDiedError } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import { methods } from '../parity/methods.ts';
import { leakBuffers, leakObjects, sleepForEver, spin } from '../process/limit-targets.ts';
import { finish, warmUp } from './kinds.ts';

const MIB: number = 2 ** 20;

checkLeaks(warmUp);

async function dies(task: Promise<unknown>, reason: string, message: RegExp): Promise<void> {
	await assert.rejects(promptly(task), (error) => {
		assert.ok(error instanceof WorkerDiedError, String(error));
		assert.equal(error.reason, reason);
		assert.match(error.message, message);
		return true;
	});
}

for (const method of methods) {
	test(`${method}: a worker with limits dies of them under its task, and another one goes on`, async () => {
		const pool = new Pool(1, { context: method, name: 'P', limits: { memory: 128 * MIB, cpuTime: 60_000 } });
		const message =
			/^P: process \d+ was killed by SIG\w+ while it ran leak\w+\. It had more memory than limits\.memory/;
		await dies(pool.apply(leakBuffers), 'memory', message);
		await dies(pool.apply(leakObjects), 'memory', message);
		assert.equal(await promptly(pool.apply(Math.sqrt, [9])), 3);
		await finish(pool);
	});

	test(`${method}: tasks have limits of their own, measured while they run`, async () => {
		const pool = new Pool(1, { context: method });
		assert.equal(await promptly(pool.apply(Math.sqrt, [4], { limits: { wallTime: 60_000, memory: 256 * MIB } })), 2);
		await dies(pool.apply(sleepForEver, [], { limits: { wallTime: 100 } }), 'wallTime', /limits\.wallTime allows/);
		await dies(pool.apply(spin, [], { limits: { cpuTime: 100 } }), 'cpuTime', /limits\.cpuTime allows/);
		await dies(pool.apply(leakBuffers, [], { limits: { memory: 128 * MIB } }), 'memory', /limits\.memory allows/);
		await dies(pool.map(sleepForEver, [1], { limits: { wallTime: 100 } }), 'wallTime', /sleepForEver, item 0/);
		assert.equal(await promptly(pool.apply(Math.sqrt, [9])), 3);
		await finish(pool);
	});
}

test('a task that has passed a limit is run again if it may be', async () => {
	const pool = new Pool(1);
	const task = pool.apply(sleepForEver, [], { limits: { wallTime: 100 }, retries: 1 });
	await promptly(pool.ready);
	const [first] = pool.pids;
	await dies(task, 'wallTime', new RegExp(`process (?!${first}\\b)\\d+ was killed`));
	await finish(pool);
});

test('limits that cannot be are errors, and threads have none', async () => {
	const pool = (options: object) => () => new Pool(1, options as PoolOptions);
	assert.throws(pool({ limits: { memory: 1 } }), { name: 'RangeError', message: /^new Pool: limits\.memory must be/ });
	assert.throws(pool({ limits: { cores: 1 } }), { name: 'TypeError', message: /unknown option "cores"/ });
	assert.throws(() => new ThreadPool(1, { limits: { memory: 64 * MIB } }), {
		name: 'TypeError',
		message: "new ThreadPool: threads cannot have limits, which are a process's; use Pool instead of ThreadPool",
	});
	const threads = new ThreadPool(1);
	await assert.rejects(async () => await threads.apply(Math.sqrt, [4], { limits: { wallTime: 1 } }), {
		name: 'TypeError',
		message: /^apply: threads cannot have limits/,
	});
	await assert.rejects(async () => await threads.apply(Math.sqrt, [4], { limits: { openFiles: 99 } as object }), {
		name: 'TypeError',
		message: 'apply: limits: unknown option "openFiles"; there are memory, cpuTime, wallTime',
	});
	await finish(threads);
});
