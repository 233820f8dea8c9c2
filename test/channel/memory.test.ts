/** Shared memory comes back: of what was closed, and of what was collected. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Pipe } from '../../src/channel/pipe.ts';
import { Queue } from '../../src/channel/queue.ts';
import { family } from '../../src/memory/family.ts';
import { Lock } from '../../src/sync/lock.ts';
import { SharedArray } from '../../src/sync/shared-array.ts';
import { checkLeaks } from '../house/leaks.ts';

const LIMIT = 20_000;

checkLeaks(() => {
	const [here, there] = Pipe();
	here.close();
	there.close();
	new Lock().holdSync()[Symbol.dispose]();
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function until(bytes: number): Promise<void> {
	const end = performance.now() + LIMIT;
	while (family().heap.bytesInUse() > bytes) {
		assert.ok(performance.now() < end, `${family().heap.bytesInUse() - bytes} bytes have not come back`);
		collect();
		await turn();
	}
}

test('10,000 pipes that were used and closed give all their memory back', () => {
	const before = family().heap.bytesInUse();
	for (let i = 0; i < 10_000; i++) {
		const [here, there] = Pipe();
		here.sendSync(i);
		assert.equal(there.recvSync(), i);
		here.close();
		there.close();
	}
	assert.equal(family().heap.bytesInUse(), before);
});

test('2,000 pipes that nobody closed give it back when they are collected', async () => {
	const before = family().heap.bytesInUse();
	for (let i = 0; i < 2000; i++) Pipe();
	assert.ok(family().heap.bytesInUse() > before);
	await until(before);
});

test('100,000 locks that were used give it back when they are collected', async () => {
	const before = family().heap.bytesInUse();
	for (let i = 0; i < 100_000; i++) {
		const lock = new Lock();
		lock.acquireSync();
		lock.release();
	}
	await until(before);
});

test('a connection that was sent and never received gives its pipe back when the carrier is closed', async () => {
	const before = family().heap.bytesInUse();
	const [carrier, other] = Pipe();
	const [here, there] = Pipe();
	await carrier.send(there);
	for (const connection of [here, there, carrier, other]) connection.close();
	family().heap.sweep();
	assert.equal(family().heap.bytesInUse(), before);
});

test('what is sent with every message, through a pipe and a queue, takes no more memory than the first time', () => {
	const [here, there] = Pipe();
	const queue = new Queue<unknown>();
	const carried = { lock: new Lock(), array: new SharedArray('int32', 16) };
	const crossing = (): void => {
		here.sendSync(carried);
		assert.ok((there.recvSync() as typeof carried).lock instanceof Lock);
		queue.putNowait(carried);
		assert.ok((queue.getNowait() as typeof carried).array instanceof SharedArray);
	};
	crossing();
	const before = family().heap.bytesInUse();
	for (let i = 0; i < 2000; i++) crossing();
	assert.equal(family().heap.bytesInUse(), before);
	for (const end of [here, there, queue]) end.close();
});

test('so it is when there are messages on their way all the time, and many channels', () => {
	const pipes = Array.from({ length: 8 }, () => Pipe());
	const lock = new Lock();
	for (const [here] of pipes) for (let i = 0; i < 3; i++) here.sendSync(lock);
	const before = family().heap.bytesInUse();
	for (let i = 0; i < 2000; i++) {
		const [here, there] = pipes[i % pipes.length]!;
		here.sendSync(lock);
		assert.ok(there.recvSync() instanceof Lock);
	}
	assert.equal(family().heap.bytesInUse(), before);
	for (const end of pipes.flat()) end.close();
});
