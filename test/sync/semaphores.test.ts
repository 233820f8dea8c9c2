/** Semaphore and BoundedSemaphore: arguments, aborts, order, and permits among processes that are killed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { BoundedSemaphore, getContext, Semaphore } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { end, start, within } from './children.ts';
import * as targets from './targets.ts';

checkLeaks(async () => {
	const semaphore = new Semaphore(0);
	await semaphore.acquire({ timeout: 1 });
	await end(await start(targets.takePermits, [semaphore, 'async']));
});

for (const Kind of [Semaphore, BoundedSemaphore]) {
	const name = Kind.name;

	test(`${name}: a value that is no number of permits is an error`, () => {
		for (const [value, error] of [
			['1', { name: 'TypeError', message: `new ${name}: value must be a number of permits, not string` }],
			[null, { name: 'TypeError' }],
			[-1, { name: 'RangeError', message: `new ${name}: value must be a whole number from 0 to 1073741823, not -1` }],
			[1.5, { name: 'RangeError' }],
			[2 ** 30, { name: 'RangeError' }],
			[Number.NaN, { name: 'RangeError' }],
		] as const) {
			assert.throws(() => new Kind(value as number), error);
		}
		assert.equal(new Kind().getValue(), 1);
		assert.equal(new Kind(0).getValue(), 0);
		assert.equal(new Kind(2 ** 30 - 1).getValue(), 2 ** 30 - 1);
	});

	test(`${name}: wrong options are errors that name the call`, async () => {
		await assert.rejects(new Kind().acquire({ timout: 1 } as never), {
			code: 'ERR_MP_ARGUMENT_TYPE',
			message: `${name}.acquire: unknown option "timout"; there are block, timeout, signal`,
		});
		assert.throws(() => new Kind().acquireSync(1 as never), { code: 'ERR_MP_ARGUMENT_TYPE' });
	});

	test(`${name}: hold gives the permit back at the end of the block, and says when there was none in time`, async () => {
		const semaphore = new Kind(1);
		{
			using _held = await semaphore.hold();
			assert.equal(semaphore.getValue(), 0);
			await assert.rejects(semaphore.hold({ timeout: 10 }), {
				name: 'TimeoutError',
				message: `${name}.hold: no permit came free in time.`,
			});
			assert.throws(() => semaphore.holdSync({ block: false }), { name: 'TimeoutError' });
		}
		{
			using _held = semaphore.holdSync();
			assert.equal(semaphore.getValue(), 0);
		}
		assert.equal(semaphore.getValue(), 1);
	});

	test(`${name}: it is a member of every context`, () => {
		assert.equal(getContext()[name as 'Semaphore'], Kind);
	});
}

test('they are inspected with what they have', () => {
	assert.equal(inspect(new Semaphore(3)), '<Semaphore(value=3)>');
	const bounded = new BoundedSemaphore(3);
	bounded.acquireSync();
	assert.equal(inspect(bounded), '<BoundedSemaphore(value=2, maxvalue=3)>');
});

test('a release too many is a range error that says how many permits there are', () => {
	assert.throws(() => new BoundedSemaphore(2).release(), {
		name: 'RangeError',
		code: 'ERR_MP_ARGUMENT_RANGE',
		message: 'BoundedSemaphore.release: all 2 permits are free already.',
	});
	assert.throws(() => new Semaphore(2 ** 30 - 1).release(), { name: 'RangeError' });
});

test('tasks of one thread get permits in the order in which they came', async () => {
	const semaphore = new Semaphore(0);
	const order: number[] = [];
	const tasks = [1, 2, 3, 4].map(async (number) => {
		await semaphore.acquire();
		order.push(number);
	});
	for (let i = 0; i < 4; i++) semaphore.release();
	await Promise.all(tasks);
	assert.deepEqual(order, [1, 2, 3, 4]);
	assert.equal(semaphore.getValue(), 0);
});

test('an aborted acquisition rejects with the reason and takes nothing, also in the turn in which it is released', async () => {
	const semaphore = new Semaphore(0);
	const reason = new Error('enough');
	await assert.rejects(semaphore.acquire({ signal: AbortSignal.abort(reason) }), reason);
	const abort = new AbortController();
	const aborted = semaphore.acquire({ signal: abort.signal });
	const next = semaphore.acquire();
	semaphore.release();
	abort.abort(reason);
	await assert.rejects(aborted, reason);
	assert.equal(await next, true);
	assert.equal(semaphore.getValue(), 0);
});

test('a thread that blocks for a permit is not behind its own tasks', async () => {
	const semaphore = new Semaphore(0);
	const task = semaphore.acquire();
	semaphore.release();
	assert.equal(semaphore.acquireSync(), true);
	semaphore.release();
	assert.equal(await task, true);
});

for (const form of ['async', 'sync'] as const) {
	test(`a waiter (${form}) that is killed takes no permit, and those behind it are served`, async () => {
		const semaphore = new Semaphore(0);
		const victim = await start(targets.takePermits, [semaphore, form]);
		assert.equal(await victim.report.recv(), 'waits');
		const other = await start(targets.takePermits, [semaphore, form]);
		assert.equal(await other.report.recv(), 'waits');
		victim.child.kill();
		semaphore.release();
		assert.equal(await within(1000, () => other.report.recv()), 'has one');
		await end(other);
		await end(victim);
		semaphore.release();
		assert.equal(await within(1000, () => semaphore.acquire()), true);
		assert.equal(semaphore.getValue(), 0);
	});
}

test('a permit has no owner: the one of a process that was killed is not given back', async () => {
	const semaphore = new Semaphore(1);
	const taker = await start(targets.takePermits, [semaphore, 'sync']);
	assert.equal(await taker.report.recv(), 'waits');
	assert.equal(await taker.report.recv(), 'has one');
	await end(taker);
	assert.equal(await semaphore.acquire({ timeout: 500 }), false);
	assert.equal(semaphore.getValue(), 0);
});

test('four processes that share two permits are never three inside, and all get their turns', async () => {
	const semaphore = new Semaphore(2);
	const inside = new Semaphore(0);
	const children = await Promise.all(
		['sync', 'async', 'sync', 'async'].map((form) => start(targets.comeAndGo, [semaphore, inside, form, 100])),
	);
	for (const { report, child } of children) {
		const most = (await report.recv()) as number;
		assert.ok(most >= 1 && most <= 2, `${most} were inside`);
		assert.equal(await child.join(), 0);
		report.close();
	}
	assert.deepEqual([semaphore.getValue(), inside.getValue()], [2, 0]);
});
