/** Objects of classes that extend ours arrive with their class and their own fields, in every way in which things cross. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lock, Pipe, pickle, Queue, run } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './targets.ts';

checkLeaks(async () => {
	await run(targets.useNamed, [new targets.NamedLock(), new targets.NamedEvent(), new targets.NamedBarrier(1)]);
});

test('as arguments, with the objects in their fields and those that refer to themselves', async () => {
	const [lock, event, barrier] = [new targets.NamedLock(), new targets.NamedEvent(), new targets.NamedBarrier(1)];
	[lock.label, event.label, barrier.lock] = ['mine', 'yours', lock];
	assert.equal(await run(targets.useNamed, [lock, event, barrier]), 'as it should be');
	assert.equal(event.isSet(), true);
});

test('through a pipe and a queue, where they are other objects over the same lock', async () => {
	const lock = new targets.NamedLock();
	const [here, there] = Pipe();
	const queue = new Queue<targets.NamedLock>();
	await here.send(lock);
	await queue.put((await there.recv()) as targets.NamedLock);
	const arrived = await queue.get();
	assert.ok(arrived instanceof targets.NamedLock && arrived !== lock);
	assert.equal(arrived.shout, 'A LOCK');
	lock.acquireSync();
	assert.equal(arrived.locked(), true);
	lock.release();
	for (const end of [here, there]) end.close();
});

test('one whose class nobody can import arrives as what it extends', () => {
	const Private = class extends Lock {
		label = 'here only';
	};
	const arrived = pickle.loads(pickle.dumps(new Private())) as Lock;
	assert.equal(Object.getPrototypeOf(arrived), Lock.prototype);
});
