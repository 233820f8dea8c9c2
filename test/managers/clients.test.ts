/** Many clients, and clients that die: what they did is whole, what they held goes on, what they waited for is forgotten. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getContext, Manager, Process } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import * as targets from './targets.ts';

/** Within this, in milliseconds, what a client had that was killed goes to the next. */
const SOON = 1000;

async function started(target: (...args: never[]) => unknown, ...args: unknown[]): Promise<Process<unknown[]>> {
	const process = new Process<unknown[]>({ target: target as never, args });
	await process.start();
	return process;
}

checkLeaks(async () => {
	await using manager = await Manager();
	const dict = await manager.dict<string, number>();
	assert.equal(await (await started(targets.incrementOften, dict, 1)).join(), 0);
});

test('a hundred clients that each add a thousand times through update add up exactly', async () => {
	await using manager = await Manager();
	const dict = await manager.dict<string, number>();
	for (let round = 0; round < 4; round++) {
		const clients = await Promise.all(Array.from({ length: 25 }, () => started(targets.incrementOften, dict, 1000)));
		for (const client of clients) assert.equal(await client.join(), 0);
	}
	assert.equal(await dict.get('n'), 100_000);
});

test('so do clients that block for each call', async () => {
	await using manager = await Manager();
	const dict = await manager.dict<string, number>();
	const clients = await Promise.all(Array.from({ length: 3 }, () => started(targets.incrementSync, dict, 200)));
	for (const client of clients) assert.equal(await client.join(), 0);
	assert.equal(await dict.get('n'), 600);
});

test('an update that is asynchronous is alone with the object, too', async () => {
	await using manager = await Manager();
	const dict = await manager.dict<string, number>();
	await Promise.all(Array.from({ length: 100 }, () => dict.update(targets.incrementSlowly, 'n')));
	assert.equal(await dict.get('n'), 100);
});

test('a call that blocks comes after those that were made before it and not awaited', async () => {
	await using manager = await Manager();
	const dict = await manager.dict<string, number>();
	assert.equal(await (await started(targets.setThenLook, dict)).join(), 0);
});

for (const type of ['Lock', 'RLock'] as const) {
	test(`a ${type} whose holder is killed goes to the next within a second, who is told`, async () => {
		await using manager = await Manager();
		const [lock, ready] = [await manager[type](), await manager.Event()];
		const holder = await started(targets.dieHolding, lock, ready);
		await promptly(ready.wait());
		assert.equal(await lock.acquire({ timeout: 0 }), false);
		const acquired = lock.acquire();
		holder.kill();
		assert.equal(await promptly(acquired, SOON), true);
		assert.equal(await lock.ownerDied(), true);
		await lock.release();
		assert.equal(await lock.ownerDied(), false);
		assert.equal(await lock.acquire(), true);
		await holder.join();
	});
}

test('who is killed while it waits has not come, and takes nothing', async () => {
	await using manager = await Manager();
	const [queue, lock, ready] = [await manager.Queue(), await manager.Lock(), await manager.Event()];
	const barrier = await manager.Barrier(2);
	await lock.acquire();
	const waiter = await started(targets.dieWaiting, queue, lock, barrier, ready);
	await promptly(ready.wait());
	assert.equal(await barrier.nWaiting(), 1);
	waiter.kill();
	await waiter.join();
	while ((await barrier.nWaiting()) > 0);
	await queue.put('still there');
	assert.equal(await promptly(queue.get()), 'still there');
	await lock.release();
	assert.equal(await lock.acquire({ timeout: 0 }), true, 'nobody dead has it');
});

test('a condition whose waiter is killed is there for others', async () => {
	await using manager = await Manager();
	const [condition, ready] = [await manager.Condition(), await manager.Event()];
	const waiter = await started(targets.dieWithCondition, condition, ready);
	await promptly(ready.wait());
	waiter.kill();
	await waiter.join();
	await promptly(condition.acquire());
	await condition.notifyAll();
	const waited = condition.wait({ timeout: 20 });
	assert.equal(await promptly(waited), false);
	await condition.release();
});

