/** Maps: in chunks, all results in their order, or the error of the first item that failed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Progress, Queue, Value } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import { closedGate, failureOf, finish, kinds, warmUp } from './kinds.ts';
import * as targets from './targets.ts';

checkLeaks(warmUp);

function upTo(count: number): number[] {
	return Array.from({ length: count }, (_, i) => i);
}

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
	for (const item of items) {
		await new Promise((resolve) => setImmediate(resolve));
		yield item;
	}
}

for (const kind of kinds) {
	const { name } = kind;

	test(`${name}: a map is the same as without a pool, whatever the chunks and the input`, async () => {
		const pool = kind.make(2);
		for (const count of [0, 1, 2, 7, 100]) {
			const items = upTo(count);
			const expected = items.map(targets.square);
			for (const chunksize of [undefined, 1, 3, 1000]) {
				assert.deepEqual(await promptly(pool.map(targets.square, items, { chunksize })), expected);
				assert.deepEqual(await promptly(pool.map(targets.square, new Set(items), { chunksize })), expected);
				assert.deepEqual(await promptly(pool.map(targets.square, later(items), { chunksize })), expected);
				assert.deepEqual(
					await promptly(
						pool.starmap(
							targets.add,
							items.map((i) => [i, i * i - i] as const),
							{ chunksize },
						),
					),
					expected,
				);
			}
		}
		assert.deepEqual(await promptly(pool.map(targets.squareLater, [1, 2, 3])), [1, 4, 9]);
		assert.deepEqual(await promptly(pool.map((x: string) => `${x}!`, 'abc')), ['a!', 'b!', 'c!']);
		await finish(pool);
	});

	test(`${name}: a function is called with its item and nothing else, also where an array's map would give more`, async () => {
		const pool = kind.make(1);
		const count = (...args: unknown[]): number => args.length;
		assert.deepEqual(await promptly(pool.map(count as (x: number) => number, [1, 2])), [1, 1]);
		assert.deepEqual(await promptly(pool.starmap(count, [[], [1], [1, 2]])), [0, 1, 2]);
		await finish(pool);
	});

	test(`${name}: results and items may be undefined, and there may be holes`, async () => {
		const pool = kind.make(2);
		const list = [undefined, null, 0];
		assert.deepEqual(await promptly(pool.map(targets.identity, list, { chunksize: 2 })), list);
		// biome-ignore lint/suspicious/noSparseArray: this is what is tested
		assert.deepEqual(await promptly(pool.map(targets.identity, [1, , 3])), [1, undefined, 3]);
		await finish(pool);
	});

	test(`${name}: a closure takes along what it uses, and is the same for all items`, async () => {
		const pool = kind.make(2);
		let factor = 3;
		const task = pool.map((x: number) => x * factor, [1, 2, 3, 4], { chunksize: 1 });
		factor = 5;
		assert.deepEqual(await promptly(task), [3, 6, 9, 12]);
		assert.deepEqual(await promptly(pool.map((x: number) => x * factor, [1, 2])), [5, 10]);
		await finish(pool);
	});

	test(`${name}: the error is that of the first item that failed, with its index, when all have been dealt with`, async () => {
		const pool = kind.make(2);
		const done = new Value('i');
		const failing = (x: number, count: Value<'i'>): number => {
			count.add(1);
			if (x % 10 === 7) throw new RangeError(`not ${x}`);
			return x;
		};
		const items = upTo(40).map((x) => [x, done] as const);
		for (const chunksize of [1, 4, 100]) {
			done.value = 0;
			const error = await failureOf(pool.starmap(failing, items, { chunksize }));
			assert.deepEqual([error.name, error.message, error.index], ['RangeError', 'not 7', 7]);
			assert.equal(done.value, 40);
		}
		assert.deepEqual([pool.stats().done, pool.stats().failed], [3 * 36, 3 * 4]);
		await finish(pool);
	});

	test(`${name}: with failFast it rejects at once, and what waits is never begun`, async () => {
		const pool = kind.make(2);
		const log = new Queue();
		const gate = closedGate();
		const work = (x: number, to: Queue, wait: typeof gate): number => {
			to.putSync(x);
			if (x === 1) throw new RangeError('not 1');
			if (x === 0) {
				wait.acquireSync();
				wait.release();
			}
			return x;
		};
		const items = upTo(50).map((x) => [x, log, gate] as const);
		const error = await failureOf(pool.starmap(work, items, { chunksize: 1, failFast: true }));
		assert.deepEqual([error.message, error.index], ['not 1', 1]);
		const { queued } = pool.stats();
		assert.equal(queued, 0);
		gate.release();
		assert.equal(await promptly(pool.apply(targets.square, [5])), 25);
		const begun = log.qsize();
		assert.ok(begun >= 1 && begun < 50, `${begun} were begun`);
		await finish(pool);
	});

	test(`${name}: an item that cannot travel is named by its place among all; the others are done`, async () => {
		const pool = kind.make(2);
		const done = new Value('i');
		const count = (_: unknown, calls: Value<'i'>): number => calls.add(1);
		const items = upTo(10).map((i) => [i === 5 ? { key: new WeakMap() } : i, done] as const);
		for (const [chunksize, counted] of [
			[1, 9],
			[4, 6],
		] as const) {
			done.value = 0;
			const error = await failureOf(pool.starmap(count, items, { chunksize }));
			assert.deepEqual(
				[error.name, (error as { path?: string }).path, error.index],
				['PicklingError', 'items[5][0].key', 5],
			);
			assert.match(error.message, /items\[5\]/);
			assert.equal(done.value, counted); // its chunk is not begun
		}
		await finish(pool);
	});

	test(`${name}: of a chunk just the items that failed are tried again`, async () => {
		const pool = kind.make(2);
		const calls = upTo(8).map(() => new Value('i'));
		const twice = (x: number, count: Value<'i'>): number => {
			const before = count.add(1);
			if (x % 4 === 2 && before < 2) throw new Error(`not yet ${x}`);
			return x;
		};
		const items = calls.map((count, x) => [x, count] as const);
		assert.deepEqual(await promptly(pool.starmap(twice, items, { chunksize: 4, retries: 2 })), upTo(8));
		assert.deepEqual(
			calls.map(({ value }) => value),
			[1, 1, 3, 1, 1, 1, 3, 1],
		);
		for (const count of calls) count.value = 0;
		const error = await failureOf(pool.starmap(twice, items, { chunksize: 4, retries: 1 }));
		assert.deepEqual([error.message, error.index], ['not yet 2', 2]);
		await finish(pool);
	});

	test(`${name}: a chunk whose worker dies is tried again as a whole; without retries it is lost as a whole`, async () => {
		const pool = kind.make(1);
		const once = (x: number, deaths: Value<'i'>): number => {
			if (x === 2 && deaths.add(1) === 0) process.exit(4);
			return x * x;
		};
		const withDeath = (deaths: Value<'i'>): (readonly [number, Value<'i'>])[] => upTo(6).map((x) => [x, deaths]);
		const results = await promptly(pool.starmap(once, withDeath(new Value('i')), { chunksize: 3, retries: 1 }));
		assert.deepEqual(results, upTo(6).map(targets.square));
		const error = await failureOf(pool.starmap(once, withDeath(new Value('i')), { chunksize: 3 }));
		assert.deepEqual([error.name, error.index], ['WorkerDiedError', 0]);
		assert.match(error.message, /items 0 to 2/);
		await finish(pool);
	});

	test(`${name}: a limit of time is one of each item: a map that takes longer as a whole goes on`, async () => {
		const pool = kind.make(1);
		const all = upTo(8).map(() => 60);
		assert.deepEqual(await promptly(pool.map(targets.spinFor, all, { timeout: 400 })), all);
		const error = await failureOf(pool.map(targets.spinFor, [1, 1, 100_000, 1], { timeout: 100 }));
		assert.deepEqual([error.name, error.index], ['TimeoutError', 2]);
		await finish(pool);
	});

	test(`${name}: a map is called off as a whole: what waits is dropped, and the worker of what runs is replaced`, async () => {
		const pool = kind.make(2);
		const line = new Queue<number>();
		const task = pool.map(targets.sayAndSpin, [line, line, line, line], { chunksize: 1 });
		const pids = [await promptly(line.get()), await promptly(line.get())];
		assert.deepEqual([task.ready, task.worker], [false, undefined]);
		assert.throws(() => task.successful(), { code: 'ERR_MP_TASK_STATE' });
		assert.equal(task.cancel(new Error('no more')), true);
		await assert.rejects(task, { message: 'no more' });
		assert.deepEqual([task.ready, task.successful(), task.cancel()], [true, false, false]);
		assert.equal(pool.stats().queued, 0);
		const now = await promptly(Promise.all([pool.apply(targets.whoAmI), pool.apply(targets.whoAmI)]));
		assert.ok(now.every((pid) => !pids.includes(pid)));
		assert.ok(line.empty());
		await finish(pool);
	});

	test(`${name}: items that are tried again are called off with their map`, async () => {
		const pool = kind.make(1);
		const line = new Queue<number>();
		const failThenSpin = (calls: Value<'i'>): void => {
			if (calls.add(1) === 0) throw new Error('once more');
			targets.sayAndSpin(line);
		};
		const task = pool.map(failThenSpin, [new Value('i')], { retries: 1 });
		const pid = await promptly(line.get());
		task.cancel();
		await assert.rejects(task, { name: 'CancelledError' });
		assert.notEqual(await promptly(pool.apply(targets.whoAmI)), pid);
		await finish(pool);
	});

	test(`${name}: a reason that several items are called off with stays as it is`, async () => {
		const pool = kind.make(1);
		const reason = new Error('no more');
		const controller = new AbortController();
		const { signal } = controller;
		const lazy = pool.imap(targets.never, [1, 2, 3], { chunksize: 1, signal });
		const tasks = [pool.map(targets.never, [1, 2, 3], { chunksize: 1, signal }), lazy.next()];
		controller.abort(reason);
		for (const task of tasks) assert.equal(await failureOf(task), reason);
		assert.deepEqual(Object.keys(reason), []);
		const ended = failureOf(pool.map(targets.never, [1, 2, 3], { chunksize: 1 }));
		await promptly(pool.terminate());
		assert.equal('index' in (await ended), false);
	});

	test(`${name}: an input that fails fails the map, and nothing of it is begun`, async () => {
		const pool = kind.make(2);
		const log = new Queue();
		function* broken(): Generator<[Queue, number]> {
			yield [log, 1];
			throw new SyntaxError('the input fails');
		}
		for (const input of [broken(), later(broken())]) {
			const error = await failureOf(pool.starmap(targets.note, input, { chunksize: 1 }));
			assert.deepEqual([error.name, error.message, error.index], ['SyntaxError', 'the input fails', undefined]);
		}
		assert.equal(await promptly(pool.apply(targets.square, [2])), 4);
		assert.ok(log.empty());
		await finish(pool);
	});

	test(`${name}: progress is told chunk by chunk, up to the end`, async () => {
		const pool = kind.make(2);
		const told: Progress[] = [];
		const fails = (x: number): number => targets.failIf(x, 3);
		await failureOf(pool.map(fails, upTo(10), { chunksize: 2, progress: (p) => told.push(p) }));
		assert.deepEqual(
			told.map(({ done, total }) => [done, total]),
			[2, 4, 6, 8, 10].map((done) => [done, 10]),
		);
		assert.equal(told.at(-1)?.failed, 1);
		for (const { elapsed, rate, eta } of told) assert.ok(elapsed >= 0 && rate >= 0 && (eta ?? 0) >= 0);
		const lazily: Progress[] = [];
		for await (const _ of pool.imap(targets.square, upTo(5), { chunksize: 1, progress: (p) => lazily.push(p) }));
		assert.deepEqual(
			lazily.map(({ done, total, failed }) => [done, total, failed]),
			[1, 2, 3, 4, 5].map((done) => [done, 5, 0]),
		);
		const unknown: Progress[] = [];
		const endless = pool.imapUnordered(targets.square, later([1, 2]), {
			chunksize: 1,
			progress: (p) => unknown.push(p),
		});
		for await (const _ of endless);
		assert.deepEqual(
			unknown.map(({ done, total }) => [done, total]),
			[
				[1, undefined],
				[2, undefined],
			],
		);
		await finish(pool);
	});

	test(`${name}: a progress callback that throws ends the map with what it threw, and what waits is dropped`, async () => {
		const pool = kind.make(1);
		const log = new Queue();
		let calls = 0;
		const progress = (): void => {
			if (++calls === 2) throw new Error('enough seen');
		};
		const items = upTo(20).map((x) => [log, x] as const);
		const error = await failureOf(pool.starmap(targets.note, items, { chunksize: 1, progress }));
		assert.equal(error.message, 'enough seen');
		assert.equal(await promptly(pool.apply(targets.square, [2])), 4);
		assert.equal(calls, 2);
		await finish(pool);
	});
}
