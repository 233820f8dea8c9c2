/** Workers: how they begin, how they are replaced, and what ends with them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Lock, Queue } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { promptly } from '../house/promptly.ts';
import { fixturePath } from '../house/root.ts';
import { type AnyPool, failureOf, finish, kinds, train, warmUp } from './kinds.ts';
import * as targets from './targets.ts';

checkLeaks(warmUp);

/** Nothing of a family is left after this, in milliseconds. */
const SOON = 2000;

function isRunning(pid: number): boolean {
	try {
		return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
	} catch {
		return false;
	}
}

async function gone(pids: number[]): Promise<void> {
	const start = performance.now();
	while (pids.some(isRunning)) {
		assert.ok(performance.now() - start < SOON, `${pids.filter(isRunning)} are still there`);
		await turn();
	}
}

/** Until as many workers are there as should be, all of them ready. */
async function isComplete(pool: AnyPool): Promise<void> {
	while (pool.pids.length < pool.processes) await turn();
}

for (const kind of kinds) {
	const { name, isThreads } = kind;

	test(`${name}: a pool is ready when all its workers are, each another one`, async () => {
		const pool = kind.make(3);
		await promptly(pool.ready);
		assert.deepEqual([pool.processes, new Set(pool.pids).size], [3, 3]);
		await finish(pool);
		assert.deepEqual(pool.pids, []);
	});

	test(`${name}: the initializer runs once in each worker, before its first task, with its arguments`, async () => {
		const log = new Queue<number>();
		const initializer = (to: Queue<number>, value: string): void => {
			to.putSync(process.pid);
			targets.setTo(value);
		};
		const pool = kind.make(2, { initializer, initargs: [log, 'as it was'] });
		for (const told of await promptly(pool.map(targets.tellSet, [1, 2, 3, 4, 5, 6], { chunksize: 1 }))) {
			assert.equal(told, 'as it was');
		}
		await promptly(pool.ready);
		assert.equal(log.qsize(), 2);
		await finish(pool);
		assert.equal(log.qsize(), 2);
	});

	test(`${name}: an initializer may be asynchronous: tasks wait for it`, async () => {
		const initializer = async (): Promise<void> => {
			await targets.squareLater(1);
			targets.setTo('later');
		};
		const pool = kind.make(1, { initializer });
		assert.equal(await promptly(pool.apply(targets.tellSet)), 'later');
		await finish(pool);
	});

	test(`${name}: after so many tasks a worker is replaced, and every task is answered`, async () => {
		const pool = kind.make(2, { maxTasksPerChild: 5 });
		const pids: number[] = [];
		for (let round = 0; round < 3; round++) {
			const tasks = Array.from({ length: 20 }, () => pool.apply(targets.whoAmI));
			pids.push(...(await promptly(Promise.all(tasks))));
		}
		const counts = new Map<number, number>();
		for (const pid of pids) counts.set(pid, (counts.get(pid) ?? 0) + 1);
		assert.ok(counts.size >= 12, `${counts.size} workers`);
		assert.ok([...counts.values()].every((tasks) => tasks <= 5));
		assert.equal(pids.length, 60);
		await finish(pool);
	});

	test(`${name}: so it is with one task each; a chunk counts as one`, async () => {
		const pool = kind.make(2, { maxTasksPerChild: 1 });
		const pids = await promptly(pool.map(targets.whoAmI, [1, 2, 3, 4, 5, 6, 7, 8], { chunksize: 2 }));
		assert.equal(new Set(pids).size, 4);
		for (let i = 0; i < 8; i += 2) assert.equal(pids[i], pids[i + 1]);
		const results = pool.imap(targets.square, [1, 2, 3, 4], { chunksize: 1 });
		const seen: number[] = [];
		for await (const result of results) seen.push(result);
		assert.deepEqual(seen, [1, 4, 9, 16]);
		await finish(pool);
	});

	test(`${name}: what failed counts as well, and a pool may be closed while workers are replaced`, async () => {
		const pool = kind.make(1, { maxTasksPerChild: 2 });
		const tasks = Array.from({ length: 7 }, (_, i) =>
			i % 2 === 0 ? pool.apply(targets.whoAmI) : failureOf(pool.apply(targets.throwIt, [i])),
		);
		const settled = Promise.all<unknown>(tasks);
		await finish(pool);
		assert.equal((await settled).length, 7);
	});

	test(`${name}: a worker that has grown too large is replaced after its task`, async () => {
		const limit = process.memoryUsage.rss() + 600e6; // threads have the process's memory
		const pool = kind.make(1, { maxMemoryPerChild: isThreads ? 1 : limit });
		const first = await promptly(pool.apply(targets.whoAmI));
		const again = await promptly(pool.apply(targets.whoAmI));
		assert.equal(again === first, !isThreads);
		if (!isThreads) {
			assert.equal(await promptly(pool.apply(targets.keep, [limit])), first);
			assert.notEqual(await promptly(pool.apply(targets.whoAmI)), first);
		}
		await finish(pool);
	});

	test(`${name}: an initializer that fails only later breaks the pool then: what waits is told, and nobody is started again`, async () => {
		const log = new Queue<number>();
		const pool = kind.make(1, {
			maxTasksPerChild: 1,
			initializer: targets.failLater,
			initargs: [log, new Lock(), 2],
		});
		await promptly(pool.ready);
		const outcomes = await promptly(
			Promise.allSettled(Array.from({ length: 6 }, (_, i) => pool.apply(targets.square, [i]))),
		);
		assert.deepEqual(
			outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.message)),
			[0, 1, ...Array.from({ length: 4 }, () => 'the initializer fails now')],
		);
		await assert.rejects(promptly(pool.apply(targets.square, [1])), { name: 'TypeError' });
		await finish(pool);
		assert.equal(log.qsize(), 3);
	});

	test(`${name}: workers that die before they are ready, three times in a row, break the pool`, async () => {
		const log = new Queue<number>();
		const pool = kind.make(1, { initializer: targets.tellAndExit, initargs: [log, 3] });
		await assert.rejects(promptly(pool.ready), {
			code: 'ERR_MP_START',
			message: /workers end before they are ready, again and again, the last one with exit code 3\./,
		});
		assert.equal(log.qsize(), 3);
		await finish(pool);
	});

	test(`${name}: an initializer or its arguments that cannot travel are named, and break the pool at once`, async () => {
		for (const [options, path] of [
			[{ initializer: targets.setTo, initargs: [1, { key: new WeakMap() }] }, 'initargs[1].key'],
			[{ initializer: (): void => void unpicklable }, 'initializer'],
		] as const) {
			const pool = kind.make(2, options);
			const error = await failureOf(pool.ready);
			assert.equal(error.name, 'PicklingError');
			assert.ok((error as { path?: string }).path?.startsWith(path), String((error as { path?: string }).path));
			assert.equal(await failureOf(pool.apply(targets.square, [1])), error);
			await finish(pool);
		}
	});

	if (isThreads) continue;

	test(`${name}: a worker that is killed while it has nothing to do is replaced, also again and again`, async () => {
		const pool = kind.make(2);
		await promptly(pool.ready);
		for (let round = 0; round < 4; round++) {
			const [victim] = pool.pids as [number];
			process.kill(victim, 'SIGKILL');
			while (pool.pids.includes(victim)) await turn();
			await promptly(isComplete(pool));
			assert.deepEqual(await promptly(pool.map(targets.square, [1, 2, 3])), [1, 4, 9]);
		}
		assert.equal(pool.stats().failed, 0);
		await finish(pool);
	});

	test(`${name}: what was sent ahead to a worker that is killed is done by another one`, async () => {
		const pool = kind.make(1);
		const line = new Queue<number>();
		await promptly(pool.ready);
		await train(pool);
		const victim = pool.apply(targets.sayAndSpin, [line]);
		const pid = await promptly(line.get());
		const ahead = Array.from({ length: 20 }, (_, i) => pool.apply(targets.square, [i]));
		process.kill(pid, 'SIGKILL');
		await assert.rejects(promptly(victim), { name: 'WorkerDiedError', pid, exitCode: -9, signal: 'SIGKILL' });
		assert.deepEqual(
			await promptly(Promise.all(ahead)),
			ahead.map((_, i) => i * i),
		);
		await finish(pool);
	});

	test(`${name}: a task may start processes, and learns how they ended`, async () => {
		const pool = kind.make(1);
		assert.equal(await promptly(pool.apply(targets.exitCodeOf, [7])), 7);
		await finish(pool);
	});

	for (const [how, end] of [
		['called off', (pool: AnyPool, task: { cancel(): boolean }) => void [pool, task.cancel()]],
		['killed by somebody', (pool: AnyPool) => void process.kill(pool.pids[0]!, 'SIGKILL')],
		['terminated with its pool', (pool: AnyPool) => void pool.terminate()],
	] as const) {
		test(`${name}: when its worker is ${how}, what a task has started is gone within two seconds`, async () => {
			const pool = kind.make(1);
			const line = new Queue<number>();
			const task = pool.apply(targets.startAndSpin, [line]);
			const failed = failureOf(task);
			const pids = [await promptly(line.get()), await promptly(line.get())];
			end(pool, task);
			await gone(pids);
			await failed;
			await promptly(pool.terminate());
		});
	}

	test(`${name}: a limit of time ends what a task has started as well`, async () => {
		const pool = kind.make(1);
		const line = new Queue<number>();
		const task = pool.apply(targets.startAndSpin, [line], { timeout: 1500 });
		const failed = failureOf(task);
		const pids = [await promptly(line.get()), await promptly(line.get())];
		assert.equal((await failed).name, 'TimeoutError');
		await gone(pids);
		await finish(pool);
	});

	test(`${name}: a pool in a task, with everything under it, is gone with its worker`, async () => {
		const pool = kind.make(1);
		const line = new Queue<number>();
		const nested = async (to: Queue<number>): Promise<void> => {
			const { Pool } = await import('polyproc');
			await new Pool(2).map(targets.sayAndSpin, [to, to], { chunksize: 1 });
		};
		const task = pool.apply(nested, [line]);
		const pids = [await promptly(line.get()), await promptly(line.get()), ...pool.pids];
		task.cancel();
		await assert.rejects(task, { name: 'CancelledError' });
		await gone(pids);
		await finish(pool);
	});

	test(`${name}: a worker is called by its pool and its number`, async () => {
		const pool = kind.make(1, { name: 'crew' });
		assert.equal(await promptly(pool.apply(targets.nameOfProcess)), 'crew:Worker-1');
		await finish(pool);
	});
}

const unpicklable = new WeakMap();

test('a heap that is full ends one worker of a process pool, which says so', async () => {
	for (const method of ['spawn', 'forkserver']) {
		const ended = await runProgram(fixturePath('pool/full-heap.mjs'), {
			args: [method],
			execArgv: ['--max-old-space-size=50'],
		});
		assert.deepEqual([ended.stdout, ended.code], ['WorkerDiedError SIGABRT true\n9\n', 0], ended.stderr);
	}
});
