/** CPython's _TestLock, restated. Rows in MAPPING.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lock, Pipe, RLock } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './connection-targets.ts';
import { lasting, runners } from './runners.ts';

const crews = runners.map(lasting);

checkLeaks(async () => {
	for (const runner of crews) {
		const lock = new Lock();
		const { line, join } = await runner.start(targets.keepLocked, lock);
		await line.recv();
		await line.send('release');
		await line.recv();
		await join();
		line.close();
	}
});

test('a lock is taken once and released once; releasing it again is a range error', async () => {
	const lock = new Lock();
	assert.equal(lock.locked(), false);
	assert.equal(await lock.acquire(), true);
	assert.equal(lock.locked(), true);
	assert.equal(await lock.acquire({ block: false }), false);
	assert.equal(lock.acquireSync({ block: false }), false);
	assert.equal(lock.release(), undefined);
	assert.equal(lock.locked(), false);
	assert.throws(() => lock.release(), { name: 'RangeError' });
});

test('a recursive lock is taken three times and released three times; a fourth release is an error', async () => {
	const lock = new RLock();
	for (let i = 0; i < 3; i++) assert.equal(lock.acquireSync(), true);
	assert.equal(lock.locked(), true);
	for (let i = 0; i < 3; i++) assert.equal(lock.release(), undefined);
	assert.equal(lock.locked(), false);
	assert.throws(() => lock.release(), { name: 'RangeError' });
});

test('an acquisition with a timeout is false, not earlier than the timeout', async () => {
	const lock = new Lock();
	lock.acquireSync();
	const start = performance.now();
	assert.equal(await lock.acquire({ timeout: 50 }), false);
	assert.equal(lock.acquireSync({ timeout: 50 }), false);
	assert.ok(performance.now() - start >= 99);
	assert.equal(await lock.acquire({ timeout: -1 }), false);
	lock.release();
});

for (const Kind of [Lock, RLock]) {
	test(`holding a ${Kind.name} for a block takes it and gives it back`, async () => {
		const lock = new Kind();
		{
			using _held = lock.holdSync();
			assert.equal(lock.locked(), true);
		}
		assert.equal(lock.locked(), false);
		{
			using _held = await lock.hold();
			assert.equal(lock.locked(), true);
		}
		assert.equal(lock.locked(), false);
	});
}

for (const runner of crews) {
	for (const Kind of [Lock, RLock]) {
		test(`${runner.name}: a ${Kind.name} taken there reads as locked here, too`, async () => {
			const lock = new Kind();
			const { line, join } = await runner.start(targets.keepLocked, lock);
			assert.equal(await line.recv(), true);
			assert.equal(lock.locked(), true);
			assert.equal(await lock.acquire({ block: false }), false);
			await line.send('release');
			assert.equal(await line.recv(), false);
			assert.equal(lock.locked(), false);
			assert.equal(await join(), 0);
			line.close();
		});

		test(`${runner.name}: a ${Kind.name} keeps what it protects whole while three others change it`, async () => {
			const TIMES = 200;
			const lock = new Kind();
			const [mine, counter] = Pipe();
			const others = await Promise.all(
				Array.from({ length: 3 }, () => runner.start(targets.acquireAndRelease, lock, TIMES, counter)),
			);
			let value = 0;
			for (let i = 0; i < 3 * TIMES; i++) {
				await mine.send(value);
				const next = (await mine.recv()) as number;
				assert.equal(next, value + 1);
				value = next;
			}
			for (const { line, join } of others) {
				assert.equal(await join(), 0);
				line.close();
			}
			mine.close();
			counter.close();
		});
	}
}
