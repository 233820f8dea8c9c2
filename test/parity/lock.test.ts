/** CPython's _TestLock, restated. Rows in MAPPING.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getContext, Lock, Pipe, Process, RLock } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './connection-targets.ts';
import { methods } from './methods.ts';

checkLeaks(async () => {
	const lock = new Lock();
	const [here, there] = Pipe();
	const child = new Process({ target: targets.keepLocked, args: [lock, there] });
	await child.start();
	await here.recv();
	await here.send('release');
	await here.recv();
	await child.join();
	here.close();
	there.close();
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

for (const method of methods) {
	for (const kind of ['Lock', 'RLock'] as const) {
		const context = getContext(method);

		test(`${method}: a ${kind} taken in a child reads as locked in both processes`, async () => {
			const lock = new context[kind]();
			const [here, there] = Pipe();
			const child = new context.Process({ target: targets.keepLocked, args: [lock, there] });
			await child.start();
			assert.equal(await here.recv(), true);
			assert.equal(lock.locked(), true);
			assert.equal(await lock.acquire({ block: false }), false);
			await here.send('release');
			assert.equal(await here.recv(), false);
			assert.equal(lock.locked(), false);
			assert.equal(await child.join(), 0);
			here.close();
			there.close();
		});

		test(`${method}: a ${kind} keeps what it protects whole while three children change it`, async () => {
			const TIMES = 200;
			const lock = new context[kind]();
			const [mine, counter] = Pipe();
			const children = Array.from(
				{ length: 3 },
				() => new context.Process({ target: targets.acquireAndRelease, args: [lock, TIMES, counter] }),
			);
			await Promise.all(children.map((child) => child.start()));
			let value = 0;
			for (let i = 0; i < 3 * TIMES; i++) {
				await mine.send(value);
				const next = (await mine.recv()) as number;
				assert.equal(next, value + 1);
				value = next;
			}
			assert.deepEqual(await Promise.all(children.map((child) => child.join())), [0, 0, 0]);
			mine.close();
			counter.close();
		});
	}
}
