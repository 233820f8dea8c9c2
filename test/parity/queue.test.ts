/** CPython's _TestQueue, TestSimpleQueue and what else there is about queues, restated. Rows in MAPPING.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, getContext, JoinableQueue, Queue, SimpleQueue } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { methods } from './methods.ts';
import * as targets from './queue-targets.ts';
import { lasting, type Running, runners } from './runners.ts';

/** Waited for by those who would not wait at all. */
const MINUTE = 60_000;

const crews = runners.map(lasting);

checkLeaks(async () => {
	for (const runner of crews) {
		const queue = new Queue();
		const putting = await runner.start(targets.putAll, queue, [1]);
		await queue.get();
		await putting.line.recv();
		await finish(putting);
	}
});

async function finish({ line, join }: Running): Promise<void> {
	assert.equal(await join(), 0);
	line.close();
}

async function assertFull(queue: Queue<number>): Promise<void> {
	const full = { name: 'Full', code: 'ERR_MP_FULL' };
	for (const options of [{ block: false }, { block: false, timeout: MINUTE }, { timeout: 0 }, { timeout: -1 }]) {
		await assert.rejects(queue.put(7, options), full);
		assert.throws(() => queue.putSync(7, options), full);
	}
	assert.throws(() => queue.putNowait(7), full);
	const start = performance.now();
	await assert.rejects(queue.put(7, { timeout: 40 }), full);
	assert.throws(() => queue.putSync(7, { block: true, timeout: 40 }), full);
	assert.ok(performance.now() - start >= 79);
}

async function assertEmpty(queue: Queue | SimpleQueue): Promise<void> {
	const empty = { name: 'Empty', code: 'ERR_MP_EMPTY' };
	for (const options of [{ block: false }, { block: false, timeout: MINUTE }, { timeout: 0 }, { timeout: -1 }]) {
		await assert.rejects(queue.get(options), empty);
		assert.throws(() => queue.getSync(options), empty);
	}
	const start = performance.now();
	await assert.rejects(queue.get({ timeout: 40 }), empty);
	assert.throws(() => queue.getSync({ block: true, timeout: 40 }), empty);
	assert.ok(performance.now() - start >= 79);
}

for (const runner of crews) {
	test(`${runner.name}: six items fill a queue of six, and there is no room for more until they have been taken`, async () => {
		const queue = new Queue<number>(6);
		const taking = await runner.start(targets.takeWhenTold, queue, 6);
		assert.deepEqual([queue.empty(), queue.full()], [true, false]);
		await queue.put(1);
		await queue.put(2, { block: true });
		await queue.put(3, { block: true, timeout: MINUTE });
		queue.putSync(4);
		queue.putSync(5, { block: false });
		queue.putNowait(6);
		assert.deepEqual([queue.empty(), queue.full()], [false, true]);
		await assertFull(queue);
		await taking.line.send('take them');
		assert.equal(await taking.line.recv(), 'taken');
		assert.deepEqual([queue.empty(), queue.full()], [true, false]);
		await finish(taking);
	});

	test(`${runner.name}: what is put there comes out here in order, in every way of asking for it`, async () => {
		const queue = new Queue();
		assert.equal(queue.empty(), true);
		const putting = await runner.start(targets.putAll, queue, [1, 2, 3, 4, 5, 6]);
		assert.equal(await putting.line.recv(), 'put');
		assert.equal(queue.empty(), false);
		assert.equal(await queue.get(), 1);
		assert.equal(await queue.get({ block: true }), 2);
		assert.equal(await queue.get({ timeout: MINUTE }), 3);
		assert.equal(queue.getSync(), 4);
		assert.equal(queue.getSync({ block: false }), 5);
		assert.equal(queue.getNowait(), 6);
		assert.equal(queue.empty(), true);
		assert.throws(() => queue.getNowait(), { name: 'Empty' });
		await assertEmpty(queue);
		await finish(putting);
	});

	test(`${runner.name}: what was put here before comes before what is put there`, async () => {
		const queue = new Queue();
		for (let i = 0; i < 10; i++) await queue.put(i);
		const putting = await runner.start(
			targets.putAll,
			queue,
			Array.from({ length: 10 }, (_, i) => 10 + i),
		);
		for (let i = 0; i < 20; i++) assert.equal(await queue.get(), i);
		assert.throws(() => queue.getNowait(), { name: 'Empty' });
		await putting.line.recv();
		await finish(putting);
	});

	test(`${runner.name}: join returns when four workers have dealt with ten items`, async () => {
		const queue = new JoinableQueue<number | null>();
		const workers = await Promise.all([1, 2, 3, 4].map(() => runner.start(targets.workOff, queue)));
		for (let i = 0; i < 10; i++) await queue.put(i);
		assert.equal(await queue.join(), true);
		for (const _ of workers) queue.putSync(null);
		for (const worker of workers) {
			assert.equal(await worker.line.recv(), 'no more');
			await finish(worker);
		}
		assert.equal(queue.joinSync(0), false); // nobody has said that the nulls are done
		for (const _ of workers) queue.taskDone();
		assert.equal(queue.joinSync(), true);
		assert.throws(() => queue.taskDone(), { name: 'RangeError' });
	});

	test(`${runner.name}: a simple queue is empty or not for both sides`, async () => {
		const queue = new SimpleQueue<boolean>();
		assert.equal(queue.empty(), true);
		const putting = await runner.start(targets.lookAndPut, queue);
		assert.equal(await putting.line.recv(), true);
		await putting.line.send('put');
		assert.equal(await putting.line.recv(), false);
		assert.equal(queue.empty(), false);
		assert.equal(queue.getSync(), true);
		assert.equal(await queue.get(), false);
		assert.equal(queue.empty(), true);
		await finish(putting);
	});
}

