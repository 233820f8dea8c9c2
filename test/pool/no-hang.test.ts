/** Everything that makes CPython's pools hang: here each of it ends, soon, and with an error that says what it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lock, Queue, WorkerDiedError } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import { type AnyPool, finish, kinds, warmUp } from './kinds.ts';
import * as targets from './targets.ts';

checkLeaks(warmUp);

/** The pool answers, with as many workers as it should have. */
async function assertWell(pool: AnyPool): Promise<void> {
	assert.deepEqual(await promptly(pool.map(targets.square, [1, 2, 3, 4, 5])), [1, 4, 9, 16, 25]);
}

function heldLock(): Lock {
	const lock = new Lock();
	lock.acquireSync();
	return lock;
}

/** What cannot be rebuilt says so, and why. */
function notRebuilt(error: Error): boolean {
	assert.deepEqual([error.name, (error as { code?: string }).code], ['UnpicklingError', 'ERR_MP_UNPICKLING']);
	assert.match(String(error.cause), /cannot be rebuilt/);
	return true;
}

for (const kind of kinds) {
	const { name, isThreads } = kind;

	test(`${name}: a task that calls process.exit, with any code, rejects; the pool goes on`, async () => {
		const pool = kind.make(2);
		for (const code of [0, 1, 7]) {
			await assert.rejects(promptly(pool.apply(targets.exit, [code])), (error: WorkerDiedError) => {
				assert.ok(error instanceof WorkerDiedError);
				assert.deepEqual([error.exitCode, error.signal], [code, null]);
				assert.match(error.message, /while it ran exit/);
				return true;
			});
		}
		await assertWell(pool);
		await finish(pool);
	});

	test(`${name}: an item of a map that ends its worker fails the map; what waited is done`, async () => {
		const pool = kind.make(2);
		const exits = (x: number): number => (x === 3 ? process.exit(5) : x);
		const failed = await promptly(
			pool.map(exits, [0, 1, 2, 3, 4, 5, 6, 7], { chunksize: 1 }).catch((error: unknown) => error),
		);
		assert.ok(failed instanceof WorkerDiedError);
		assert.deepEqual([failed.exitCode, (failed as { index?: number }).index], [5, 3]);
		const seen: unknown[] = [];
		const results = pool.imap(exits, [0, 1, 2, 3, 4, 5], { chunksize: 1 });
		for (let i = 0; i < 6; i++) {
			seen.push(
				await promptly(results.next()).then(
					({ value }) => value,
					(error: Error) => error.name,
				),
			);
		}
		assert.deepEqual(seen, [0, 1, 2, 'WorkerDiedError', 4, 5]);
		assert.equal((await promptly(results.next())).done, true);
		await finish(pool);
	});

	test(`${name}: an error that can be pickled and not be unpickled is one task's failure`, async () => {
		const pool = kind.make(2);
		for (let i = 0; i < 5; i++) {
			await assert.rejects(promptly(pool.apply(targets.throwOneWay)), { code: 'ERR_MP_REMOTE', message: /one way/ });
			await assert.rejects(promptly(pool.apply(targets.returnOneWay)), notRebuilt);
		}
		await assertWell(pool);
		assert.equal(pool.stats().failed, 10);
		await finish(pool);
	});

	test(`${name}: so is an argument, and a function, that cannot be unpickled there`, async () => {
		const pool = kind.make(2);
		const pids = await promptly(pool.ready.then(() => pool.pids));
		await assert.rejects(promptly(pool.apply(targets.identity, [new targets.OneWay()])), notRebuilt);
		const oneWay = new targets.OneWay();
		await assert.rejects(promptly(pool.apply(() => oneWay)), notRebuilt);
		await assert.rejects(promptly(pool.map(() => oneWay, [1, 2])), notRebuilt);
		await assertWell(pool);
		assert.deepEqual(pool.pids, pids);
		await finish(pool);
	});

	test(`${name}: whatever is thrown settles its task`, async () => {
		const pool = kind.make(2);
		for (const value of [undefined, null, 0, '', 'text', { a: 1 }, Symbol.for('thrown'), 1n]) {
			const thrown = await promptly(
				pool.apply(targets.throwIt, [value]).then(
					() => assert.fail('it was not thrown'),
					(error: unknown) => ({ error }),
				),
			);
			assert.deepEqual(thrown, { error: value });
		}
		await assert.rejects(promptly(pool.apply(targets.overflow)), { name: 'RangeError' });
		await assertWell(pool);
		await finish(pool);
	});

	test(`${name}: an error that nobody catches ends the worker, and its task has it as cause`, async () => {
		const pool = kind.make(2);
		for (const target of [targets.throwOutside, targets.rejectOutside]) {
			await assert.rejects(promptly(pool.apply(target, ['outside'])), (error: WorkerDiedError) => {
				assert.ok(error instanceof WorkerDiedError, String(error));
				assert.match(error.message, /nobody caught/);
				assert.equal((error.cause as Error).message, 'outside');
				return true;
			});
		}
		await assertWell(pool);
		await finish(pool);
	});

	test(`${name}: a promise that nothing can settle any more rejects its task; the worker lives`, async () => {
		const pool = kind.make(1);
		const pids = await promptly(pool.ready.then(() => pool.pids));
		await assert.rejects(promptly(pool.apply(targets.returnUnsettled)), { code: 'ERR_MP_UNSETTLED' });
		await assert.rejects(promptly(pool.map(targets.returnUnsettled, [1, 2])), { code: 'ERR_MP_UNSETTLED' });
		await assertWell(pool);
		assert.deepEqual(pool.pids, pids);
		await finish(pool);
	});

	test(`${name}: results that cannot travel fail their tasks, and those alone`, async () => {
		const pool = kind.make(1);
		await assert.rejects(promptly(pool.apply(targets.returnUnpicklable)), {
			name: 'PicklingError',
			path: 'result.inner.socket',
		});
		const some = (x: number): unknown => (x === 2 ? new WeakMap() : x);
		await assert.rejects(promptly(pool.map(some, [0, 1, 2, 3], { chunksize: 4 })), { name: 'PicklingError', index: 2 });
		await assertWell(pool);
		await finish(pool);
	});

	test(`${name}: a callback that throws is its own failure, and the pool's nobody notices`, async () => {
		const pool = kind.make(2);
		const boom = (): never => {
			throw new Error('boom');
		};
		await assert.rejects(promptly(pool.apply(targets.square, [2]).then(boom)), /boom/);
		await assert.rejects(promptly(pool.apply(targets.throwIt, [1]).catch(boom)), /boom/);
		await assert.rejects(promptly(pool.map(targets.square, [1, 2, 3], { progress: boom })), /boom/);
		const results = pool.imap(targets.square, [1, 2, 3], { progress: boom });
		await assert.rejects(promptly(results.next()), /boom/);
		assert.equal((await promptly(results.next())).done, true);
		await assertWell(pool);
		await finish(pool);
	});

	test(`${name}: an initializer that fails, fails everything at once, and nobody is started again and again`, async () => {
		for (const [initializer, args, expected] of [
			[targets.tellAndFail, [], { name: 'TypeError', message: 'the initializer fails' }],
			[targets.tellAndExit, [0], { code: 'ERR_MP_START' }],
			[targets.tellAndExit, [3], { code: 'ERR_MP_START' }],
		] as const) {
			const log = new Queue<number>();
			const pool = kind.make(2, { initializer: initializer as never, initargs: [log, ...args] });
			const tasks = [pool.apply(targets.square, [1]), pool.map(targets.square, [1, 2, 3])];
			await assert.rejects(promptly(pool.ready), expected);
			for (const task of tasks) await assert.rejects(promptly<unknown>(task), expected);
			await assert.rejects(promptly(pool.imap(targets.square, [1, 2]).next()), expected);
			await assert.rejects(promptly(pool.apply(targets.square, [1])), expected);
			await finish(pool);
			const started = log.qsize();
			assert.ok(started >= 1 && started <= 6, `${started} workers were started`);
		}
	});

	test(`${name}: an initializer that waits for what cannot come is no worker; all tasks say so`, async () => {
		const pool = kind.make(1, { initializer: targets.returnUnsettled });
		await assert.rejects(promptly(pool.apply(targets.square, [1])), { code: 'ERR_MP_START' });
		await finish(pool);
	});

	test(`${name}: an initializer that is never done keeps nobody from terminating`, async () => {
		const pool = kind.make(2, { initializer: targets.never });
		const task = pool.apply(targets.square, [1]);
		const failed = assert.rejects(promptly(task), { name: 'ClosedError' });
		await promptly(pool.terminate());
		await failed;
		await assert.rejects(promptly(pool.ready), { name: 'ClosedError' });
	});

	test(`${name}: results larger than any pipe are taken while nobody waits for them`, async () => {
		const pool = kind.make(2);
		const large = (x: number): Buffer => Buffer.alloc(1 << 20, x);
		const task = pool.map(large, [1, 2, 3, 4, 5, 6, 7, 8]);
		const single = pool.apply(large, [9]);
		await finish(pool);
		assert.equal((await task)[7]?.[(1 << 20) - 1], 8);
		assert.equal((await single).length, 1 << 20);
	});

	test(`${name}: an endless task can be limited, called off, and ended with its pool`, async () => {
		const line = new Queue<number>();
		const pool = kind.make(1);
		const limited = pool.apply(targets.sayAndSpin, [line], { timeout: 50 });
		await assert.rejects(promptly(limited), { name: 'TimeoutError' });
		await line.get();
		const calledOff = pool.apply(targets.sayAndSpin, [line]);
		await promptly(line.get());
		assert.equal(calledOff.cancel(), true);
		await assert.rejects(promptly(calledOff), { name: 'CancelledError' });
		const left = pool.apply(targets.ignoreAndSpin, [line]);
		await promptly(line.get());
		const failed = assert.rejects(left, { name: 'ClosedError' });
		await promptly(pool.terminate());
		await failed;
		assert.deepEqual(pool.pids, []);
	});

	test(`${name}: an endless input is read no further than its results are, and a pool closed in the middle ends`, async () => {
		const pool = kind.make(2);
		let read = 0;
		function* all(): Generator<number> {
			for (;;) yield read++;
		}
		const results = pool.imap(targets.square, all(), { buffersize: 10 });
		for (let i = 0; i < 100; i++) assert.deepEqual(await promptly(results.next()), { done: false, value: i * i });
		assert.ok(read <= 110, `${read} were read`);
		pool.close();
		await promptly(results.return!());
		assert.equal(await promptly(pool.join()), true);
	});

	test(`${name}: terminating again and again, also while it goes on, does no harm`, async () => {
		const pool = kind.make(2);
		const task = pool.apply(targets.never);
		const failed = assert.rejects(task, { name: 'ClosedError' });
		await promptly(Promise.all([pool.terminate(), pool.terminate(), pool[Symbol.asyncDispose]()]));
		await promptly(pool.terminate());
		await failed;
		pool.close();
		assert.equal(await promptly(pool.join()), true);
	});

	test(`${name}: a pool that is made and ended at once, without having started anybody, ends`, async () => {
		for (const end of [(pool: AnyPool) => pool.close(), (pool: AnyPool) => void pool.terminate()]) {
			const pool = kind.make(2);
			end(pool);
			assert.equal(await promptly(pool.join()), true);
			assert.deepEqual(pool.pids, []);
		}
	});

	if (!isThreads) {
		test(`${name}: a worker that is killed in the middle of a task fails that task alone`, async () => {
			const line = new Queue<number>();
			const gate = heldLock();
			const pool = kind.make(2);
			const victim = pool.apply(targets.sayAndSpin, [line]);
			const pid = await promptly(line.get());
			const bystander = pool.apply(targets.sayAndLock, [line, gate]);
			await promptly(line.get());
			const waiting = Array.from({ length: 20 }, (_, i) => pool.apply(targets.square, [i]));
			process.kill(pid, 'SIGKILL');
			await assert.rejects(promptly(victim), (error: WorkerDiedError) => {
				assert.ok(error instanceof WorkerDiedError);
				assert.deepEqual([error.pid, error.exitCode, error.signal], [pid, -9, 'SIGKILL']);
				assert.match(error.message, /memory/);
				return true;
			});
			gate.release();
			assert.notEqual(await promptly(bystander), pid);
			assert.deepEqual(
				await promptly(Promise.all(waiting)),
				waiting.map((_, i) => i * i),
			);
			await assertWell(pool);
			await finish(pool);
		});

		test(`${name}: all workers killed at once, over and over, while they are sent tasks: everything is settled`, async () => {
			const pool = kind.make(2);
			for (let round = 0; round < 5; round++) {
				const tasks = Array.from({ length: 200 }, (_, i) => pool.apply(targets.square, [i]));
				await promptly(tasks[50]!.catch(() => {}));
				for (const pid of pool.pids) process.kill(pid, 'SIGKILL');
				const outcomes = await promptly(Promise.allSettled(tasks));
				const failed = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
				assert.ok(failed.length <= 2, `${failed.length} tasks were lost`);
				for (const { reason } of failed) assert.ok(reason instanceof WorkerDiedError, String(reason));
				for (const [i, outcome] of outcomes.entries()) {
					if (outcome.status === 'fulfilled') assert.equal(outcome.value, i * i);
				}
			}
			await assertWell(pool);
			await finish(pool);
		});

		test(`${name}: a worker killed while it waits in the middle of a lock or a queue keeps nobody waiting`, async () => {
			const line = new Queue<number>();
			const lock = heldLock();
			const pool = kind.make(2);
			const waits = pool.apply(targets.sayAndLock, [line, lock]);
			const pid = await promptly(line.get());
			process.kill(pid, 'SIGKILL');
			await assert.rejects(promptly(waits), { name: 'WorkerDiedError' });
			lock.release();
			const holds = pool.apply(
				(one: Lock, to: Queue) => {
					one.acquireSync();
					to.putSync(process.pid);
					for (;;);
				},
				[lock, line],
			);
			process.kill(await promptly(line.get()), 'SIGKILL');
			await assert.rejects(promptly(holds), { name: 'WorkerDiedError' });
			await promptly(pool.apply(targets.sayAndLock, [line, lock]));
			await finish(pool);
		});

		test(`${name}: signals of every kind end one task and no pool`, async () => {
			const pool = kind.make(2);
			for (const signal of ['SIGTERM', 'SIGHUP', 'SIGSEGV'] as const) {
				await assert.rejects(promptly(pool.apply(targets.killSelf, [signal])), { name: 'WorkerDiedError', signal });
			}
			await assertWell(pool);
			await finish(pool);
		});

		test(`${name}: a pool in a worker of a pool, with a pool in its worker, gives its results`, async () => {
			const pool = kind.make(2);
			const nested = (items: number[], method: 'spawn' | 'forkserver' | 'fork'): Promise<number> =>
				targets.sumOfSquares(items, method);
			assert.equal(await promptly(pool.apply(nested, [[1, 2, 3], name as 'spawn'])), 14);
			await finish(pool);
		});

		test(`${name}: a worker stopped for ever is no obstacle to the end`, async () => {
			const pool = kind.make(2);
			await promptly(pool.ready);
			process.kill(pool.pids[0]!, 'SIGSTOP');
			await promptly(pool.terminate());
			assert.deepEqual(pool.pids, []);
		});
	}
}
