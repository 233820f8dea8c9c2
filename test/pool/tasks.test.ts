/** Single tasks: what they are, how they are called off, limited, tried again and put before each other. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { CancelledError, Queue, Task, TimeoutError, Value } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import { fixturePath } from '../house/root.ts';
import { closedGate, failureOf, finish, kinds, train, warmUp } from './kinds.ts';
import * as targets from './targets.ts';

checkLeaks(warmUp);

const { triple } = (await import(fixturePath('pool/slow-to-load.mjs'))) as { triple: (x: number) => number };

for (const kind of kinds) {
	const { name } = kind;

	test(`${name}: a task is a promise that can be asked whether it is settled, and how`, async () => {
		const pool = kind.make(1);
		const gate = closedGate();
		const task = pool.apply(targets.passGate, [gate, 'value']);
		assert.ok(task instanceof Task && task instanceof Promise);
		assert.equal(task.ready, false);
		assert.throws(() => task.successful(), {
			code: 'ERR_MP_TASK_STATE',
			message: /^successful: passGate is not settled yet/,
		});
		gate.release();
		assert.equal(await promptly(task), 'value');
		assert.deepEqual([task.ready, task.successful(), task.cancel()], [true, true, false]);
		const failing = pool.apply(targets.throwIt, ['thrown']);
		await assert.rejects(promptly(failing), (error) => error === 'thrown');
		assert.deepEqual([failing.ready, failing.successful(), failing.cancel()], [true, false, false]);
		await finish(pool);
	});

	test(`${name}: what then, catch and finally make of a task is a promise like any other`, async () => {
		const pool = kind.make(1);
		const task = pool.apply(targets.square, [3]);
		for (const made of [task.then((x) => x), task.catch(() => {}), task.finally(() => {})]) {
			assert.equal(made.constructor, Promise);
			assert.equal(made instanceof Task, false);
		}
		assert.equal(await promptly(task.then((x) => x + 1)), 10);
		assert.deepEqual(await promptly(Promise.all([task, pool.apply(targets.add, [1, 2])])), [9, 3]);
		await finish(pool);
	});

	test(`${name}: a task names its worker while it runs, and neither before nor after`, async () => {
		const pool = kind.make(1);
		const line = new Queue<number>();
		const gate = closedGate();
		const runs = pool.apply(targets.sayAndLock, [line, gate]);
		const waits = pool.apply(targets.whoAmI);
		const pid = await promptly(line.get());
		assert.deepEqual([runs.worker?.pid, waits.worker], [pid, undefined]);
		assert.deepEqual(pool.pids, [pid]);
		gate.release();
		assert.equal(await promptly(waits), pid);
		assert.deepEqual([runs.worker, waits.worker], [undefined, undefined]);
		await finish(pool);
	});

	test(`${name}: an asynchronous function's task is its result; a synchronous one's too`, async () => {
		const pool = kind.make(2);
		const both: number[] = await promptly(
			Promise.all([pool.apply(targets.squareLater, [5]), pool.apply(targets.square, [6])]),
		);
		assert.deepEqual(both, [25, 36]);
		await finish(pool);
	});

	test(`${name}: arguments are those of the call, whatever becomes of them afterwards`, async () => {
		const pool = kind.make(1);
		const list = [1, 2, 3];
		const task = pool.apply(targets.identity, [list]);
		list.push(4);
		assert.deepEqual(await promptly(task), [1, 2, 3]);
		await finish(pool);
	});

	test(`${name}: a waiting task that is called off never runs, and no worker ends for it`, async () => {
		for (const isSentAhead of [false, true]) {
			const pool = kind.make(1);
			const log = new Queue();
			const line = new Queue<number>();
			const gate = closedGate();
			await promptly(pool.ready);
			if (isSentAhead) await train(pool);
			const { pids } = pool;
			const first = pool.apply(targets.sayAndLock, [line, gate]);
			const tasks = ['a', 'b', 'c', 'd'].map((letter) => pool.apply(targets.note, [log, letter]));
			await promptly(line.get());
			assert.equal(pool.stats().queued, 4);
			assert.deepEqual([tasks[0]!.cancel(), tasks[2]!.cancel('a reason')], [true, true]);
			assert.equal(pool.stats().queued, 2);
			const error = await failureOf(tasks[0]!);
			assert.ok(error instanceof CancelledError);
			assert.equal(error.message, 'note was called off.');
			await assert.rejects(tasks[2]!, (reason) => reason === 'a reason');
			gate.release();
			assert.deepEqual(await promptly(Promise.all([tasks[1], tasks[3]])), ['b', 'd']);
			await promptly(first);
			assert.deepEqual([log.getNowait(), log.getNowait(), log.empty()], ['b', 'd', true]);
			assert.deepEqual(pool.pids, pids);
			await finish(pool);
		}
	});

	test(`${name}: calling off a running task ends exactly its worker; what was sent ahead to it is done by others`, async () => {
		const pool = kind.make(2);
		const line = new Queue<number>();
		const gate = closedGate();
		await promptly(pool.ready);
		await train(pool);
		const endless = pool.apply(targets.sayAndSpin, [line]);
		const victim = await promptly(line.get());
		const other = pool.apply(targets.sayAndLock, [line, gate]);
		const survivor = await promptly(line.get());
		const ahead = Array.from({ length: 10 }, (_, i) => pool.apply(targets.square, [i]));
		assert.equal(endless.cancel(), true);
		assert.equal(endless.cancel(), false);
		await assert.rejects(endless, { name: 'CancelledError', message: 'sayAndSpin was called off.' });
		assert.deepEqual(
			await promptly(Promise.all(ahead)),
			ahead.map((_, i) => i * i),
		);
		gate.release();
		assert.equal(await promptly(other), survivor);
		assert.ok(pool.pids.includes(survivor) && !pool.pids.includes(victim));
		await finish(pool);
	});

	test(`${name}: a task that runs is ended also while the report of the one before is still on its way`, async () => {
		const pool = kind.make(1);
		const line = new Queue<number>();
		await promptly(pool.ready);
		await train(pool);
		const before = pool.apply(targets.square, [3]);
		const endless = pool.apply(targets.sayAndSpin, [line]);
		const pid = line.getSync({ timeout: 10_000 }); // this thread's event loop has not turned meanwhile
		assert.equal(endless.cancel(), true);
		await assert.rejects(endless, { name: 'CancelledError' });
		assert.equal(await promptly(before), 9);
		assert.notEqual(await promptly(pool.apply(targets.whoAmI)), pid);
		await finish(pool);
	});

	test(`${name}: a task that nobody awaits may be called off without harm`, async () => {
		const pool = kind.make(1);
		pool.apply(targets.never).cancel();
		pool.map(targets.square, [1, 2, 3]).cancel();
		assert.equal(await promptly(pool.apply(targets.square, [4])), 16);
		await finish(pool);
	});

	test(`${name}: a task that runs for too long rejects, and exactly its worker ends`, async () => {
		const pool = kind.make(2);
		const line = new Queue<number>();
		const gate = closedGate();
		const other = pool.apply(targets.sayAndLock, [line, gate]);
		const survivor = await promptly(line.get());
		for (const target of [targets.sayAndSpin, targets.sayAndWait]) {
			const start = performance.now();
			const error = await failureOf(pool.apply(target, [line], { timeout: 60 }));
			assert.ok(error instanceof TimeoutError);
			assert.ok(performance.now() - start >= 59);
			const victim = await promptly(line.get());
			const what = `${target.name} did not return within 60 ms; its worker (${victim}) was killed.`;
			assert.match(error.message, /^(?:Thread)?Pool-\d+: /);
			assert.ok(error.message.endsWith(what), error.message);
			assert.equal(await promptly(pool.apply(targets.square, [3])), 9);
			assert.ok(!pool.pids.includes(victim));
		}
		gate.release();
		assert.equal(await promptly(other), survivor);
		await finish(pool);
	});

	test(`${name}: a task's time does not begin while it waits, neither here nor at its worker`, async () => {
		for (const isSentAhead of [false, true]) {
			const pool = kind.make(1);
			await promptly(pool.ready);
			if (isSentAhead) await train(pool);
			const before = pool.apply(targets.spinFor, [400]);
			const tasks = [1, 2, 3].map((i) => pool.apply(targets.square, [i], { timeout: 200 }));
			assert.deepEqual(await promptly(Promise.all(tasks)), [1, 4, 9]);
			await before;
			await finish(pool);
		}
	});

	test(`${name}: nor while its worker starts, or loads the task's module`, async () => {
		const slow = (): void => {
			const end = performance.now() + 300;
			while (performance.now() < end);
		};
		const pool = kind.make(1, { initializer: slow });
		assert.equal(await promptly(pool.apply(triple, [7], { timeout: 150 })), 21);
		await finish(pool);
	});

	test(`${name}: a time limit leaves nothing behind that keeps a task's worker from the next`, async () => {
		const pool = kind.make(1);
		const tasks = Array.from({ length: 100 }, (_, i) => pool.apply(targets.square, [i], { timeout: 10_000 }));
		await promptly(Promise.all(tasks));
		assert.equal(await promptly(pool.apply(targets.spinFor, [50])), 50);
		await finish(pool);
	});

	test(`${name}: a signal calls a task off, waiting or running, and its reason is the error`, async () => {
		const pool = kind.make(1);
		const line = new Queue<number>();
		const reason = new Error('enough');
		const [early, running, waiting] = [AbortSignal.abort(reason), new AbortController(), new AbortController()];
		assert.equal(await failureOf(pool.apply(targets.square, [1], { signal: early })), reason);
		assert.equal(await failureOf(pool.map(targets.square, [1], { signal: early })), reason);
		assert.equal(await failureOf(pool.imap(targets.square, [1], { signal: early }).next()), reason);
		const runs = pool.apply(targets.sayAndSpin, [line], { signal: running.signal });
		const waits = pool.apply(targets.square, [1], { signal: waiting.signal });
		const pid = await promptly(line.get());
		waiting.abort('not this one');
		await assert.rejects(promptly(waits), (error) => error === 'not this one');
		assert.deepEqual(pool.pids, [pid]);
		running.abort(reason);
		assert.equal(await failureOf(runs), reason);
		assert.notEqual(await promptly(pool.apply(targets.whoAmI)), pid);
		await finish(pool);
	});

	test(`${name}: a signal has no listener left when its tasks are settled`, async () => {
		const pool = kind.make(1);
		const { signal } = new AbortController();
		const options = { signal };
		await promptly(pool.apply(targets.square, [1], options));
		await failureOf(pool.apply(targets.throwIt, [1], options));
		await promptly(pool.map(targets.square, [1, 2], options));
		for await (const _ of pool.imap(targets.square, [1, 2], options));
		for await (const _ of pool.imap(targets.square, [1, 2, 3], options)) break;
		assert.deepEqual(getEventListeners(signal, 'abort'), []);
		await finish(pool);
	});

	test(`${name}: a task with retries runs again after an error, a death, and its time running out`, async () => {
		const pool = kind.make(1);
		for (const how of ['throws', 'dies', 'spins'] as const) {
			const limits = { retries: 2, ...(how === 'spins' ? { timeout: 50 } : {}) };
			assert.equal(await promptly(pool.apply(targets.failTimes, [2, how, new Value('i')], limits)), 3);
			const calls = new Value('i');
			const error = await failureOf(pool.apply(targets.failTimes, [99, how, calls], limits));
			const expected = { throws: 'RangeError', dies: 'WorkerDiedError', spins: 'TimeoutError' };
			assert.equal(error.name, expected[how]);
			if (how === 'throws') assert.equal(error.message, 'call 2');
			assert.equal(calls.value, 3);
		}
		await finish(pool);
	});

	test(`${name}: calling off a task ends its retries`, async () => {
		const pool = kind.make(1);
		const line = new Queue<number>();
		const task = pool.apply(targets.sayAndSpin, [line], { retries: 5 });
		await promptly(line.get());
		task.cancel();
		await assert.rejects(task, { name: 'CancelledError' });
		assert.equal(await promptly(pool.apply(targets.square, [2])), 4);
		assert.ok(line.empty());
		await finish(pool);
	});

	test(`${name}: of waiting tasks the one with the highest priority begins first, also before those sent ahead`, async () => {
		for (const isSentAhead of [false, true]) {
			const pool = kind.make(1);
			const log = new Queue();
			const line = new Queue<number>();
			const gate = closedGate();
			await promptly(pool.ready);
			if (isSentAhead) await train(pool);
			const first = pool.apply(targets.sayAndLock, [line, gate]);
			await promptly(line.get());
			const tasks = [0, 1, -1, 0, 2.5, 1, Number.POSITIVE_INFINITY, -1].map((priority, i) =>
				pool.apply(targets.note, [log, `${priority}#${i}`], { priority }),
			);
			gate.release();
			await promptly(Promise.all([first, ...tasks]));
			const order = tasks.map(() => log.getNowait());
			assert.deepEqual(order, ['Infinity#6', '2.5#4', '1#1', '1#5', '0#0', '0#3', '-1#2', '-1#7']);
			await finish(pool);
		}
	});

	test(`${name}: a task that is tried again comes before those of its priority that wait`, async () => {
		const pool = kind.make(1);
		const log = new Queue();
		const noted = (to: Queue, calls: Value<'i'>): void => {
			to.putSync('retried');
			if (calls.add(1) === 0) throw new Error('once more');
		};
		const tasks = [
			pool.apply(targets.spinFor, [100]), // so that nothing is sent ahead
			pool.apply(noted, [log, new Value('i')], { retries: 1 }),
			pool.apply(targets.note, [log, 'later']),
		];
		await promptly(Promise.all<unknown>(tasks));
		assert.deepEqual([log.getNowait(), log.getNowait(), log.getNowait()], ['retried', 'retried', 'later']);
		await finish(pool);
	});

	test(`${name}: the figures tell what was done, what failed, what waits and what took longest`, async () => {
		const pool = kind.make(2, { name: 'figures' });
		const line = new Queue<number>();
		const gate = closedGate();
		await promptly(pool.map(targets.square, [1, 2, 3, 4], { chunksize: 2 }));
		await failureOf(
			pool.map(targets.failIf as (x: number) => number, [1, 2, 3], { chunksize: 3 }).then(() => {
				throw new Error('failed for the sake of the test');
			}),
		);
		await failureOf(pool.apply(targets.throwIt, [1]));
		await promptly(pool.apply(targets.spinFor, [100]));
		const running = [pool.apply(targets.sayAndLock, [line, gate]), pool.apply(targets.sayAndLock, [line, gate])];
		await promptly(Promise.all([line.get(), line.get()]));
		const waiting = [pool.apply(targets.square, [1]), pool.map(targets.square, [1, 2, 3], { chunksize: 3 })];
		const { workers, queued, running: busy, done, failed, slowest } = pool.stats();
		assert.deepEqual({ queued, busy, done, failed }, { queued: 4, busy: 2, done: 8, failed: 1 });
		assert.deepEqual(workers.map(({ pid }) => pid).sort(), pool.pids.sort());
		assert.equal(
			workers.reduce((sum, { tasks }) => sum + tasks, 0),
			9,
		);
		for (const worker of workers) assert.ok(worker.startup > 0 && worker.busy >= 0 && worker.waiting >= 0);
		assert.equal(slowest[0]?.task, 'spinFor');
		assert.ok(slowest[0].ms >= 99 && slowest.length <= 5);
		gate.release();
		await promptly(Promise.all<unknown>([...running, ...waiting]));
		await finish(pool);
	});
}