for (const method of methods) {
	const { Process, Pipe } = getContext(method);

	/** Runs `target` with a line home; `use` has the other end. */
	async function withChild(
		target: (...args: never[]) => unknown,
		args: unknown[],
		use: (line: Connection) => Promise<void>,
	): Promise<void> {
		const [line, theirs] = Pipe();
		const child = new Process({ target: target as () => void, args: [...args, theirs] as never });
		await child.start();
		theirs.close();
		await use(line);
		assert.equal(await child.join(), 0);
		line.close();
	}

	test(`${method}: a child makes a queue and a daemon of its own`, () =>
		withChild(targets.makeQueueForDaemon, [method], async (line) => {
			assert.deepEqual(await line.recv(), ['Empty', 0]);
		}));

	test(`${method}: a child can pass its queue on to its own child`, async () => {
		const queue = new Queue();
		await withChild(targets.passOn, [method, queue], async () => {
			assert.deepEqual([await queue.get(), await queue.get()], ['grandchild', 'child']);
		});
	});

	for (const other of methods) {
		test(`${method}: its processes use a queue made by the context of ${other}`, async () => {
			const queue = new (getContext(other).Queue)();
			await withChild(targets.putAll, [queue, ['item']], async (line) => {
				assert.equal(await line.recv(), 'put');
				assert.equal(queue.getSync(), 'item');
			});
		});
	}
}

test('the size follows what is put and taken', async () => {
	const queue = new Queue<number>();
	assert.equal(queue.qsize(), 0);
	await queue.put(1);
	assert.equal(queue.qsize(), 1);
	queue.putSync(5);
	assert.equal(queue.qsize(), 2);
	await queue.get();
	assert.equal(queue.qsize(), 1);
	queue.getSync();
	assert.equal(queue.qsize(), 0);
});

test('a get with a timeout ends empty-handed, and not before its time', async () => {
	const queue = new Queue();
	const start = performance.now();
	await assert.rejects(queue.get({ block: true, timeout: 200 }), { name: 'Empty' });
	assert.ok(performance.now() - start >= 199);
});

test('what cannot be pickled is an error of put, and takes no room from what comes after it', async () => {
	const queue = new Queue<unknown>(1);
	const unpicklable = { socket: Symbol('of this process only') };
	await assert.rejects(queue.put(unpicklable), { name: 'PicklingError', path: 'item.socket' });
	assert.throws(() => queue.putSync(unpicklable), { name: 'PicklingError', path: 'item.socket' });
	assert.equal(queue.qsize(), 0);
	await queue.put(true, { timeout: MINUTE });
	assert.equal(await queue.get({ timeout: MINUTE }), true);
});

for (const Class of [Queue, JoinableQueue, SimpleQueue]) {
	test(`${Class.name}: a closed one is empty, whether it was used or not`, () => {
		const unused = new Class();
		unused.close();
		assert.equal(unused.empty(), true);
		const used = new Class();
		used.putSync('foo');
		used.close();
		assert.equal(used.empty(), false);
		assert.equal(used.getSync(), 'foo');
		assert.equal(used.empty(), true);
	});

	test(`${Class.name}: putting into a closed one and taking from it is an error; closing it again is none`, async () => {
		const queue = new Class();
		queue.close();
		queue.close();
		assert.equal(queue.closed, true);
		const closed = { name: 'ClosedError', code: 'ERR_MP_CLOSED' };
		await assert.rejects(queue.put('foo'), closed);
		assert.throws(() => queue.putSync('foo'), closed);
		await assert.rejects(queue.get(), closed);
		assert.throws(() => queue.getSync(), closed);
	});
}
