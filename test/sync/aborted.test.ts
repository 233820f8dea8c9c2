/** A signal that is aborted already ends every call that it is passed to, whether it could have been done or not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	Barrier,
	BoundedSemaphore,
	Client,
	Condition,
	Event,
	JoinableQueue,
	Listener,
	Lock,
	Pipe,
	Process,
	Queue,
	RLock,
	Semaphore,
	SimpleQueue,
	wait,
	waitSync,
} from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';

const REASON = new Error('enough');
const signal: AbortSignal = AbortSignal.abort(REASON);
const isReason = (error: unknown): boolean => error === REASON;

const queue = new JoinableQueue<number>();
const simple = new SimpleQueue<number>();
const condition = new Condition();
const event = new Event();
const [here, there] = Pipe();

checkLeaks(async () => {
	await condition.acquire();
	event.set();
	queue.putNowait(1);
	simple.putSync(1);
	here.sendSync(1);
	const child = new Process({ target: Date.now });
	await child.start();
	await child.join();
	child.close();
});

const locks = [new Lock(), new RLock(), new Semaphore(), new BoundedSemaphore(), new Condition()];

const awaited: Record<string, () => Promise<unknown>> = {
	...Object.fromEntries(locks.map((lock) => [`${lock.constructor.name}.acquire`, () => lock.acquire({ signal })])),
	'Condition.wait': () => condition.wait({ signal }),
	'Condition.waitFor': () => condition.waitFor(() => true, { signal }),
	'Event.wait': () => event.wait({ signal }),
	'Barrier.wait': () => new Barrier(1).wait({ signal }),
	'Queue.put': () => new Queue().put(1, { signal }),
	'Queue.get': () => queue.get({ signal }),
	'SimpleQueue.get': () => simple.get({ signal }),
	'JoinableQueue.join': () => new JoinableQueue().join({ signal }),
	'Connection.recv': () => there.recv({ signal }),
	'Connection.poll': () => there.poll({ signal }),
	wait: () => wait([event], { signal }),
};

for (const [name, call] of Object.entries(awaited)) {
	test(`${name} rejects with its reason, and has done nothing`, async () => {
		await assert.rejects(call(), isReason);
	});
}

const blocking: Record<string, () => unknown> = {
	...Object.fromEntries(
		locks.map((lock) => [`${lock.constructor.name}.acquireSync`, () => lock.acquireSync({ signal })]),
	),
	'Condition.waitSync': () => condition.waitSync({ signal }),
	'Condition.waitForSync': () => condition.waitForSync(() => true, { signal }),
	'Event.waitSync': () => event.waitSync({ signal }),
	'Barrier.waitSync': () => new Barrier(1).waitSync({ signal }),
	'Queue.putSync': () => new Queue().putSync(1, { signal }),
	'Queue.getSync': () => queue.getSync({ signal }),
	'SimpleQueue.getSync': () => simple.getSync({ signal }),
	'JoinableQueue.joinSync': () => new JoinableQueue().joinSync({ signal }),
	'Connection.pollSync': () => there.pollSync({ signal }),
	waitSync: () => waitSync([event], { signal }),
};

for (const [name, call] of Object.entries(blocking)) {
	test(`${name} throws its reason, and has done nothing`, () => {
		assert.throws(call, isReason);
	});
}

test('a process, a client and a listener do so, too', async () => {
	const child = new Process({ target: Date.now });
	await child.start();
	await assert.rejects(child.join({ signal }), isReason);
	assert.equal(await child.join(), 0);
	child.close();
	await assert.rejects(Client(['localhost', 1], { signal }), isReason);
	const listener = new Listener();
	await listener.ready;
	await assert.rejects(listener.accept({ signal }), isReason);
	listener.close();
});

test('all of them have left everything as it was', () => {
	assert.equal(queue.getNowait(), 1);
	assert.equal(simple.getSync(), 1);
	assert.equal(there.recvSync(), 1);
	for (const lock of locks) assert.equal(lock.acquireSync({ block: false }), true);
});
