/** Lock and RLock within one process: options, aborts, reentry, texts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Lock, RLock } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';

checkLeaks(async () => {
	const lock = new Lock();
	await lock.acquire();
	await lock.acquire({ timeout: 1 });
	lock.release();
});

for (const Kind of [Lock, RLock]) {
	test(`${Kind.name}: wrong options are errors that name the call`, async () => {
		const lock = new Kind();
		for (const call of ['acquire', 'acquireSync'] as const) {
			const name = `${Kind.name}.${call}`;
			for (const [options, message] of [
				[5, `${name}: options must be an object {block, timeout, signal}, not 5`],
				[null, `${name}: options must be an object {block, timeout, signal}, not null`],
				[{ timout: 1 }, `${name}: unknown option "timout"; there are block, timeout, signal`],
				[{ block: 0 }, `${name}: block must be true or false, not 0`],
				[{ timeout: '1' }, `${name}: timeout must be a number of milliseconds, not string`],
				[{ signal: {} }, `${name}: signal must be an AbortSignal`],
			] as const) {
				await assert.rejects(async () => lock[call](options as never), {
					name: 'TypeError',
					code: 'ERR_MP_ARGUMENT_TYPE',
					message,
				});
			}
			await assert.rejects(async () => lock[call]({ timeout: Number.NaN }), { name: 'RangeError' });
		}
		assert.throws(() => new Kind(1 as never), { message: `new ${Kind.name}: options must be an object` });
		assert.throws(() => new Kind({ bogus: 1 } as never), {
			name: 'TypeError',
			code: 'ERR_MP_ARGUMENT_TYPE',
			message: `new ${Kind.name}: unknown option "bogus"; there is only onOwnerDeath`,
		});
		assert.throws(() => new Kind({ onOwnerDeath: 'shrug' as never }), {
			message: `new ${Kind.name}: onOwnerDeath must be 'flag' or 'throw', not shrug`,
		});
		assert.equal(lock.locked(), false);
	});

	test(`${Kind.name}: one release too many is a range error`, () => {
		assert.throws(() => new Kind().release(), {
			name: 'RangeError',
			code: 'ERR_MP_ARGUMENT_RANGE',
			message: `${Kind.name}.release: the lock is not held; it was released more often than it was acquired.`,
		});
	});

	test(`${Kind.name}: it is inspected as free or with its owner's name`, () => {
		const lock = new Kind();
		const [free, held] = Kind === Lock ? ['owner=None', 'owner=MainProcess'] : ['None, 0', 'MainProcess, 1'];
		assert.equal(inspect(lock), `<${Kind.name}(${free})>`);
		lock.acquireSync();
		assert.equal(inspect(lock), `<${Kind.name}(${held})>`);
		lock.release();
	});

	test(`${Kind.name}: hold gives it back at the end of the block, also after an error`, async () => {
		const lock = new Kind();
		await assert.rejects(async () => {
			using _held = await lock.hold();
			throw new Error('in the block');
		}, /in the block/);
		assert.equal(lock.locked(), false);
	});
}

test('an aborted acquisition rejects with the reason and holds nothing; those behind it are served', async () => {
	const lock = new Lock();
	const reason = new Error('enough');
	await assert.rejects(lock.acquire({ signal: AbortSignal.abort(reason) }), reason);
	assert.equal(lock.locked(), false);
	lock.acquireSync();
	const abort = new AbortController();
	const aborted = lock.acquire({ signal: abort.signal });
	const next = lock.acquire();
	abort.abort(reason);
	await assert.rejects(aborted, reason);
	lock.release();
	assert.equal(await next, true);
	lock.release();
	assert.equal(lock.locked(), false);
});

test('an acquisition that is aborted in the turn in which it is given the lock gives it on', async () => {
	const lock = new Lock();
	lock.acquireSync();
	const abort = new AbortController();
	const aborted = lock.acquire({ signal: abort.signal });
	lock.release();
	abort.abort(new Error('enough'));
	await assert.rejects(aborted, { message: 'enough' });
	assert.equal(await lock.acquire({ timeout: 1000 }), true);
	lock.release();
});

test('tasks of one thread wait for a Lock in the order in which they came', async () => {
	const lock = new Lock();
	lock.acquireSync();
	const order: number[] = [];
	const tasks = [1, 2, 3, 4].map(async (number) => {
		await lock.acquire();
		order.push(number);
		lock.release();
	});
	lock.release();
	await Promise.all(tasks);
	assert.deepEqual(order, [1, 2, 3, 4]);
});

test('a timeout is not shorter than asked for, and hold says that it came', async () => {
	const lock = new Lock();
	lock.acquireSync();
	const start = performance.now();
	await assert.rejects(lock.hold({ timeout: 40 }), {
		name: 'TimeoutError',
		code: 'ERR_MP_TIMEOUT',
		message: 'Lock.hold: the lock was not free in time.',
	});
	assert.throws(() => lock.holdSync({ timeout: 40 }), { name: 'TimeoutError' });
	assert.ok(performance.now() - start >= 80);
	lock.release();
});

test('who holds a lock in another thread is named with process and thread', async () => {
	const { stdout, stderr, code } = await runProgram(fixturePath('process/lock-in-thread.mjs'));
	const expected = '<Lock(owner=MainProcess|Thread-1)> <RLock(MainProcess|Thread-1, 1)>\n';
	assert.deepEqual([stdout, stderr, code], [expected, '', 0]);
});

test('a recursive lock is entered again by any task of its thread, and is free after as many releases', async () => {
	const lock = new RLock();
	assert.equal(await lock.acquire(), true);
	await Promise.all([1, 2, 3].map(() => lock.acquire()));
	assert.equal(lock.acquireSync({ block: false }), true);
	for (let i = 0; i < 4; i++) lock.release();
	assert.equal(lock.locked(), true);
	lock.release();
	assert.equal(lock.locked(), false);
});

test('tasks that want a free recursive lock in the same turn all enter it', async () => {
	const lock = new RLock();
	assert.deepEqual(await Promise.all([1, 2, 3].map(() => lock.acquire({ timeout: 1000 }))), [true, true, true]);
	for (let i = 0; i < 3; i++) lock.release();
	assert.equal(lock.locked(), false);
});

test('an aborted acquisition of a recursive lock does not count', async () => {
	const lock = new RLock();
	lock.acquireSync();
	const abort = new AbortController();
	await assert.rejects(lock.acquire({ signal: AbortSignal.abort(new Error('enough')) }), { message: 'enough' });
	assert.equal(await lock.acquire({ signal: abort.signal }), true);
	abort.abort();
	lock.release();
	lock.release();
	assert.throws(() => lock.release(), { name: 'RangeError' });
});
