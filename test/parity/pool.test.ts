/** CPython's _TestPool, _TestPoolWorkerErrors, _TestPoolWorkerLifetime and what else there is about pools, restated. Rows in MAPPING.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getContext, PicklingError, Pool, pickle, TimeoutError } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { promptly } from '../house/promptly.ts';
import { fixturePath } from '../house/root.ts';
import { type AnyPool, allKinds, type Kind } from '../pool/kinds.ts';
import { flagsFor, methods } from './methods.ts';
import * as targets from './pool-targets.ts';

/** Fewer where each costs a Node of its own. */
const SIZES: Readonly<Record<string, number>> = { spawn: 2, forkserver: 4, fork: 2, threads: 2 };
/** Of the longest waits: nobody comes. */
const LONG = 30_000;
/** Workers of the large pool, fewer where each costs a Node. */
const LARGE: Readonly<Record<string, number>> = { spawn: 6, forkserver: 24, fork: 8, threads: 6 };

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

checkLeaks(async () => {
	for (const kind of allKinds) {
		const pool = kind.make(1);
		await pool.apply(targets.square, [2]);
		await pool.terminate();
	}
});

for (const kind of allKinds) suite(kind);

function suite(kind: Kind): void {
	const make = (): AnyPool => kind.make(SIZES[kind.name]!);
	/** Of all tests that leave it as it was. */
	let common: AnyPool | undefined;

	function withPool(title: string, body: (pool: AnyPool) => Promise<void>): void {
		test(`${kind.name}: ${title}`, async () => {
			common ??= make();
			await promptly(body(common), LONG);
		});
	}

	/** A test with a pool of its own, which must end in time. */
	function withOwnPool(title: string, body: (pool: AnyPool) => Promise<void>): void {
		test(`${kind.name}: ${title}`, async () => {
			const pool = make();
			try {
				await promptly(body(pool), LONG);
			} finally {
				await promptly(pool.terminate());
			}
		});
	}

	withPool('apply gives what the function gives', async (pool) => {
		assert.equal(await pool.apply(targets.square, [5]), 25);
		assert.equal(await pool.apply(targets.multiply, [6, 7]), 42);
	});

	withPool('map is the sequential map, in chunks of any size', async (pool) => {
		assert.deepEqual(await pool.map(targets.square, numbers(10)), numbers(10).map(targets.square));
		assert.deepEqual(await pool.map(targets.square, numbers(100), { chunksize: 20 }), numbers(100).map(targets.square));
	});

	withPool('starmap unpacks its items', async (pool) => {
		const pairs = numbers(100).map((n): [number, number] => [n, 100 - n]);
		const products = pairs.map(([a, b]) => a * b);
		assert.deepEqual(await pool.starmap(targets.multiply, pairs.slice(0, 10)), products.slice(0, 10));
		assert.deepEqual(await pool.starmap(targets.multiply, pairs, { chunksize: 20 }), products);
	});

	withPool('a map is a task, whose handlers are called once', async (pool) => {
		const task = pool.map(targets.square, numbers(5));
		const seen: unknown[] = [];
		await task.then((values) => seen.push(values));
		assert.deepEqual(seen, [[0, 1, 4, 9, 16]]);
		assert.ok(task.ready && task.successful());
		const failing = pool.map(targets.failOdd, numbers(3));
		await failing.then(undefined, (error) => seen.push(error.message));
		assert.equal(seen[1], 'odd: 1');
		assert.equal(failing.successful(), false);
	});

	withPool('what cannot be pickled is an error, again and again', async (pool) => {
		for (let i = 0; i < 3; i++) {
			const items = [1, new WeakMap() as unknown as number];
			await assert.rejects(pool.map(targets.square, items), { name: 'PicklingError', path: 'items[1]' });
		}
		assert.equal(await pool.apply(targets.square, [3]), 9);
	});

	withOwnPool('nothing to map is done at once, whatever the size of its chunks', async (pool) => {
		assert.deepEqual(await pool.map(targets.square, [], { chunksize: 1 }), []);
		assert.deepEqual(await pool.map(targets.square, []), []);
		assert.deepEqual(await pool.starmap(targets.multiply, []), []);
		for await (const _ of pool.imap(targets.square, [])) assert.fail('there is nothing');
		for await (const _ of pool.imapUnordered(targets.square, [])) assert.fail('there is nothing');
		pool.close();
		assert.equal(await pool.join(LONG), true);
	});

	withPool('an error of the input is an error of the map, and wedges nothing', async (pool) => {
		for (const after of [0, 1, 10]) {
			await assert.rejects(pool.map(targets.square, failingAfter(after)), { message: 'the input' });
			await assert.rejects(pool.map(targets.square, failingAfter(after), { chunksize: 2 }), { message: 'the input' });
		}
		assert.equal(await pool.apply(targets.square, [3]), 9);
	});

	withPool('a task is settled with its value', async (pool) => {
		const task = pool.apply(targets.late, [7, 20]);
		assert.equal(task.ready, false);
		assert.equal(await task, 7);
	});

	withOwnPool('a limited task is a TimeoutError', async (pool) => {
		await assert.rejects(pool.apply(targets.late, [1, LONG], { timeout: 100 }), TimeoutError);
	});

	withPool('imap gives results in order, then ends', async (pool) => {
		assert.deepEqual(await collect(pool.imap(targets.square, numbers(10))), numbers(10).map(targets.square));
		const iterator = pool.imap(targets.square, numbers(1000), { chunksize: 100 });
		for (const n of numbers(1000)) assert.deepEqual(await iterator.next(), { done: false, value: n * n });
		assert.deepEqual(await iterator.next(), { done: true, value: undefined });
	});

	withPool('imap gives what came before the input failed, and then the error', async (pool) => {
		const iterator = pool.imap(targets.square, failingAfter(3));
		for (const n of numbers(3)) assert.equal((await iterator.next()).value, n * n);
		await assert.rejects(iterator.next(), { message: 'the input' });
	});

	withPool('imapUnordered gives the same results in any order', async (pool) => {
		const results = await collect(pool.imapUnordered(targets.square, numbers(500), { chunksize: 20 }));
		assert.deepEqual(
			results.sort((a, b) => a - b),
			numbers(500).map(targets.square),
		);
	});

	withPool('imapUnordered gives nothing but results before the input failed', async (pool) => {
		const seen: number[] = [];
		await assert.rejects(
			(async () => {
				for await (const value of pool.imapUnordered(targets.square, failingAfter(5))) seen.push(value);
			})(),
			{ message: 'the input' },
		);
		assert.ok(seen.every((value) => numbers(5).map(targets.square).includes(value)));
	});

	test(`${kind.name}: a pool of nobody is refused, any other has as many workers as it was asked for`, async () => {
		assert.throws(() => kind.make(0), RangeError);
		assert.throws(() => kind.make(-1), RangeError);
		const pool = kind.make(3);
		await promptly(pool.ready, LONG);
		assert.equal(pool.pids.length, 3);
		assert.equal(pool.processes, 3);
		await pool.terminate();
	});

	test(`${kind.name}: terminate does not wait for ten thousand endless tasks`, async () => {
		const pool = make();
		const task = pool.map(targets.forEver as (n: number) => never, numbers(10_000), { chunksize: 1 });
		await promptly(pool.terminate());
		assert.equal(await pool.join(), true);
		await assert.rejects(task, { name: 'ClosedError' });
	});

	test(`${kind.name}: disposing of a pool stops it, and what comes later is an error`, async () => {
		const pool = kind.make(2);
		assert.deepEqual(await pool.map(targets.square, [1, 2]), [1, 4]);
		await promptly(pool[Symbol.asyncDispose]());
		await assert.rejects(pool.apply(targets.square, [1]), { code: 'ERR_MP_CLOSED' });
		await assert.rejects(pool.map(targets.square, [1]), { code: 'ERR_MP_CLOSED' });
		await promptly(pool[Symbol.asyncDispose]());
	});

	withPool('an error keeps its class and fields, and has the text of its worker as its cause', async (pool) => {
		const error: unknown = await pool.apply(targets.failOdd, [5]).catch((thrown: unknown) => thrown);
		assert.ok(error instanceof targets.OddError);
		assert.equal(error.value, 5);
		assert.match(String((error.cause as Error).message), /failOdd/);
		const own: unknown = await pool.map(targets.square, failingAfter(0)).catch((thrown: unknown) => thrown);
		assert.equal((own as Error).cause, undefined);
	});

	withOwnPool('a map with two failing tasks waits for both, and errors of a megabyte block nothing', async (pool) => {
		const start = performance.now();
		await assert.rejects(pool.map(targets.failLate, [0, 1], { chunksize: 1 }), { index: 0 });
		assert.ok(performance.now() - start >= 490);
		pool.close();
		assert.equal(await promptly(pool.join()), true);
	});

	withPool('twenty results in a row that cannot be pickled are errors, and cost no worker', async (pool) => {
		await pool.ready;
		const before = [...pool.pids].sort();
		for (let i = 0; i < 20; i++) {
			const error: unknown = await pool.apply(targets.unpicklable).catch((thrown: unknown) => thrown);
			assert.ok(error instanceof PicklingError, String(error));
			assert.match(error.path, /^result\./);
		}
		assert.deepEqual([...pool.pids].sort(), before);
	});

	test(`${kind.name}: a pool that has done all this ends when it is closed`, async () => {
		const pool = common ?? make();
		pool.close();
		assert.equal(await promptly(pool.join()), true);
	});

	test(`${kind.name}: workers are replaced after ten tasks each`, async () => {
		const pool = kind.make(2, { maxTasksPerChild: 10 });
		await promptly(pool.ready, LONG);
		const before = [...pool.pids];
		const values = await promptly(Promise.all(numbers(60).map((n) => pool.apply(targets.square, [n]))), LONG);
		assert.deepEqual(values, numbers(60).map(targets.square));
		assert.ok(before.every((pid) => !pool.pids.includes(pid)));
		pool.close();
		assert.equal(await promptly(pool.join()), true);
	});

	test(`${kind.name}: a pool that is closed early still does what it has, one task a worker`, async () => {
		const pool = kind.make(2, { maxTasksPerChild: 1 });
		const tasks = numbers(4).map((n) => pool.apply(targets.late, [n, 30]));
		pool.close();
		assert.equal(await promptly(pool.join(), LONG), true);
		assert.deepEqual(await Promise.all(tasks), numbers(4));
	});

	test(`${kind.name}: a limit of tasks that is none is refused`, () => {
		for (const limit of [0, -1, 0.5]) assert.throws(() => kind.make(2, { maxTasksPerChild: limit }), RangeError);
		assert.throws(() => kind.make(2, { maxTasksPerChild: '12' as never }), TypeError);
	});

	test(`${kind.name}: an initializer has run in every worker before its first task`, async () => {
		assert.throws(() => kind.make(1, { initializer: 1 as never }), TypeError);
		const pool = kind.make(1, { initializer: targets.initialize, initargs: ['done'] });
		assert.equal(await pool.apply(targets.isInitialized), 'done');
		await pool.terminate();
	});

	test(`${kind.name}: a large pool maps a thousand items`, async () => {
		const pool = kind.make(LARGE[kind.name]!);
		assert.deepEqual(await promptly(pool.map(targets.square, numbers(1000)), LONG), numbers(1000).map(targets.square));
		await promptly(pool.terminate(), LONG);
	});
}

