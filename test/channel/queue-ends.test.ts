/** How a queue ends: for everybody who holds it, and for its memory; and what keeps a process alive. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { JoinableQueue, Process, pickle, Queue, SimpleQueue, wait, waitGraph, waitSync } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './queue-targets.ts';
import { type Started, starting } from './started.ts';

const closed = { name: 'ClosedError', code: 'ERR_MP_CLOSED' };

checkLeaks(async () => {
	const { child, line } = await starting(targets.blockIn, new Queue(), 'get');
	child.kill();
	await child.join();
	line.close();
	await wait([new Queue()], 1);
	waitSync([new Queue()], 1);
});

async function ended({ child, line }: Started, last: unknown): Promise<void> {
	assert.deepEqual(await line.recv(), last);
	assert.equal(await child.join(), 0);
	line.close();
}

test('close ends every get, put and iteration there is, blocked or awaiting, in every process', async () => {
	const empty = new Queue();
	const full = new Queue(1);
	full.putNowait('in it');
	const inEmpty = await Promise.all(
		(['get', 'getSync', 'iteration'] as const).map((what) => starting(targets.blockIn, empty, what)),
	);
	const inFull = await Promise.all((['put', 'putSync'] as const).map((what) => starting(targets.blockIn, full, what)));
	const mine = [empty.get(), empty.get({ timeout: 60_000 }), full.put('mine')];
	empty.close();
	full.close();
	await Promise.all(mine.map((promise) => assert.rejects(promise, closed)));
	for (const started of inEmpty.slice(0, 2)) await ended(started, ['ClosedError', 'ERR_MP_CLOSED']);
	await ended(inEmpty[2]!, ['done', undefined]);
	for (const started of inFull) await ended(started, ['ClosedError', 'ERR_MP_CLOSED']);
	assert.equal(await full.get(), 'in it');
	await assert.rejects(full.get(), { ...closed, message: 'Queue.get: this queue is closed.' });
});

test('what a process closes that ends at once is closed here, and can be drained', async () => {
	const queue = new Queue<number>();
	const child = new Process({ target: targets.putAndClose, args: [queue] });
	await child.start();
	const came: number[] = [];
	for await (const item of queue) came.push(item);
	assert.deepEqual(came, [1, 2, 3]);
	assert.equal(queue.closed, true);
	assert.equal(await child.join(), 0);
});

test('leaving the block closes a queue of every class', () => {
	for (const Class of [Queue, JoinableQueue, SimpleQueue]) {
		let outer: Queue | SimpleQueue;
		{
			using queue = new Class();
			queue.putSync(1);
			outer = queue;
		}
		assert.equal(outer.closed, true);
		assert.equal(outer.getSync(), 1);
		assert.throws(() => outer.putSync(2), closed);
	}
});

test('an idle queue does not keep a process alive; a pending get does, until its item comes', async () => {
	const idle = new Queue<string>();
	idle.putNowait('and back');
	const user = new Process({ target: targets.useAndEnd, args: [idle] });
	await user.start();
	assert.equal(await user.join(), 0);
	assert.equal(idle.getNowait(), 'and back');

	const queue = new Queue<string>();
	const waiting = await starting(targets.getLater, queue);
	assert.equal(await waiting.child.join(200), null);
	queue.putNowait('at last');
	await ended(waiting, 'at last');
});

test('a thread that blocks in getSync while a get of its own is pending gets both items', async () => {
	const queue = new Queue<number>();
	const both = await starting(targets.getBoth, queue);
	queue.putSync(1);
	queue.putSync(2);
	const items = (await both.line.recv()) as number[];
	assert.deepEqual(items.sort(), [1, 2]);
	assert.equal(await both.child.join(), 0);
	both.line.close();
});

test('an item does not wait for a process whose event loop is busy while another one waits for it', async () => {
	const queue = new Queue<string>();
	const mine = queue.get();
	while (!waitGraph().waits.some(({ pid, waitsFor }) => pid === process.pid && waitsFor.startsWith('Queue')))
		await turn();
	const other = await starting(targets.blockIn, queue, 'getSync');
	queue.putSync('one');
	assert.deepEqual(other.line.recvSync(), ['done', 'one']); // this thread's turn does not come
	queue.putSync('two');
	assert.equal(await mine, 'two');
	assert.equal(await other.child.join(), 0);
	other.line.close();
});

for (const [form, waitFor] of [
	['wait', wait],
	['waitSync', async (...args: Parameters<typeof waitSync>) => waitSync(...args)],
] as const) {
	test(`${form}: a queue is ready when there is an item, or the end`, async () => {
		const [one, other] = [new Queue<unknown>(), new SimpleQueue<unknown>()];
		assert.deepEqual(await waitFor([one, other], 10), []);
		other.putSync(1);
		assert.deepEqual(await waitFor([one, other]), [other]);
		assert.deepEqual(await waitFor([one, other]), [other], 'it was only looked at');
		other.getSync();
		assert.deepEqual(await waitFor([one, other], 0), []);
		const child = new Process({ target: targets.putNumbered, args: [one, 7, 1] });
		await child.start();
		assert.deepEqual(await waitFor([other, one]), [one]);
		assert.deepEqual(one.getNowait(), [7, 0]);
		await child.join();
		one.close();
		assert.deepEqual(await waitFor([one, other]), [one]);
	});
}

test('a wait that was told of an item that somebody else took waits on', async () => {
	const queue = new Queue<number>();
	const waiting = wait([queue]);
	queue.putNowait(1);
	queue.getNowait();
	const later = new Process({ target: targets.putNumbered, args: [queue, 1, 1] });
	await later.start();
	await waiting;
	assert.deepEqual(await queue.get(), [1, 0]);
	await later.join();
});

test('worker threads and this thread share a queue', async () => {
	const [queue, answers] = [new Queue<number>(3), new Queue<number>()];
	const workers = [1, 2].map(
		() => new Worker(new URL('queue-thread.js', import.meta.url), { workerData: pickle.dumps([queue, answers]) }),
	);
	const ends = workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
	for (let i = 0; i < 100; i++) {
		if (i % 2 === 0) await queue.put(i);
		else queue.putSync(i);
	}
	queue.close();
	let sum = 0;
	for (let i = 0; i < 100; i++) sum += await answers.get();
	assert.equal(sum, (99 * 100) / 2);
	for (const end of ends) assert.equal(await end, 0);
});

test('join waits for the last item to be done, gives false in time, and rejects when aborted', async () => {
	const queue = new JoinableQueue<number>();
	assert.equal(await queue.join(), true);
	queue.putNowait(1);
	assert.equal(await queue.join(0), false);
	assert.equal(queue.joinSync(20), false);
	assert.equal(await queue.join({ timeout: 20 }), false);
	const abort = new AbortController();
	const joining = queue.join({ signal: abort.signal });
	abort.abort(new Error('enough'));
	await assert.rejects(joining, { message: 'enough' });
	queue.getNowait();
	const last = queue.join();
	assert.equal(await queue.join(0), false, 'taken is not done');
	queue.taskDone();
	assert.equal(await last, true);
	queue.close();
	assert.equal(queue.joinSync(), true);
});
