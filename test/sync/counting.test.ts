/** Four processes raise one number many thousand times each, under a lock: not one is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedSemaphore, Lock, Pipe, Process, RLock } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './targets.ts';

const PROCESSES = 4;

checkLeaks(() => countTo(new Lock(), 1));

async function countTo(lock: Lock | RLock | BoundedSemaphore, times: number): Promise<number> {
	const [reader, writer] = Pipe({ duplex: false });
	writer.sendSync(0);
	const children = Array.from(
		{ length: PROCESSES },
		() => new Process({ target: targets.raise, args: [lock, reader, writer, times] }),
	);
	await Promise.all(children.map((child) => child.start()));
	assert.deepEqual(await Promise.all(children.map((child) => child.join())), Array(PROCESSES).fill(0));
	const count = reader.recvSync() as number;
	reader.close();
	writer.close();
	return count;
}

for (const [lock, times] of [
	[new Lock(), 40_000],
	[new RLock(), 10_000],
	[new BoundedSemaphore(1), 10_000],
] as const) {
	test(`${PROCESSES} processes × ${times} under one ${lock.constructor.name}`, async () => {
		assert.equal(await countTo(lock, times), PROCESSES * times);
	});
}
