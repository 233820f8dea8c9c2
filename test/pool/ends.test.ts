/** How pools end, what they answer afterwards, and what they refuse from the beginning. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { getContext, Pool, pickle, Queue, Task, ThreadPool } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import { type AnyPool, closedGate, failureOf, finish, kinds, warmUp } from './kinds.ts';
import * as targets from './targets.ts';

checkLeaks(warmUp);

type Bad = readonly [what: string, call: () => unknown, name: string, message: RegExp];

for (const kind of kinds) {
	const { name } = kind;

	test(`${name}: close lets everything be done that was asked for, then the workers end`, async () => {
		const pool = kind.make(2);
		const single = pool.apply(targets.spinFor, [30]);
		const many = pool.map(targets.square, [1, 2, 3, 4, 5], { chunksize: 1 });
		pool.close();
		pool.close();
		assert.equal(await promptly(pool.join()), true);
		assert.deepEqual([await single, await many], [30, [1, 4, 9, 16, 25]]);
		assert.deepEqual(pool.pids, []);
	});

	test(`${name}: join waits no longer than it is told to, and with a signal no longer than that`, async () => {
		const pool = kind.make(1);
		const gate = closedGate();
		const task = pool.apply(targets.passGate, [gate, 1]);
		pool.close();
		const start = performance.now();
		assert.equal(await pool.join(40), false);
		assert.ok(performance.now() - start >= 39);
		assert.equal(await pool.join({ timeout: 1 }), false);
		assert.equal(await pool.join(0), false);
		assert.equal(await pool.join(-1), false);
		await assert.rejects(pool.join({ signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' });
		gate.release();
		assert.equal(await promptly(pool.join(60_000)), true);
		assert.equal(await pool.join(0), true);
		assert.equal(await task, 1);
	});

	test(`${name}: an open pool is not waited for: join says what to do`, async () => {
		const pool = kind.make(1);
		await assert.rejects(pool.join(), {
			name: 'ProcessError',
			code: 'ERR_MP_POOL_STATE',
			message: /^join: .*Pool-\d+ is still open; close\(\) or terminate\(\) it first\.$/,
		});
		await assert.rejects(pool.join('soon' as never), { name: 'TypeError' });
		await finish(pool);
	});

	test(`${name}: a pool that was closed or terminated takes nothing on`, async () => {
		for (const end of ['closed', 'terminated'] as const) {
			const pool = kind.make(1, { name: 'ended' });
			if (end === 'closed') pool.close();
			else await promptly(pool.terminate());
			const expected = (call: string): object => ({
				name: 'ClosedError',
				code: 'ERR_MP_CLOSED',
				message: `${call}: ended has been ${end}; make another pool.`,
			});
			await assert.rejects(pool.apply(targets.square, [1]), expected('apply'));
			await assert.rejects(pool.map(targets.square, [1]), expected('map'));
			await assert.rejects(pool.starmap(targets.add, [[1, 2]]), expected('starmap'));
			assert.throws(() => pool.imap(targets.square, [1]), expected('imap'));
			assert.throws(() => pool.imapUnordered(targets.square, [1]), expected('imapUnordered'));
			assert.equal(await promptly(pool.join()), true);
		}
	});

	test(`${name}: results larger than any pipe keep no pool from ending while they are on their way`, async () => {
		const large = (x: number): Buffer => Buffer.alloc(1 << 20, x);
		for (let moment = 0; moment < 12; moment++) {
			const pool = kind.make(1);
			const results = pool.imap(large, [1, 2, 3, 4, 5, 6]);
			assert.equal((await promptly(results.next())).value?.[0], 1);
			for (let turns = 0; turns < moment; turns++) await turn();
			await promptly(results.return!());
			await promptly(pool.terminate());
		}
	});

	test(`${name}: terminate settles what runs and what waits, and ends at once`, async () => {
		const pool = kind.make(1, { name: 'ended' });
		const line = new Queue<number>();
		const tasks: PromiseLike<unknown>[] = [pool.apply(targets.sayAndSpin, [line])];
		await promptly(line.get());
		tasks.push(
			pool.apply(targets.square, [1]),
			pool.map(targets.square, [1, 2, 3]),
			pool.imap(targets.square, [1]).next(),
		);
		const errors = Promise.all(tasks.map(failureOf));
		await promptly(pool.terminate());
		for (const { name: kindOf, message } of await errors) {
			assert.deepEqual([kindOf, message], ['ClosedError', 'ended was terminated before this task was done.']);
		}
	});

	test(`${name}: await using terminates at the end of the block, whatever ends it`, async () => {
		let kept: AnyPool | undefined;
		const use = async (): Promise<void> => {
			await using pool = kind.make(2);
			kept = pool;
			assert.deepEqual(await promptly(pool.map(targets.square, [1, 2])), [1, 4]);
			pool.apply(targets.never).catch(() => {});
			throw new Error('out of the block');
		};
		await assert.rejects(promptly(use()), /out of the block/);
		assert.deepEqual(kept?.pids, []);
		await assert.rejects(kept.apply(targets.square, [1]), { name: 'ClosedError' });
	});

	test(`${name}: a pool cannot travel, and says why`, async () => {
		const pool = kind.make(1);
		const error = await failureOf(pool.apply(targets.identity, [{ pool }]));
		assert.equal(error.name, 'PicklingError');
		assert.equal((error as { path?: string }).path, 'args[0].pool');
		assert.match(error.message, /pool, which only the process that made it can use; make one there/);
		assert.throws(() => pickle.dumps(pool), { name: 'PicklingError' });
		await finish(pool);
	});

	test(`${name}: a task cannot travel either`, async () => {
		const pool = kind.make(1);
		const task = pool.apply(targets.square, [2]);
		assert.equal((await failureOf(pool.apply(targets.identity, [task]))).name, 'PicklingError');
		assert.equal(await promptly(task), 4);
		await finish(pool);
	});

	test(`${name}: what cannot be pickled fails at the call; nothing was sent`, async () => {
		const pool = kind.make(1);
		const task = pool.apply(targets.identity, [[1, { key: new WeakMap() }]]);
		assert.equal(task.ready, true);
		assert.equal(((await failureOf(task)) as { path?: string }).path, 'args[0][1].key');
		const weak = new WeakMap();
		const closure = (): boolean => weak.has({});
		assert.equal((await failureOf(pool.apply(closure))).name, 'PicklingError');
		assert.equal((await failureOf(pool.map(closure, [1]))).name, 'PicklingError');
		assert.throws(() => pool.imap(closure, [1]), { name: 'PicklingError' });
		assert.deepEqual([pool.stats().queued, pool.stats().running], [0, 0]);
		await finish(pool);
	});

	test(`${name}: options that make no sense are refused, by name`, async () => {
		const make = (size: unknown, options?: unknown): AnyPool => kind.make(size as number, options as object);
		const constructions: Bad[] = [
			['no workers', () => make(0), 'RangeError', /the number of workers must be an integer, 1 or more, not 0/],
			['less than none', () => make(-1), 'RangeError', /1 or more, not -1/],
			['half a worker', () => make(1.5), 'RangeError', /not 1\.5/],
			['a text', () => make('2'), 'TypeError', /number of workers must be an integer, not string/],
			['maxTasksPerChild 0', () => make(1, { maxTasksPerChild: 0 }), 'RangeError', /maxTasksPerChild .* not 0/],
			['maxTasksPerChild -1', () => make(1, { maxTasksPerChild: -1 }), 'RangeError', /maxTasksPerChild/],
			['maxTasksPerChild 0.5', () => make(1, { maxTasksPerChild: 0.5 }), 'RangeError', /maxTasksPerChild/],
			['maxTasksPerChild text', () => make(1, { maxTasksPerChild: '12' }), 'TypeError', /maxTasksPerChild/],
			['maxMemoryPerChild 0', () => make(1, { maxMemoryPerChild: 0 }), 'RangeError', /maxMemoryPerChild/],
			['initializer', () => make(1, { initializer: 1 }), 'TypeError', /initializer must be a function, not number/],
			['initargs', () => make(1, { initargs: 'abc' }), 'TypeError', /initargs must be an array/],
			['name', () => make(1, { name: 7 }), 'TypeError', /name must be a string/],
			['unknown', () => make(1, { maxtasksperchild: 1 }), 'TypeError', /maxtasksperchild/],
		];
		for (const [what, call, expected, message] of constructions) {
			assert.throws(call, { name: expected, message }, what);
		}
		const pool = make(1);
		const square = targets.square as (x: number) => number;
		const calls: Bad[] = [
			[
				'no function',
				() => pool.apply(1 as never),
				'TypeError',
				/^apply: the first argument must be a function, not number/,
			],
			['null', () => pool.map(null as never, []), 'TypeError', /^map: the first argument must be a function, not null/],
			[
				'no list',
				() => pool.apply(square, 1 as never),
				'TypeError',
				/^apply: args must be an array of arguments, not number/,
			],
			['no items', () => pool.map(square, 7 as never), 'TypeError', /^map: the second argument must be iterable/],
			['undefined', () => pool.starmap(square, undefined as never), 'TypeError', /^starmap: the second argument/],
			[
				'timeout 0',
				() => pool.apply(square, [1], { timeout: 0 }),
				'RangeError',
				/timeout must be more than 0 ms, and 0 is not/,
			],
			['timeout NaN', () => pool.apply(square, [1], { timeout: Number.NaN }), 'RangeError', /timeout/],
			['timeout text', () => pool.apply(square, [1], { timeout: '1' as never }), 'TypeError', /timeout/],
			['signal', () => pool.apply(square, [1], { signal: {} as never }), 'TypeError', /signal/],
			[
				'retries -1',
				() => pool.apply(square, [1], { retries: -1 }),
				'RangeError',
				/retries must be an integer, 0 or more/,
			],
			['retries 0.5', () => pool.map(square, [1], { retries: 0.5 }), 'RangeError', /^map: retries/],
			[
				'priority',
				() => pool.apply(square, [1], { priority: 'high' as never }),
				'TypeError',
				/priority must be a number/,
			],
			['priority NaN', () => pool.apply(square, [1], { priority: Number.NaN }), 'TypeError', /priority/],
			[
				'chunksize 0',
				() => pool.map(square, [1], { chunksize: 0 }),
				'RangeError',
				/^map: chunksize must be an integer, 1 or more/,
			],
			['chunksize text', () => pool.map(square, [1], { chunksize: '1' as never }), 'TypeError', /chunksize/],
			[
				'failFast',
				() => pool.map(square, [1], { failFast: 1 as never }),
				'TypeError',
				/failFast must be true or false/,
			],
			['progress', () => pool.map(square, [1], { progress: 1 as never }), 'TypeError', /progress/],
			[
				'options',
				() => pool.apply(square, [1], 5 as never),
				'TypeError',
				/^apply: options must be an object, not number/,
			],
			[
				'null options',
				() => pool.map(square, [1], null as never),
				'TypeError',
				/^map: options must be an object, not null/,
			],
			['unknown', () => pool.apply(square, [1], { timeOut: 5 } as never), 'TypeError', /timeOut/],
			['unknown of map', () => pool.map(square, [1], { chunkSize: 5 } as never), 'TypeError', /chunkSize/],
		];
		for (const [what, call, expected, message] of calls) {
			const task = call();
			assert.ok(task instanceof Task, what);
			await assert.rejects(task, { name: expected, message }, what);
		}
		const lazy: Bad[] = [
			['chunksize', () => pool.imap(square, [1], { chunksize: 0 }), 'RangeError', /^imap: chunksize/],
			[
				'buffersize',
				() => pool.imapUnordered(square, [1], { buffersize: 0 }),
				'RangeError',
				/^imapUnordered: buffersize/,
			],
			['no items', () => pool.imap(square, 7 as never), 'TypeError', /^imap: the second argument must be iterable/],
		];
		for (const [what, call, expected, message] of lazy) assert.throws(call, { name: expected, message }, what);
		assert.deepEqual([pool.stats().done, pool.stats().failed], [0, 0]);
		await finish(pool);
	});
}

test('the methods of a pool are its own', () => {
	const { apply } = Pool.prototype;
	assert.throws(() => Reflect.get(Pool.prototype, 'pids'), { name: 'TypeError', message: /^pids: this is no pool/ });
	return assert.rejects(apply.call({} as never, targets.square as never, [1] as never), {
		name: 'TypeError',
		message: /^apply: this is no pool/,
	});
});

test('a context that is none is refused; the name of a start method is one', async () => {
	for (const context of ['thread', 1, {}, null, { Process: class {} }]) {
		assert.throws(() => new Pool(1, { context: context as never }), { name: /TypeError|RangeError|ProcessError/ });
	}
	for (const context of [getContext(), getContext('spawn'), 'spawn'] as const) {
		const pool = new Pool(1, { context });
		assert.equal(await promptly(pool.apply(targets.square, [5])), 25);
		await finish(pool);
	}
	await finish(new (getContext('spawn').Pool)(1, { name: 'of a context' }));
});

test('a pool has as many workers as there are processors, unless it is told otherwise', async () => {
	const { cpuCount } = await import('polyproc');
	for (const pool of [new Pool(), new ThreadPool(), new Pool(undefined, { name: 'all' })]) {
		assert.equal(pool.processes, cpuCount());
		await promptly(pool.terminate());
	}
});
