/** CPython's _TestSemaphore, restated. Rows in MAPPING.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AcquireOptions, BoundedSemaphore, Semaphore } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { runners } from './runners.ts';
import * as targets from './sync-targets.ts';

checkLeaks(async () => {
	for (const runner of runners) {
		const { line, join } = await runner.start(targets.takeAndGiveBack, new Semaphore());
		await line.recv();
		await line.send('go');
		await join();
		line.close();
	}
});

for (const Kind of [Semaphore, BoundedSemaphore]) {
	test(`a ${Kind.name} goes down to zero and up again`, async () => {
		const semaphore = new Kind(2);
		assert.equal(semaphore.getValue(), 2);
		assert.equal(await semaphore.acquire(), true);
		assert.equal(semaphore.getValue(), 1);
		assert.equal(semaphore.locked(), false);
		assert.equal(semaphore.acquireSync(), true);
		assert.equal(semaphore.getValue(), 0);
		assert.equal(semaphore.locked(), true);
		assert.equal(await semaphore.acquire({ block: false }), false);
		assert.equal(semaphore.acquireSync({ block: false }), false);
		assert.equal(semaphore.getValue(), 0);
		assert.equal(semaphore.release(), undefined);
		assert.equal(semaphore.getValue(), 1);
		assert.equal(semaphore.release(), undefined);
		assert.equal(semaphore.getValue(), 2);
	});
}

test('a Semaphore is released beyond what it began with; a BoundedSemaphore is not', () => {
	const semaphore = new Semaphore(2);
	semaphore.release();
	semaphore.release();
	assert.equal(semaphore.getValue(), 4);
	const bounded = new BoundedSemaphore(2);
	assert.throws(() => bounded.release(), { name: 'RangeError' });
	assert.equal(bounded.getValue(), 2);
});

test('an empty semaphore gives nothing, whatever the options, and not before the timeout', async () => {
	const semaphore = new Semaphore(0);
	const options: [AcquireOptions, number][] = [
		[{ block: false }, 0],
		[{ block: false, timeout: 100 }, 0],
		[{ timeout: 0 }, 0],
		[{ timeout: -1 }, 0],
		[{ timeout: 50 }, 49],
		[{ block: true, timeout: 300 }, 299],
	];
	for (const [option, least] of options) {
		for (const form of ['acquire', 'acquireSync'] as const) {
			const start = performance.now();
			assert.equal(await semaphore[form](option), false);
			assert.ok(performance.now() - start >= least);
		}
	}
});

for (const runner of runners) {
	for (const Kind of [Semaphore, BoundedSemaphore]) {
		test(`${runner.name}: a ${Kind.name}'s permit is taken there and missing here, until it is given back`, async () => {
			const semaphore = new Kind(1);
			const { line, join } = await runner.start(targets.takeAndGiveBack, semaphore);
			assert.equal(await line.recv(), 0);
			assert.equal(semaphore.getValue(), 0);
			assert.equal(await semaphore.acquire({ block: false }), false);
			const waiting = semaphore.acquire();
			await line.send('give it back');
			assert.equal(await waiting, true);
			assert.equal(await join(), 0);
			semaphore.release();
			assert.equal(semaphore.getValue(), 1);
			line.close();
		});
	}
}
