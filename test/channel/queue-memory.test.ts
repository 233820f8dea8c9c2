/** The memory of queues: as much as there are items, and given back when they are gone, whoever is killed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Pipe } from '../../src/channel/pipe.ts';
import { Queue } from '../../src/channel/queue.ts';
import { QUEUE } from '../../src/channel/queue-layout.ts';
import { QueueSegments } from '../../src/channel/queue-segments.ts';
import { Block } from '../../src/memory/block.ts';
import { family, type PendingHolds } from '../../src/memory/family.ts';
import { BLOCK_KIND, REFERENCE_BYTES, SPAN_BYTES } from '../../src/memory/layout.ts';
import { Process } from '../../src/process/process.ts';
import { Lock } from '../../src/sync/lock.ts';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './queue-memory-targets.ts';

const LIMIT = 20_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

checkLeaks(async () => {
	await killed(targets.putForEver, new Queue());
});

function inUse(): number {
	return family().heap.bytesInUse();
}

/** What nobody holds is collected, and then found by a sweep, as it is after a process was killed. */
async function until(bytes: number): Promise<void> {
	const end = performance.now() + LIMIT;
	while (inUse() > bytes) {
		assert.ok(performance.now() < end, `${inUse() - bytes} bytes have not come back`);
		collect();
		await turn();
		family().heap.sweep();
	}
}

/** Starts a child that uses the queue without end, and kills it in the middle. */
async function killed(target: (...args: never[]) => unknown, queue: Queue<never>): Promise<void> {
	const [line, theirs] = Pipe();
	const child = new Process({ target: target as () => void, args: [queue, theirs] as never });
	await child.start();
	theirs.close();
	assert.equal(await line.recv(), 'there');
	child.kill();
	assert.equal(await child.join(), -9);
	line.close();
	child.close();
}

test('a million small items take less than 200 bytes each, and give them back when they are taken', () => {
	const ITEMS = 1_000_000;
	const queue = new Queue<number>();
	queue.putNowait(0);
	queue.getNowait();
	const before = inUse();
	for (let i = 0; i < ITEMS; i++) queue.putNowait(i);
	const used = inUse() - before;
	assert.ok(used < ITEMS * 200, `${used / ITEMS} bytes an item`);
	for (let i = 0; i < ITEMS; i++) if (queue.getNowait() !== i) assert.fail(`item ${i} is another one`);
	assert.ok(inUse() - before <= SPAN_BYTES, `${inUse() - before} bytes are left`);
});

test('large items, and items with shared objects, give their memory back when they are taken', async () => {
	const queue = new Queue<unknown>();
	queue.putNowait(0);
	queue.getNowait();
	const before = inUse();
	for (let i = 0; i < 20; i++) {
		queue.putNowait(new Uint8Array(1 << 20));
		queue.putNowait({ lock: new Lock() });
	}
	assert.ok(inUse() - before > 20 << 20);
	for (let i = 0; i < 40; i++) await queue.get();
	await until(before);
});

test('what is not put takes no memory: for want of room or time, or because it is unpicklable or too large', async () => {
	const queue = new Queue<unknown>(1);
	const bounded = new Queue<unknown>(0, { maxBytes: 100_000 });
	queue.putNowait(1);
	bounded.putNowait(new Uint8Array(90_000));
	const large = new Uint8Array(50_000);
	const before = inUse();
	for (let i = 0; i < 3; i++) {
		assert.throws(() => queue.putNowait(large), { name: 'Full' });
		assert.throws(() => bounded.putNowait(large), { name: 'Full' });
		assert.throws(() => bounded.putNowait(new Uint8Array(200_000)), { name: 'RangeError' });
		assert.throws(() => queue.putNowait([large, Symbol('unpicklable')]), { name: 'PicklingError' });
		await assert.rejects(queue.put({ large, lock: new Lock() }, { timeout: 5 }), { name: 'Full' });
	}
	queue.close();
	assert.throws(() => queue.putNowait(large), { name: 'ClosedError' });
	await until(before);
});

test('a queue that is dropped with items in it gives everything back', async () => {
	const before = inUse();
	(() => {
		const queue = new Queue<unknown>();
		for (let i = 0; i < 5000; i++) queue.putNowait(`item ${i} ${'x'.repeat(100)}`);
		queue.putNowait(new Uint8Array(1 << 20));
		queue.putNowait({ lock: new Lock() });
	})();
	assert.ok(inUse() - before > 1 << 20);
	await until(before);
});

for (const [who, target] of [
	['a producer', targets.putForEver],
	['a consumer', targets.takeForEver],
] as const) {
	test(`${who} that is killed leaves every item whole, and no memory when they are taken`, async () => {
		const before = inUse();
		await (async () => {
			const queue = new Queue<never>();
			if (target === targets.takeForEver) for (let i = 0; i < 300_000; i++) queue.putNowait(i as never);
			await killed(target, queue);
			const first = queue.qsize() > 0 ? Number(queue.getNowait()) : 0;
			family().heap.sweep();
			for (let next = first + 1; queue.qsize() > 0; next++) assert.equal(queue.getNowait(), next);
			queue.putNowait('the next' as never);
			assert.equal(queue.getNowait(), 'the next');
			family().heap.sweep();
			assert.ok(inUse() - before <= 2 * SPAN_BYTES, `${inUse() - before} bytes are left`);
		})();
		await until(before);
	});
}

/** A queue's block, and what is done to its segments, as putters and takers do it. */
class Bench {
	readonly block: Block = Block.create(QUEUE.words * 4, BLOCK_KIND.queue);
	readonly segments: QueueSegments = new QueueSegments(this.block);

	set taken(items: number) {
		this.block.words.store(QUEUE.taken, items);
	}

	/** Whether a sweep leaves `segment` alone: it is found in use. */
	survives(reference: number): boolean {
		family().heap.sweep();
		return family().heap.blockAt(reference * REFERENCE_BYTES)?.kind === BLOCK_KIND.segment;
	}
}

// The counters of a queue wrap at 2³²: so where it begins is as good as any other place.
for (const first of [0, 1000, 2 ** 30, 2 ** 31 - 5, 2 ** 31, 2 ** 32 - 5]) {
	test(`a segment that begins with item ${first} is not swept while there are items in it`, () => {
		const bench = new Bench();
		const number = (items: number): number => (first + items) | 0;
		bench.taken = number(0);
		const { reference } = bench.segments.create(number(0), () => {});
		const isThere = (): boolean => bench.survives(reference);
		for (const taken of [0, 1, 10, 16_384]) {
			bench.taken = number(taken);
			assert.ok(isThere(), `with ${taken} items taken, and more to be put into it`);
		}
		bench.taken = number(0);
		bench.segments.finish(bench.segments.open(reference), number(10));
		for (const taken of [0, 1, 9, 10]) {
			bench.taken = number(taken);
			assert.ok(isThere(), `with ${taken} of its 10 items taken: who takes the next one comes from here`);
		}
		bench.taken = number(11);
		assert.ok(!isThere(), 'with the first item of the next one taken');
		bench.block.release();
	});
}

test('a parcel is swept when its item was taken, and not before', () => {
	const bench = new Bench();
	const before = inUse();
	const nothing = { isEmpty: true, settle: () => {} } as unknown as PendingHolds;
	const parcel = bench.segments.pack(new Uint8Array(100_000), nothing);
	bench.segments.post(parcel, 0);
	bench.segments.drop(parcel);
	family().heap.sweep();
	assert.ok(inUse() - before >= 100_000);
	bench.taken = 1;
	family().heap.sweep();
	assert.equal(inUse(), before);
	bench.block.release();
});
