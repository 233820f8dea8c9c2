/** CPython's TestSyncManagerTypes: each type is made in the parent and used in a child, of each start method and in a thread. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Manager, type SyncManager } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { collect } from '../managers/collect.ts';
import * as targets from './manager-targets.ts';
import { lasting, runners } from './runners.ts';

let manager: SyncManager;
after(() => manager.shutdown());
const everybody = runners.map(lasting);
checkLeaks(async () => {
	manager = await Manager();
	const list = await manager.list([1]);
	for (const runner of everybody) {
		const running = await runner.start(targets.useList, list);
		await running.line.recv();
		await running.join();
		running.line.close();
	}
});

for (const { name, start } of everybody) {
	/** Runs a target with a proxy, and tells what it sent. */
	async function see(target: (...args: never[]) => unknown, proxy: unknown, messages: number = 1): Promise<unknown[]> {
		const { line, join } = await start(target, proxy);
		const seen: unknown[] = [];
		for (let i = 0; i < messages; i++) seen.push(await line.recv());
		assert.equal(await join(), 0);
		line.close();
		return seen;
	}

	test(`${name}: an event that is set is seen, and cleared`, async () => {
		const event = await manager.Event();
		await event.set();
		assert.deepEqual(await see(targets.useEvent, event, 2), [true, false]);
		assert.equal(await event.isSet(), false);
	});

	test(`${name}: a lock that was left locked is released by another; once more is an error`, async () => {
		const lock = await manager.Lock();
		const { line, join } = await start(targets.leaveLocked, lock);
		assert.equal(await line.recv(), true);
		await lock.release();
		await assert.rejects(lock.release(), { name: 'RangeError' });
		await line.send(null);
		assert.equal(await join(), 0);
		line.close();
	});

	test(`${name}: an RLock is acquired and released`, async () => {
		const lock = await manager.RLock();
		assert.deepEqual(await see(targets.acquireCondition, lock), [true]);
		assert.equal(await lock.acquire(), true);
		assert.equal(await lock.acquire(), true);
		await lock.release();
		await lock.release();
		await assert.rejects(lock.release(), { name: 'RangeError' });
	});

	for (const type of ['Semaphore', 'BoundedSemaphore'] as const) {
		test(`${name}: of a ${type} one takes a permit, and another gives it back`, async () => {
			const semaphore = await manager[type](1);
			assert.deepEqual(await see(targets.takePermit, semaphore), [true]);
			assert.equal(await semaphore.acquire({ timeout: 0 }), false);
			await semaphore.release();
			assert.equal(await semaphore.getValue(), 1);
			if (type === 'BoundedSemaphore') await assert.rejects(semaphore.release(), { name: 'RangeError' });
		});
	}

	test(`${name}: a condition is acquired and released`, async () => {
		const condition = await manager.Condition();
		assert.deepEqual(await see(targets.acquireCondition, condition), [true]);
	});

	test(`${name}: a barrier tells how many it is for, and can be reset`, async () => {
		const barrier = await manager.Barrier(5);
		assert.deepEqual(await see(targets.lookAtBarrier, barrier), [5]);
		assert.equal(await barrier.broken(), false);
	});

	test(`${name}: a pool in the server does what others send it`, async () => {
		const pool = await manager.Pool(1);
		assert.deepEqual(await see(targets.usePool, pool), [4]);
		assert.deepEqual(await pool.map(Math.sqrt, [1, 4, 9]), [1, 2, 3]);
		assert.deepEqual(await collect(await pool.imap(Math.sqrt, [16, 25])), [4, 5]);
		await pool.terminate();
	});

	for (const type of ['Queue', 'JoinableQueue'] as const) {
		test(`${name}: a full ${type} of two is drained, and each side sees how full it is`, async () => {
			const queue = await manager[type](2);
			await queue.put(1);
			await queue.put(2);
			await assert.rejects(queue.putNowait(3), { name: 'Full' });
			assert.deepEqual(await see(targets.drain, queue), [[2, true, 1, 1, false, 2, true]]);
			await assert.rejects(queue.getNowait(), { name: 'Empty' });
			assert.equal(await queue.empty(), true);
		});
	}

	test(`${name}: a list`, async () => {
		const list = await manager.list([1, 2, 3]);
		assert.deepEqual(await see(targets.useList, list), [[[10, 2, 3, 4], 4]]);
		assert.equal(await list.pop(), 4);
		assert.deepEqual(await list.splice(0, 1), [10]);
		assert.deepEqual([await list.indexOf(3), await list.includes(2), await list.join('-')], [1, true, '2-3']);
		await list.clear();
		assert.equal(await list.length(), 0);
	});

	test(`${name}: a dict`, async () => {
		const dict = await manager.dict({ a: 1, b: 2 });
		assert.deepEqual(await see(targets.useDict, dict), [
			[
				['b', 2],
				['c', 3],
			],
		]);
		assert.deepEqual(await dict.popItem(), ['c', 3]);
		assert.equal(await dict.pop('zzz', 5), 5);
		assert.equal(await dict.getOrInsert('d', 4), 4);
		assert.equal(await dict.assign({ e: 5 }), dict);
		assert.deepEqual(await dict.keys(), ['b', 'd', 'e']);
	});

	test(`${name}: a value`, async () => {
		const value = await manager.Value('i', 1);
		assert.deepEqual(await see(targets.useValue, value), [[1, 1]]);
		assert.equal(await value.get(), 2);
		assert.equal(await value.add(5), 2);
		assert.equal(await value.getValue(), 7);
		value.valueSync = 8;
		assert.deepEqual([await value.value, value.valueSync], [8, 8]);
		await assert.rejects(value.set(1.5), { name: 'TypeError' });
	});

	test(`${name}: an array`, async () => {
		const array = await manager.Array('i', [0, 1, 2]);
		assert.deepEqual(await see(targets.useArray, array), [[0, 3, [0, 1, 2]]]);
		assert.deepEqual(await collect(array), [0, 9, 2]);
		await assert.rejects(array.at(3), { name: 'RangeError' });
	});

	test(`${name}: a namespace`, async () => {
		const names = await manager.Namespace({ x: 1, y: 2 });
		assert.deepEqual(await see(targets.useNamespace, names), [[1, 2]]);
		assert.equal(await names.get('z'), 3);
	});

	test(`${name}: a set`, async () => {
		const set = await manager.set([1, 2, 3]);
		assert.deepEqual(await see(targets.useSet, set), [[true, 4]]);
		assert.deepEqual(await set.union([9]), new Set([1, 2, 3, 4, 9]));
		assert.deepEqual(await set.intersection([1, 9]), new Set([1]));
		assert.deepEqual(await set.difference([1]), new Set([2, 3, 4]));
		assert.deepEqual(await set.symmetricDifference([1, 5]), new Set([2, 3, 4, 5]));
		assert.deepEqual(
			[await set.isSubsetOf([1, 2, 3, 4, 5]), await set.isSupersetOf([1]), await set.isDisjointFrom([1])],
			[true, true, false],
		);
		assert.equal(await set.assign([7]), set);
		assert.equal(await set.delete(7), true);
	});
}

test('a set is made of anything that can be iterated over, and of nothing else', async () => {
	assert.deepEqual(await (await manager.set(new Set([1, 1]))).values(), [1]);
	assert.deepEqual(await (await manager.set([1, 2, 2])).values(), [1, 2]);
	await assert.rejects(manager.set(5 as never), { name: 'TypeError' });
});