for (const method of methods) {
	test(`${method}: a child has a pool of its own`, async () => {
		const pool = new Pool(1, { context: method });
		assert.deepEqual(await promptly(pool.apply(targets.inOwnPool, [[1, 2, 3]]), LONG), [1, 4, 9]);
		await pool.terminate();
	});

	test(`${method}: a program that keeps its pool to the end ends with 0`, async () => {
		const { stdout, stderr } = await runProgram(fixturePath('pool/kept.mjs'), {
			args: [method],
			execArgv: [...flagsFor(method)],
		});
		assert.equal(stderr, '');
		assert.equal(stdout.trim(), '1,4,9');
	});

	test(`${method}: workers that cannot be started break the pool, and nothing of it is left`, async () => {
		const context = getContext(method);
		const pool = new context.Pool(4, { initargs: [new WeakMap()] });
		const isFork = method === 'fork'; // which pickles nothing
		if (isFork) await pool.ready;
		else await assert.rejects(promptly(pool.ready), { name: 'PicklingError', path: 'initargs[0]' });
		if (!isFork) assert.deepEqual(pool.pids, []);
		await pool.terminate();
	});
}

test('a pool cannot be pickled', async () => {
	const pool = new Pool(1, { context: methods[0] });
	assert.throws(() => pickle.dumps(pool), PicklingError);
	await pool.terminate();
});

function* failingAfter(count: number): Generator<number> {
	for (let i = 0; i < count; i++) yield i;
	throw new Error('the input');
}

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
	const all: T[] = [];
	for await (const result of results) all.push(result);
	return all;
}
