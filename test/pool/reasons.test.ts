/** What ends a map is what its caller gets, as it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pool } from 'polyproc';

test('with failFast the index is that of the item that failed, not of one that was called off', async () => {
	const pool = new Pool(2);
	const zeroFails = (item: number): number => {
		if (item === 0) throw new Error('zero');
		for (const end = performance.now() + 200; performance.now() < end; );
		return item;
	};
	await assert.rejects(pool.map(zeroFails, [0, 1, 2, 3, 4, 5], { failFast: true, chunksize: 1 }), {
		message: 'zero',
		index: 0,
	});
	await pool.terminate();
});

test('the reason for which a map is called off is not changed', async () => {
	const pool = new Pool(2);
	const hang = async (): Promise<void> => await new Promise(() => setInterval(() => {}, 1000));
	const [first, second] = [new Error('enough'), new Error('too long')];
	const task = pool.map(hang, [1, 2, 3]);
	task.cancel(first);
	await assert.rejects(task, (error) => error === first && !('index' in first));
	const controller = new AbortController();
	const results = pool.imap(hang, [1, 2, 3], { signal: controller.signal });
	const next = results.next();
	controller.abort(second);
	await assert.rejects(next, (error) => error === second && !('index' in second));
	await pool.terminate();
});