test('who waits with a condition is notified, and predicates are the caller’s own', async () => {
	await using manager = await Manager();
	const condition = await manager.Condition(await manager.Lock());
	const dict = await manager.dict<string, number>();
	await condition.acquire();
	const notifier = await started(targets.incrementAndNotify, condition, dict);
	assert.equal(await promptly(condition.waitFor(async () => (await dict.get('n')) === 1, 10_000)), true);
	assert.equal(await condition.waitFor(() => false, 30), false);
	assert.equal(
		condition.waitForSync(() => dict.getSync('n') === 1),
		true,
	);
	await condition.release();
	await assert.rejects(condition.notify(), { code: 'ERR_MP_NOT_OWNER' });
	assert.equal(await notifier.join(), 0);
});

test('a wait that is called off takes nothing, and one that is over is not', async () => {
	await using manager = await Manager();
	const [queue, lock] = [await manager.Queue(), await manager.Lock()];
	await lock.acquire();
	for (const wait of [queue.get.bind(queue), lock.acquire.bind(lock)]) {
		const abort = new AbortController();
		const waiting = (wait as (options: object) => Promise<unknown>)({ signal: abort.signal });
		setImmediate(() => abort.abort(new Error('enough')));
		await assert.rejects(promptly(waiting), { message: 'enough' });
		await assert.rejects((wait as (options: object) => Promise<unknown>)({ signal: abort.signal }), {
			message: 'enough',
		});
	}
	await queue.put(1);
	assert.equal(await queue.get({ timeout: 1000 }), 1);
	await lock.release();
	assert.equal(await lock.acquire({ timeout: 0 }), true);
	await assert.rejects(queue.get({ timeout: 20 }), { name: 'Empty' });
});

test('a queue is joined when all its items are done; a barrier opens when all have come', async () => {
	await using manager = await getContext('spawn').Manager({ context: 'forkserver' });
	const [queue, barrier] = [await manager.JoinableQueue<number>(), await manager.Barrier(3)];
	for (let i = 0; i < 3; i++) await queue.put(i);
	assert.equal(await queue.join({ timeout: 10 }), false);
	const joined = queue.join();
	const workers = await Promise.all([0, 1].map(() => started(targets.meetAndWork, barrier, queue)));
	const index = await promptly(barrier.wait());
	assert.ok(index >= 0 && index < 3);
	assert.equal(await promptly(joined), true);
	for (const worker of workers) assert.equal(await worker.join(), 0);
	await assert.rejects(barrier.wait({ timeout: 10 }), { name: 'BrokenBarrierError' });
	await assert.rejects(barrier.wait(), { name: 'BrokenBarrierError' });
});

test('an item of a client that is killed counts as done; others may say that it is, and once more is once too often', async () => {
	await using manager = await Manager();
	const [queue, ready] = [await manager.JoinableQueue<number>(), await manager.Event()];
	for (let i = 0; i < 3; i++) await queue.put(i);
	const worker = await started(targets.dieWorking, queue, ready);
	await promptly(ready.wait());
	const joined = queue.join();
	worker.kill();
	await worker.join();
	assert.equal(await queue.get(), 2);
	assert.equal(await queue.join({ timeout: 20 }), false);
	await queue.taskDone();
	assert.equal(await promptly(joined, SOON), true);
	await queue.taskDone();
	await assert.rejects(queue.taskDone(), { name: 'RangeError' });
	await queue.put(3);
	await queue.taskDone(); // before it is taken
	assert.equal(await queue.join({ timeout: 0 }), true);
	assert.equal(await queue.get(), 3);
	await assert.rejects(queue.taskDone(), { name: 'RangeError' });
});

test('what is held is released by using', async () => {
	await using manager = await Manager();
	const lock = await manager.Lock();
	{
		await using _ = await lock.hold();
		assert.equal(await lock.locked(), true);
		await assert.rejects(lock.hold({ timeout: 5 }), { name: 'TimeoutError' });
	}
	{
		using _ = lock.holdSync();
		assert.equal(lock.lockedSync(), true);
	}
	assert.equal(await lock.locked(), false);
});
