/** Shared objects in a process with permissions: it has none of the memory, its broker uses them in its place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	Barrier,
	Condition,
	Event,
	getContext,
	Listener,
	Lock,
	Manager,
	Pipe,
	Process,
	Queue,
	RawArray,
	RawValue,
	RLock,
	run,
	Semaphore,
	SharedArray,
	SharedMemory,
	Value,
} from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { CAUGHT, outcomeOf } from '../process/outcome.ts';
import * as targets from './targets.ts';

const CONFINED = { permissions: {} } as const;

checkLeaks(async () => {
	await (await Manager()).shutdown();
	const memory = new SharedMemory({ create: true, size: 8 });
	memory.unlink();
	memory.close();
	const queue = new Queue();
	await run(targets.tryTimes, [queue, new Lock()], CONFINED);
	for (const method of ['spawn', 'forkserver'] as const) await getContext(method).run(targets.hello, ['x'], CONFINED);
});

for (const method of ['spawn', 'forkserver'] as const) {
	const context = getContext(method);

	test(`${method}: a queue is filled and emptied from both sides, in both forms`, async () => {
		const [items, answers] = [new Queue(), new Queue()];
		const child = new context.Process({ target: targets.useQueue, args: [items, answers], ...CONFINED });
		await child.start();
		items.putSync(1);
		assert.deepEqual(answers.getSync(), { got: 1 }); // nothing is needed of this event loop
		await items.put('two');
		items.close();
		assert.deepEqual(
			[await answers.get(), await answers.get(), await answers.get()],
			[{ got: 'two' }, 'over', ['number', false, true]],
		);
		assert.equal(await child.join(), 0);
	});

	test(`${method}: a connection carries objects and bytes both ways, and ends when it is closed`, async () => {
		const [ours, theirs] = Pipe();
		const child = new context.Process({ target: targets.useConnection, args: [theirs], stdio: CAUGHT, ...CONFINED });
		const outcome = outcomeOf(child as Process);
		const message = { big: 2n ** 70n, map: new Map([['a', new Uint8Array(3)]]), when: new Date(5) };
		await ours.send(message);
		theirs.close();
		assert.deepEqual(await ours.recv(), message);
		ours.sendSync(['again']);
		assert.deepEqual(ours.recvSync(), ['again']);
		const bytes = Buffer.alloc(3_000_000, 'x');
		const [back] = await Promise.all([ours.recvBytes(), ours.sendBytes(bytes)]);
		assert.ok(back.equals(bytes));
		ours.sendBytesSync(Buffer.from('sync'));
		assert.equal(String(ours.recvBytesSync()), 'sync');
		await ours.sendBytes(Buffer.from('abc'));
		assert.deepEqual(await ours.recv(), [3, Uint8Array.of(0, 0, 97, 98, 99, 0, 0, 0), false, true, true]);
		await ours.send('last');
		assert.equal(await ours.recv(), 'last');
		ours.close();
		const { code, told, stderr } = await outcome;
		assert.deepEqual([code, told, stderr], [0, ['ended'], '']);
	});

	test(`${method}: locks, semaphores, conditions, events, barriers`, async () => {
		const [lock, rlock, semaphore] = [new Lock(), new RLock(), new Semaphore(2)];
		const [condition, event, barrier] = [new Condition(), new Event(), new Barrier(2)];
		const done = context.run(targets.useLocks, [lock, rlock, semaphore, condition, event, barrier], CONFINED);
		const turns = setInterval(async () => {
			using _held = await condition.hold();
			event.set();
			condition.notifyAll();
		}, 20);
		const index = await barrier.wait(20_000);
		clearInterval(turns);
		assert.equal(typeof index, 'number');
		assert.deepEqual(await done, [false, [true, true], 1, true, 'number', 2, false]);
		assert.equal(semaphore.getValue(), 1);
	});

	test(`${method}: values and arrays`, async () => {
		const [value, raw] = [new Value('i', 1), new RawValue('d', 0)];
		const [array, text] = [new SharedArray('i', [1, 2, 3]), new RawArray('c', 8)];
		const seen = await context.run(targets.useValues, [value, raw, array as never, text], CONFINED);
		assert.deepEqual(seen, [2, 12, 2.5, [1, 2, 7], 7, 3, 'hi', true]);
		assert.deepEqual([value.value, raw.value, array.at(2), text.value], [12, 2.5, 7, 'hi']);
	});
}

test('waits end in time, and when they are called off; what comes of it has its own name', async () => {
	const lock = new Lock();
	await lock.acquire();
	const seen = await run(targets.tryTimes, [new Queue(), lock], CONFINED);
	assert.deepEqual(seen, ['Empty', 'Empty', 'Empty', 'TimeoutError', 'RangeError', false, false]);
});

test('it waits for whichever of several things is ready first, and is told what cannot be waited for', async () => {
	const [queue, event, [ours, theirs]] = [new Queue(), new Event(), Pipe()];
	const outcomes = run(targets.waitForSome, [queue, event, theirs, new Lock()], CONFINED);
	assert.equal(await ours.recv(), 'waiting');
	await queue.put(1);
	assert.equal(await ours.recv(), 'set');
	await ours.send('more');
	const wrong = 'ERR_MP_ARGUMENT_TYPE';
	assert.deepEqual(await outcomes, [[], [], DOMException.TIMEOUT_ERR, wrong, wrong, [0], [1], [1, 2]]);
});

test('a condition asks no predicate that cannot be asked, as everywhere', async () => {
	const outcomes = await run(targets.waitWrongly, [new Condition()], CONFINED);
	assert.deepEqual(outcomes, ['ERR_MP_ARGUMENT_TYPE', 'ERR_MP_ARGUMENT_TYPE', 'done']);
});

test('a limited queue makes it wait like anybody', async () => {
	const queue = new Queue<unknown>(1);
	await queue.put('full');
	const child = new Process({ target: targets.sendCode, args: [queue], ...CONFINED });
	await child.start();
	assert.equal(await child.join(200), null, 'it waits');
	assert.equal(await queue.get(), 'full');
	assert.deepEqual(await queue.get(), new Date(0));
	assert.equal(await child.join(), 0);
});

test('code does not come out: closures, and what no module on the list exports', async () => {
	const queue = new Queue();
	const outcomes = await run(targets.sendCode, [queue], CONFINED);
	assert.deepEqual(outcomes, ['ERR_MP_PICKLING', 'ERR_MP_UNPICKLING', 'ERR_MP_UNPICKLING', 'done', 'ERR_MP_PICKLING']);
	assert.deepEqual(await queue.get(), new Date(0));
	assert.equal(queue.empty(), true);
});

test('what a module on the list exports does', async () => {
	const queue = new Queue();
	const allow = [new URL('targets.js', import.meta.url)];
	const outcomes = await run(targets.sendCode, [queue], { ...CONFINED, allow });
	assert.deepEqual(outcomes.slice(1, 4), ['done', 'done', 'done']);
	assert.equal(await queue.get(), targets.hello);
	assert.deepEqual(await queue.get(), new targets.Point(1));
});

test('a holder that is killed gives its lock back, and that is known', async () => {
	const [lock, ready] = [new Lock(), new Event()];
	const child = new Process({ target: targets.holdFor, args: [lock, ready], ...CONFINED });
	await child.start();
	assert.equal(await ready.wait(20_000), true);
	assert.equal(lock.locked(), true);
	child.kill();
	assert.equal(await lock.acquire({ timeout: 5000 }), true);
	assert.equal(lock.ownerDied, true);
	lock.release();
	await child.join();
});

test('it has no way to what is not its own: no other method, no property, nothing inherited', async () => {
	const seen = await run(targets.askForMore, [new Queue()], CONFINED);
	assert.deepEqual(new Set(seen), new Set(['TypeError']), String(seen));
});

for (const seed of [1, 2, 3]) {
	test(`what it writes to its broker's sockets itself harms nobody else (seed ${seed})`, async () => {
		const queue = new Queue();
		const child = new Process({ target: targets.scribble, args: [queue, seed], stdio: CAUGHT, ...CONFINED });
		await outcomeOf(child);
		assert.equal(await queue.get({ timeout: 5000 }), 'before');
		await queue.put('after');
		assert.equal(await queue.get(), 'after');
	});
}

test('things that only this process can have are refused where they are passed', async () => {
	const memory = new SharedMemory({ create: true, size: 8 });
	const listener = new Listener({ address: '\0isolation-test' });
	await using manager = await Manager();
	const dict = await manager.dict();
	for (const thing of [memory, listener, dict]) {
		const child = new Process({ target: targets.tell, args: [thing], ...CONFINED });
		await assert.rejects(child.start(), { name: 'PicklingError', path: 'args[0]' });
	}
	listener.close();
	memory.unlink();
	memory.close();
});
