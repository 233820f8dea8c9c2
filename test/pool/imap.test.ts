/** Lazy maps: results as they are asked for, the input read no further than that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Event, Queue } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import { closedGate, failureOf, finish, kinds, warmUp } from './kinds.ts';
import * as targets from './targets.ts';

checkLeaks(warmUp);

function upTo(count: number): number[] {
	return Array.from({ length: count }, (_, i) => i);
}

async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
	const list: T[] = [];
	for await (const result of results) list.push(result);
	return list;
}

/** Counts what is read of it, and notices that it is closed. */
class Counting {
	read = 0;
	closed = 0;
	readonly #end: number;

	constructor(end: number = Number.POSITIVE_INFINITY) {
		this.#end = end;
	}

	*sync(): Generator<number> {
		try {
			while (this.read < this.#end) yield this.read++;
		} finally {
			this.closed++;
		}
	}

	async *async(): AsyncGenerator<number> {
		try {
			while (this.read < this.#end) {
				await turn();
				yield this.read++;
			}
		} finally {
			this.closed++;
		}
	}
}

const FORMS = ['sync', 'async'] as const;
const WAYS = ['imap', 'imapUnordered'] as const;

for (const kind of kinds) {
	const { name } = kind;

	test(`${name}: every result comes, in order or not, of every kind of input and size of chunk`, async () => {
		const pool = kind.make(2);
		for (const count of [0, 1, 10, 300]) {
			for (const chunksize of [undefined, 1, 7, 2000]) {
				for (const form of FORMS) {
					const options = { chunksize };
					const expected = upTo(count).map(targets.square);
					const ordered = await promptly(all(pool.imap(targets.square, new Counting(count)[form](), options)));
					assert.deepEqual(ordered, expected);
					const unordered = await promptly(
						all(pool.imapUnordered(targets.square, new Counting(count)[form](), options)),
					);
					assert.deepEqual(
						unordered.sort((a, b) => a - b),
						expected,
					);
				}
			}
		}
		await finish(pool);
	});

	test(`${name}: the input is never read further ahead of the results than the buffer allows`, async () => {
		const pool = kind.make(2);
		for (const way of WAYS) {
			for (const form of FORMS) {
				for (const [buffersize, chunksize] of [
					[1, undefined],
					[2, 1],
					[5, undefined],
					[16, 4],
					[3, 100],
				] as const) {
					const counting = new Counting();
					const results = pool[way](targets.square, counting[form](), { buffersize, chunksize });
					for (let yielded = 0; yielded < 40; yielded++) {
						assert.ok(counting.read <= yielded + buffersize + 1, `${counting.read} read, ${yielded} yielded`);
						await promptly(results.next());
					}
					await turn();
					assert.ok(counting.read <= 40 + buffersize, `${counting.read} were read`);
					await promptly(results.return!());
				}
			}
		}
		await finish(pool);
	});

	test(`${name}: without a buffer size it reads some chunks for each worker, and not all`, async () => {
		const pool = kind.make(2);
		const counting = new Counting();
		const results = pool.imap(targets.square, counting.sync());
		await promptly(results.next());
		// Three chunks ahead for each of two workers, each of no more than 1024 items.
		assert.ok(counting.read >= 2 && counting.read <= 7 * 1024, `${counting.read} were read`);
		await promptly(results.return!());
		await finish(pool);
	});

	test(`${name}: a slow item holds back what comes after it in order, and nothing without`, async () => {
		const pool = kind.make(2);
		const gate = closedGate();
		const waits = (x: number): number => {
			if (x === 0) {
				gate.acquireSync();
				gate.release();
			}
			return x;
		};
		const options = { chunksize: 1, buffersize: 8 };
		const unordered = pool.imapUnordered(waits, upTo(6), options);
		const first: unknown[] = [];
		for (let i = 0; i < 5; i++) first.push((await promptly(unordered.next())).value);
		assert.deepEqual(first.sort(), [1, 2, 3, 4, 5]);
		const ordered = pool.imap(targets.identity, upTo(6), options);
		assert.deepEqual(await promptly(ordered.next()), { done: false, value: 0 });
		gate.release();
		assert.deepEqual(await promptly(unordered.next()), { done: false, value: 0 });
		assert.equal((await promptly(unordered.next())).done, true);
		assert.deepEqual(await promptly(all(ordered)), [1, 2, 3, 4, 5]);
		await finish(pool);
	});

	test(`${name}: an input that has no more for now does not hold back the results of what it had`, async () => {
		const pool = kind.make(2);
		const opened = new Event();
		async function* slow(): AsyncGenerator<number> {
			yield 1;
			yield 2;
			await opened.wait();
			yield 3;
		}
		for (const way of WAYS) {
			opened.clear();
			const results = pool[way](targets.square, slow(), { chunksize: 10 });
			const two = [await promptly(results.next()), await promptly(results.next())].map(({ value }) => value);
			assert.deepEqual(two.sort(), [1, 4]);
			opened.set();
			assert.deepEqual(await promptly(all(results)), [9]);
		}
		await finish(pool);
	});

	test(`${name}: who leaves early closes the input, and nothing more of it is read or begun`, async () => {
		const pool = kind.make(2);
		for (const way of WAYS) {
			for (const form of FORMS) {
				const counting = new Counting();
				const seen: number[] = [];
				for await (const result of pool[way](targets.identity, counting[form](), { buffersize: 4 })) {
					seen.push(result);
					if (seen.length === 3) break;
				}
				const { read } = counting;
				assert.equal(await promptly(pool.apply(targets.square, [2])), 4);
				await turn();
				assert.deepEqual([counting.read <= read + 1, counting.closed], [true, 1], `${way} ${form}`);
				assert.equal(pool.stats().queued, 0);
			}
		}
		const results = pool.imap(targets.square, new Counting().sync());
		await promptly(results.next());
		await assert.rejects(promptly(results.throw!(new Error('thrown in'))), /thrown in/);
		assert.equal((await promptly(results.next())).done, true);
		await finish(pool);
	});

	test(`${name}: what was begun when somebody left is finished, and its worker lives`, async () => {
		const pool = kind.make(1);
		const line = new Queue<number>();
		const gate = closedGate();
		const say = (x: number): number => {
			if (x === 0) return x;
			line.putSync(x);
			gate.acquireSync();
			gate.release();
			return x;
		};
		await promptly(pool.ready);
		const { pids } = pool;
		const results = pool.imap(say, new Counting().sync(), { chunksize: 1 });
		assert.equal((await promptly(results.next())).value, 0);
		assert.equal(await promptly(line.get()), 1);
		await promptly(results.return!());
		gate.release();
		assert.equal(await promptly(pool.apply(targets.square, [2])), 4);
		assert.deepEqual([pool.pids, line.empty()], [pids, true]);
		await finish(pool);
	});

	test(`${name}: an item that fails is an error in its place; who asks on gets the rest`, async () => {
		const pool = kind.make(2);
		const fails = (x: number): number => targets.failIf(x, 3);
		for (const chunksize of [1, 2, 10]) {
			const results = pool.imap(fails, upTo(6), { chunksize });
			const seen: unknown[] = [];
			for (let i = 0; i < 6; i++) {
				seen.push(
					await promptly(
						results.next().then(
							({ value }) => value,
							(error: Error & { index?: number }) => `${error.message} at ${error.index}`,
						),
					),
				);
			}
			assert.deepEqual(seen, [0, 1, 2, 'not 3 at 3', 4, 5]);
			assert.equal((await promptly(results.next())).done, true);
		}
		await assert.rejects(promptly(all(pool.imapUnordered(fails, upTo(6)))), { message: 'not 3' });
		await finish(pool);
	});

	test(`${name}: an input that fails gives the results of what came before, then its error, then nothing`, async () => {
		const pool = kind.make(2);
		function* broken(): Generator<number> {
			yield 1;
			yield 2;
			throw new SyntaxError('the input fails');
		}
		async function* brokenLater(): AsyncGenerator<number> {
			yield* broken();
		}
		for (const input of [broken, brokenLater]) {
			for (const chunksize of [1, 2, 5]) {
				const results = pool.imap(targets.square, input(), { chunksize });
				assert.deepEqual([(await promptly(results.next())).value, (await promptly(results.next())).value], [1, 4]);
				await assert.rejects(promptly(results.next()), { name: 'SyntaxError', message: 'the input fails' });
				assert.equal((await promptly(results.next())).done, true);
				const unordered = pool.imapUnordered(targets.square, input(), { chunksize });
				const outcomes = await promptly(Promise.allSettled([unordered.next(), unordered.next(), unordered.next()]));
				assert.equal(outcomes.filter(({ status }) => status === 'rejected').length, 1);
				assert.equal((await promptly(unordered.next())).done, true);
			}
		}
		const atOnce = {
			[Symbol.iterator](): Iterator<number> {
				throw new SyntaxError('no iterator');
			},
		};
		assert.throws(() => pool.imap(targets.square, atOnce), { message: 'no iterator' });
		assert.equal(await promptly(pool.apply(targets.square, [2])), 4);
		await finish(pool);
	});

	test(`${name}: results may be asked for before they are there, many at a time`, async () => {
		const pool = kind.make(2);
		const results = pool.imap(targets.square, upTo(5));
		const asked = Array.from({ length: 8 }, () => results.next());
		assert.deepEqual(
			(await promptly(Promise.all(asked))).map(({ value, done }) => (done ? 'end' : value)),
			[0, 1, 4, 9, 16, 'end', 'end', 'end'],
		);
		const left = pool.imap(targets.never, [1, 2]);
		const pending = [left.next(), left.next()];
		await promptly(left.return!());
		for (const { done } of await promptly(Promise.all(pending))) assert.equal(done, true);
		await promptly(pool.terminate());
	});

	test(`${name}: an input that gives promises and thenables as items passes them on unsettled, and fails for it`, async () => {
		const pool = kind.make(1);
		const error = await failureOf(pool.imap(targets.identity, [Promise.resolve(1)]).next());
		assert.equal(error.name, 'PicklingError');
		assert.equal(error.index, 0);
		await finish(pool);
	});

	test(`${name}: a signal ends it at the next result, and closes the input`, async () => {
		const pool = kind.make(2);
		const counting = new Counting();
		const controller = new AbortController();
		const results = pool.imap(targets.square, counting.sync(), { signal: controller.signal });
		assert.equal((await promptly(results.next())).value, 0);
		controller.abort(new Error('no more'));
		await assert.rejects(promptly(results.next()), { message: 'no more' });
		assert.equal((await promptly(results.next())).done, true);
		assert.equal(counting.closed, 1);
		await finish(pool);
	});

	test(`${name}: when the pool is terminated who waits for a result is told`, async () => {
		const pool = kind.make(1);
		const results = pool.imap(targets.never, new Counting().sync());
		const waiting = failureOf(results.next());
		await promptly(pool.terminate());
		assert.equal((await waiting).name, 'ClosedError');
	});

	test(`${name}: a pool that is closed reads the input of a lazy map to its end, as long as somebody reads the results`, async () => {
		const pool = kind.make(2);
		const results = pool.imap(targets.square, new Counting(100).async(), { buffersize: 4 });
		assert.equal((await promptly(results.next())).value, 0);
		pool.close();
		assert.equal(await pool.join(50), false);
		assert.equal((await promptly(all(results))).length, 99);
		assert.equal(await promptly(pool.join()), true);
	});

	test(`${name}: the results are disposed of as what they are`, async () => {
		const pool = kind.make(1);
		const counting = new Counting();
		{
			await using results = pool.imap(targets.square, counting.sync()) as AsyncGenerator<number>;
			assert.equal(results[Symbol.asyncIterator](), results);
			await promptly(results.next());
		}
		assert.equal(counting.closed, 1);
		await finish(pool);
	});
}
