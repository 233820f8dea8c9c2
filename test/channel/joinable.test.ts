/** Nobody waits for the dead: what a process had taken and was not done with counts as done when it is gone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { JoinableQueue, pickle } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import * as targets from './queue-targets.ts';
import { type Started, starting } from './started.ts';

const range = { name: 'RangeError', code: 'ERR_MP_ARGUMENT_RANGE' };
/** Milliseconds within which a death is noticed, with some patience for a busy machine. */
const SOON = 5000;

checkLeaks(async () => {
	await gone(await starting(targets.work, new JoinableQueue()));
});

async function gone({ child, line }: Started): Promise<void> {
	child.kill();
	await child.join();
	line.close();
}

function filled(count: number): JoinableQueue<number> {
	const queue = new JoinableQueue<number>();
	for (let i = 0; i < count; i++) queue.putNowait(i);
	return queue;
}

test('who awaits the end of all work does not wait for a consumer that was killed with items', async () => {
	const queue = filled(3);
	const holder = await starting(targets.holdItems, queue, 3);
	const joined = promptly(queue.join());
	assert.equal(await queue.join(300), false, 'it lives');
	holder.child.kill();
	assert.equal(await joined, true);
	assert.equal(await queue.join(0), true);
	await gone(holder);
});

test('nor does who blocks for it, though it is the parent that would have to notice', async () => {
	const queue = filled(2);
	const holder = await starting(targets.holdItems, queue, 2);
	assert.equal(queue.joinSync(20), false);
	holder.child.kill();
	assert.equal(queue.joinSync(SOON), true);
	assert.equal(queue.joinSync(0), true);
	await gone(holder);
});

test('nor for one that ended without a word about its item', async () => {
	const queue = filled(1);
	const { child, line } = await starting(targets.takeAndEnd, queue);
	assert.equal(await promptly(queue.join()), true);
	assert.equal(await child.join(), 0);
	line.close();
});

test('nor for a thread that ended, or was ended', async () => {
	const queue = filled(1);
	const source = `
		const { workerData, parentPort } = require('node:worker_threads');
		const { pickle } = require('polyproc');
		pickle.loads(workerData).getSync();
		parentPort.postMessage('taken');
		setInterval(() => {}, 1e6);
	`;
	const worker = new Worker(source, { eval: true, workerData: pickle.dumps(queue) });
	await new Promise((resolve) => worker.once('message', resolve));
	assert.equal(await queue.join(20), false);
	await worker.terminate();
	assert.equal(await promptly(queue.join()), true);
});

test('what others have, and what is in the queue, is waited for whoever is killed', async () => {
	const queue = filled(4);
	const doomed = await starting(targets.holdItems, queue, 1);
	const living = await starting(targets.holdItems, queue, 2);
	await gone(doomed);
	assert.equal(await queue.join(500), false);
	living.line.sendSync(2);
	assert.equal(await living.line.recv(), 'done');
	assert.equal(await queue.join(500), false, 'one was never taken');
	queue.getNowait();
	assert.equal(await queue.join(20), false);
	queue.taskDone();
	assert.equal(await promptly(queue.join()), true);
	await gone(living);
});

test('an item may be said to be done by another than who has taken it', async () => {
	const queue = filled(2);
	const holder = await starting(targets.holdItems, queue, 2);
	queue.taskDone();
	assert.equal(queue.joinSync(20), false);
	holder.line.sendSync(1);
	assert.equal(await holder.line.recv(), 'done');
	assert.equal(queue.joinSync(SOON), true);
	assert.throws(() => queue.taskDone(), range);
	await gone(holder);
});

test('also when that one was killed; once too often is once more than were put', async () => {
	const queue = filled(2);
	await gone(await starting(targets.holdItems, queue, 2));
	assert.equal(queue.joinSync(SOON), true);
	queue.taskDone();
	queue.taskDone();
	assert.throws(() => queue.taskDone(), range);
	queue.putNowait(1);
	assert.equal(queue.joinSync(0), false, 'what was said of the dead is not said of the next item');
	queue.taskDone(); // and that is done before it is taken
	assert.equal(queue.joinSync(0), true);
	assert.equal(queue.getNowait(), 1);
	assert.throws(() => queue.taskDone(), range);
	assert.equal(queue.joinSync(0), true);
});

test('what another one says to be done is an item of the living, if one of them has any', async () => {
	const queue = filled(2);
	await gone(await starting(targets.holdItems, queue, 1));
	const living = await starting(targets.holdItems, queue, 1);
	queue.taskDone();
	assert.equal(queue.joinSync(SOON), true);
	await gone(living);
});

test('killed at any moment between taking and done, consumers leave nothing that is waited for', async () => {
	const queue = new JoinableQueue<number>();
	for (let round = 0; round < 20; round++) {
		const worker = await starting(targets.work, queue);
		for (let i = 0; i < round * 13; i++) queue.putNowait(i);
		await gone(worker);
		while (!queue.empty()) {
			queue.getNowait();
			queue.taskDone();
		}
		assert.equal(await promptly(queue.join()), true, `round ${round}`);
	}
});
