/** A broker keeps what its process uses, and no longer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lock, Process, Queue, run } from 'polyproc';
import { References } from '../../src/process/confined/references.ts';
import { StandIns } from '../../src/process/confined/stand-ins.ts';
import { Lock as OwnLock } from '../../src/sync/lock.ts';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './targets.ts';

/** What looks like one to what is tested here, and needs no memory. */
function lockLike(): object {
	return Object.create(OwnLock.prototype) as object;
}

checkLeaks(() => run(targets.hello, ['x'], { permissions: {} }));

test('an object is let go when as many references as were made have been given back', () => {
	const given = new StandIns();
	const [argument, lock, other] = [lockLike(), lockLike(), lockLike()];
	assert.equal(given.refer(argument).id, 0);
	given.keepAll();
	const serials = [lock, lock, other, lock].map((object) => given.refer(object).serial);
	assert.deepEqual(serials, [1, 2, 1, 3]);
	given.release(1, 2);
	assert.deepEqual(given.objects, [argument, lock, other]);
	given.release(1, 1);
	assert.deepEqual(given.objects, [argument, other]);
	assert.equal(given.find(1), undefined);
	assert.deepEqual(given.refer(lock), { type: 'Lock', id: 3, serial: 1 });
});

test('arguments stay, and giving back what was never given does nothing', () => {
	const given = new StandIns();
	const lock = lockLike();
	given.refer(lock);
	given.keepAll();
	for (const id of [0, 1, 2 ** 32 - 1]) given.release(id, 2 ** 32 - 1);
	assert.deepEqual(given.objects, [lock]);
});

test('references are counted once each, in whatever order they come', () => {
	const references = new References();
	for (const [serial, count] of [
		[2, 1],
		[2, 1],
		[1, 2],
		[4, 3],
		[1, 3],
		[3, 4],
	] as const) {
		references.note(serial);
		assert.equal(references.count, count);
	}
});

test('what was forgotten and collected can be sent again, and used', async () => {
	const [queue, answers, lock] = [new Queue<Lock | null>(), new Queue<number>(), new Lock()];
	const child = new Process({
		target: targets.useAndForget,
		args: [queue, answers],
		permissions: {},
		execArgv: ['--expose-gc'],
	});
	await child.start();
	for (let round = 1; round <= 30; round++) {
		await queue.put(lock);
		assert.equal(await answers.get(), round);
	}
	await queue.put(null);
	assert.equal(await child.join(), 0);
});
