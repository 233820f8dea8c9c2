/** What the compiler infers of a pool's functions, and what does not compile. Checked by the compiler, not run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pool, type PoolStats, type Progress, run, type Task, type ThreadPool } from 'polyproc';
import { square } from './targets.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only if the value's type is exactly `T`. */
function is<T>() {
	return <V>(_value: V, _same: Same<V, T>): void => {};
}

const repeat = (text: string, times: number): string => text.repeat(times);
const later = async (x: number): Promise<string> => String(x);
const optional = (x: number, y?: string): string => `${x}${y}`;

async function* numbers(): AsyncGenerator<number> {
	yield 1;
}

function inferred(pool: Pool | ThreadPool): void {
	is<Task<number>>()(pool.apply(square, [2]), true);
	is<Task<string>>()(pool.apply(repeat, ['a', 2], { timeout: 1, retries: 1, priority: 1 }), true);
	is<Task<string>>()(pool.apply(later, [1]), true);
	is<Task<string>>()(pool.apply(optional, [1]), true);
	is<Task<string>>()(
		pool.apply((x) => x.toFixed(), [1]),
		true,
	);
	is<Task<number>>()(
		pool.apply(() => 1),
		true,
	);
	is<Task<number[]>>()(pool.map(square, [1, 2]), true);
	is<Task<number[]>>()(pool.map(square, numbers()), true);
	is<Task<string[]>>()(pool.map(later, new Set([1])), true);
	is<Task<string[]>>()(pool.starmap(repeat, [['a', 1]]), true);
	is<Task<string[]>>()(pool.starmap(repeat, new Map([['a', 1]])), true);
	is<AsyncIterableIterator<number>>()(pool.imap(square, numbers()), true);
	is<AsyncIterableIterator<string>>()(pool.imapUnordered(later, [1], { buffersize: 2 }), true);
	is<Promise<boolean>>()(pool.join(1), true);
	is<PoolStats>()(pool.stats(), true);
	void pool.map(square, [1], { progress: (progress) => is<Progress>()(progress, true) });
	is<Task<number>>()(run(square, [2]), true);
	is<Task<string>>()(run(later, [1], { timeout: 1, env: {} }), true);
}

function refused(pool: Pool | ThreadPool): void {
	// @ts-expect-error of the wrong type
	void pool.apply(square, ['2']);
	// @ts-expect-error too few
	void pool.apply(repeat, ['a']);
	// @ts-expect-error none
	void pool.apply(square);
	// @ts-expect-error too many
	void pool.apply(square, [1, 2]);
	// @ts-expect-error an argument that is no array
	void pool.apply(square, 2);
	// @ts-expect-error items of the wrong type
	void pool.map(square, ['a']);
	// @ts-expect-error no iterable
	void pool.map(square, 5);
	// @ts-expect-error tuples of the wrong type
	void pool.starmap(repeat, [[1, 'a']]);
	// @ts-expect-error an option that there is not
	void pool.map(square, [1], { chunkSize: 1 });
	// @ts-expect-error an option of maps
	void pool.apply(square, [1], { chunksize: 1 });
	// @ts-expect-error of the wrong type
	void run(square, ['2']);
	// @ts-expect-error an option that there is not
	void new Pool(2, { maxTasks: 1 });
}

test('what a task gives is what its function returns, and its arguments are those of its function', () => {
	assert.equal(typeof inferred, 'function');
	assert.equal(typeof refused, 'function');
});
