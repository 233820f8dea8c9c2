/** What is put into a queue comes out of it: in order, of any size, within its limits, by whoever puts and takes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Process, Queue } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './queue-targets.ts';
import { starting } from './started.ts';

const full = { name: 'Full', code: 'ERR_MP_FULL' };
const empty = { name: 'Empty', code: 'ERR_MP_EMPTY' };
const MINUTE = 60_000;

checkLeaks(async () => {
	const { child, line } = await starting(targets.takeAll, new Queue(), 'sync');
	child.kill();
	await child.join();
	line.close();
});

async function running(target: (...args: never[]) => unknown, ...args: unknown[]): Promise<Process> {
	const child = new Process({ target: target as () => void, args: args as never });
	await child.start();
	return child;
}

for (const maxsize of [0, 1, 5]) {
	test(`items of two producers come to two consumers once each, each producer's in order (maxsize ${maxsize})`, async () => {
		const queue = new Queue<[number, number]>(maxsize);
		const takers = [await starting(targets.takeAll, queue, 'sync'), await starting(targets.takeAll, queue, 'async')];
		const putters = [
			await running(targets.putNumbered, queue, 0, 200),
			await running(targets.putNumbered, queue, 1, 200),
		];
		for (const putter of putters) assert.equal(await putter.join(), 0);
		queue.close();
		const came: [number, number][] = [];
		for (const { child, line } of takers) {
			const [error, taken] = (await line.recv()) as [string, [number, number][]];
			assert.equal(error, 'ClosedError');
			for (const who of [0, 1]) assertAscending(taken.filter((item) => item[0] === who).map((item) => item[1]));
			came.push(...taken);
			assert.equal(await child.join(), 0);
			line.close();
		}
		assert.equal(new Set(came.map(String)).size, 400);
		assert.equal(came.length, 400);
	});
}

function assertAscending(numbers: number[]): void {
	assert.deepEqual(
		numbers,
		[...numbers].sort((a, b) => a - b),
	);
}

test('puts that nobody awaited keep their order, and a putSync after them goes behind them', async () => {
	const queue = new Queue<string>(1);
	queue.putSync('in it already');
	const puts = ['a', 'b', 'c'].map((item) => queue.put(item));
	assert.equal(queue.getNowait(), 'in it already');
	const { child, line } = await starting(targets.takeAll, queue, 'sync');
	queue.putSync('d');
	await Promise.all(puts);
	await queue.put('e');
	queue.close();
	assert.deepEqual(await line.recv(), ['ClosedError', ['a', 'b', 'c', 'd', 'e']]);
	await child.join();
	line.close();
});

test('a putSync that runs out of time has put nothing, and those before it are put later', async () => {
	const queue = new Queue<string>(1);
	queue.putSync('in it already');
	const puts = ['a', 'b'].map((item) => queue.put(item));
	assert.throws(() => queue.putSync('never', { timeout: 20 }), full);
	assert.throws(() => queue.putNowait('never'), full);
	const came = [await queue.get(), await queue.get(), await queue.get()];
	await Promise.all(puts);
	assert.deepEqual(came, ['in it already', 'a', 'b']);
	assert.equal(queue.qsize(), 0);
});

test('a thread that is blocked for want of room takes what it awaits itself', async () => {
	const queue = new Queue<number>(1);
	const gets = [queue.get(), queue.get(), queue.get()];
	for (let item = 0; item < 4; item++) queue.putSync(item, { timeout: MINUTE });
	assert.deepEqual(await Promise.all(gets), [0, 1, 2]);
	assert.throws(() => queue.putNowait(4), full);
	const later = queue.get();
	const last = queue.get();
	await new Promise((resolve) => setImmediate(resolve));
	queue.putSync(4, { timeout: MINUTE });
	queue.putSync(5, { timeout: MINUTE });
	assert.deepEqual([await later, await last], [3, 4]);
	assert.equal(queue.getNowait(), 5);
});

test('so does one that another process gets in the way of', async () => {
	const queue = new Queue<string>(1);
	const gets = Array.from({ length: 40 }, () => queue.get());
	const { child, line } = await starting(targets.putTexts, queue, 20);
	for (let item = 0; item < 20; item++) queue.putSync('mine', { timeout: MINUTE });
	const came = await Promise.all(gets);
	assert.deepEqual([came.filter((text) => text === 'mine').length, came.length], [20, 40]);
	assert.equal(await child.join(), 0);
	line.close();
});

test('pending gets of a thread are served in the order of the calls', async () => {
	const queue = new Queue<number>();
	const gets = [queue.get(), queue.get(), queue.get()];
	for (const item of [1, 2, 3]) queue.putSync(item);
	assert.deepEqual(await Promise.all(gets), [1, 2, 3]);
});

test('items of any size come out as they were put in, in both forms', async () => {
	const KIB = 1024;
	const edges = [8 * KIB, 64 * KIB, 128 * KIB].flatMap((edge) =>
		[-64, -20, -16, -12, -8, -4, -1, 0, 1, 4].map((d) => edge + d),
	);
	const sizes = [0, 1, 2, 3, 4, 5, 100, 4000, 8000, 8000, 8000, ...edges, 1 << 20, 0, 20e6, 1];
	const queue = new Queue<Buffer>();
	const child = await running(targets.putSizes, queue, sizes);
	for (const [index, size] of sizes.entries()) {
		const item = index % 2 === 0 ? await queue.get() : queue.getSync();
		assert.ok(item.equals(Buffer.alloc(size, index + 1)), `item ${index} of ${size} bytes`);
	}
	assert.equal(await child.join(), 0);
	assert.equal(queue.qsize(), 0);
});

test('items fill segments to every last word', async () => {
	const queue = new Queue<string>();
	for (let length = 0; length < 300; length++) queue.putSync('x'.repeat(length * 27));
	for (let length = 0; length < 300; length++) assert.equal(queue.getNowait().length, length * 27);
});

test('maxsize 0, or less, is no limit', () => {
	for (const maxsize of [0, -1, -100, undefined]) {
		const queue = new Queue<number>(maxsize);
		for (let i = 0; i < 1000; i++) queue.putNowait(i);
		assert.deepEqual([queue.full(), queue.qsize()], [false, 1000]);
	}
});

test('maxBytes counts pickled bytes: who puts waits until as many come free', async () => {
	const queue = new Queue<string>(0, { maxBytes: 1000 });
	await queue.put('x'.repeat(500));
	await queue.put('x'.repeat(400));
	assert.throws(() => queue.putNowait('x'.repeat(100)), full);
	queue.putNowait('x'.repeat(10)); // a smaller one finds room
	let isPut = false;
	const waiting = queue.put('y'.repeat(500)).then(() => (isPut = true));
	assert.equal((await queue.get()).length, 500);
	await waiting;
	assert.equal(isPut, true);
	assert.deepEqual(
		[await queue.get(), await queue.get(), await queue.get()].map(({ length }) => length),
		[400, 10, 500],
	);
	await queue.put('x'.repeat(900));
	const { child, line } = await starting(targets.blockIn, queue, 'putSync');
	await assert.rejects(queue.put('x'.repeat(200), { timeout: 20 }), full);
	assert.equal((await queue.get()).length, 900);
	assert.deepEqual(await line.recv(), ['done', undefined]);
	await child.join();
	line.close();
});

test('an item larger than maxBytes will never fit, which is said at once', async () => {
	const queue = new Queue<string>(0, { maxBytes: 100 });
	const tooLarge = {
		name: 'RangeError',
		code: 'ERR_MP_ARGUMENT_RANGE',
		message: /^Queue\.put(Sync|Nowait)?: an item of 20\d bytes will never fit into this queue, whose maxBytes is 100\./,
	};
	await assert.rejects(queue.put('x'.repeat(200)), tooLarge);
	assert.throws(() => queue.putSync('x'.repeat(200)), tooLarge);
	assert.throws(() => queue.putNowait('x'.repeat(200)), tooLarge);
	assert.deepEqual([queue.qsize(), queue.full()], [0, false]);
});

test('an item of more than 256 MiB is refused, with the limit named; the queue goes on', async () => {
	const queue = new Queue<unknown>();
	const tooLong = {
		name: 'RangeError',
		code: 'ERR_MP_ARGUMENT_RANGE',
		message:
			/^Queue\.put(Sync)?: an item of \d{9,10} bytes( or more)? is longer than an item of a queue may be, which is 268435456\./,
	};
	assert.throws(() => queue.putSync(new Uint8Array(256 * 2 ** 20)), tooLong);
	for (const size of [2 ** 30, 2 ** 31]) {
		assert.throws(() => queue.putSync(Buffer.alloc(size)), tooLong);
		await assert.rejects(queue.put([{ body: new Float64Array(size / 8) }]), tooLong);
	}
	// Text cannot be so long, but there can be much of it; what is behind the limit is not even looked at.
	const text = 'x'.repeat(2 ** 26);
	const behind = {
		get body(): never {
			throw new Error('it was looked at');
		},
	};
	assert.throws(() => queue.putSync([...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => text + i), behind]), tooLong);
	assert.equal(queue.qsize(), 0);
	queue.putSync('the next');
	assert.equal(await queue.get(), 'the next');
});

for (const [form, put, get] of [
	['async', async (q: Queue, o: object) => q.put('no', o), async (q: Queue, o: object) => q.get(o)],
	['sync', async (q: Queue, o: object) => q.putSync('no', o), async (q: Queue, o: object) => q.getSync(o)],
] as const) {
	test(`${form}: what runs out of time has put and taken nothing, and a place in the queue stays free`, async () => {
		const queue = new Queue<unknown>(1);
		for (const options of [{ block: false }, { block: false, timeout: MINUTE }, { timeout: 0 }, { timeout: 15 }]) {
			await assert.rejects(get(queue, options), empty);
			queue.putNowait('first');
			await assert.rejects(put(queue, options), full);
			assert.equal(queue.getNowait(), 'first');
			assert.equal(queue.qsize(), 0);
		}
	});
}

test('what is aborted rejects with the reason, and has put and taken nothing', async () => {
	const queue = new Queue<unknown>(1);
	const reason = new Error('changed my mind');
	await assert.rejects(queue.get({ signal: AbortSignal.abort(reason) }), reason);
	await assert.rejects(queue.put('no', { signal: AbortSignal.abort(reason) }), reason);
	assert.equal(queue.qsize(), 0);
	const abort = new AbortController();
	const get = queue.get({ signal: abort.signal });
	abort.abort(reason);
	await assert.rejects(get, reason);
	queue.putNowait('first');
	const other = new AbortController();
	const put = queue.put('no', { signal: other.signal });
	const next = queue.put('second');
	other.abort(reason);
	await assert.rejects(put, reason);
	assert.equal(await queue.get(), 'first');
	await next;
	assert.equal(await queue.get({ signal: new AbortController().signal }), 'second');
	assert.throws(() => queue.getNowait(), empty);
});

test('an abort in the very turn in which an item comes loses none', async () => {
	for (let i = 0; i < 50; i++) {
		const queue = new Queue<number>();
		const abort = new AbortController();
		const get = queue.get({ signal: abort.signal }).catch(() => 'aborted');
		if (i % 2 === 0) {
			queue.putNowait(i);
			abort.abort();
		} else {
			abort.abort();
			queue.putNowait(i);
		}
		const came = await get;
		assert.equal(came === 'aborted' ? queue.getNowait() : came, i);
		assert.equal(queue.qsize(), 0);
	}
});

test('iterating takes until the queue is closed and empty; leaving it early takes nothing more', async () => {
	const queue = new Queue<number>();
	for (const item of [1, 2, 3, 4]) queue.putNowait(item);
	for await (const item of queue) if (item === 2) break;
	assert.equal(queue.qsize(), 2);
	queue.close();
	const came: number[] = [];
	for await (const item of queue) came.push(item);
	assert.deepEqual(came, [3, 4]);
	for await (const _ of queue) assert.fail('there is nothing any more');
});
