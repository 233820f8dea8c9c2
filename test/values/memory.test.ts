/** The memory of shared values: given back when they are dropped, kept as long as anything can reach it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Pipe } from '../../src/channel/pipe.ts';
import { family } from '../../src/memory/family.ts';
import { RawArray } from '../../src/memory/raw-array.ts';
import { RawValue } from '../../src/memory/raw-value.ts';
import { struct } from '../../src/memory/struct.ts';
import { SharedArray } from '../../src/sync/shared-array.ts';
import { Value } from '../../src/sync/value.ts';
import { checkLeaks } from '../house/leaks.ts';

const LIMIT = 20_000;
const PLENTY = 20;

checkLeaks(() => new Value('i', 0).value);

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

/** Collects, and lets what waits for it run, often enough that what can be collected has been. */
async function collectAll(): Promise<void> {
	for (let i = 0; i < PLENTY; i++) {
		collect();
		await turn();
	}
}

test('50,000 values that were used and dropped give their memory back', async () => {
	const before = family().heap.bytesInUse();
	for (let i = 0; i < 50_000; i++) {
		const value = new Value('i', i);
		value.add(1);
	}
	assert.ok(family().heap.bytesInUse() > before);
	await until(before);
});

test('10,000 arrays that were disposed of give it back at once', () => {
	const before = family().heap.bytesInUse();
	for (let i = 0; i < 10_000; i++) {
		using array = new RawArray('d', [1, 2, 3]);
		array.set(0, i);
	}
	assert.equal(family().heap.bytesInUse(), before);
});

test('large arrays come and go; what comes back is all zero', async () => {
	const before = family().heap.bytesInUse();
	for (let i = 0; i < 200; i++) {
		using array = new RawArray('d', 1_000_000);
		assert.equal(array.at(i), 0);
		array.set(i, 1);
		array.set(-1, 1);
	}
	assert.equal(family().heap.bytesInUse(), before);
	for (let i = 0; i < 20; i++) new SharedArray('d', 100_000).view.fill(i);
	await until(before);
});

test('a view keeps the memory of an array that is gone, and so does what was derived from it', async () => {
	const before = family().heap.bytesInUse();
	let part: Float64Array | undefined = (() => new RawArray('d', [1, 2, 3]).view.subarray(1))();
	await collectAll();
	for (let i = 0; i < 2000; i++) new RawArray('d', [7, 7, 7]);
	assert.deepEqual([...part], [2, 3]);
	part = undefined;
	await until(before);
});

test('a record keeps the memory of a value that is gone, and so does an array in it', async () => {
	const before = family().heap.bytesInUse();
	const Type = struct({ x: 'd', list: ['i', 2] });
	let record: { x: number; list: RawArray<'i'> } | undefined = new RawValue(Type, { x: 5, list: [1, 2] }).value;
	let list: RawArray<'i'> | undefined = new RawValue(Type, { list: [3, 4] }).value.list;
	await collectAll();
	for (let i = 0; i < 2000; i++) new RawValue(Type, { x: 7, list: [7, 7] });
	assert.equal(record.x, 5);
	assert.deepEqual([...list], [3, 4]);
	record = undefined;
	list = undefined;
	await until(before);
});

test('of two objects over the same memory, disposing of one leaves the other', () => {
	const before = family().heap.bytesInUse();
	const [here, there] = Pipe();
	const value = new RawValue('i', 1);
	here.sendSync(value);
	const other = there.recvSync() as RawValue<'i'>;
	value[Symbol.dispose]();
	for (let i = 0; i < 1000; i++) new RawValue('i', 9)[Symbol.dispose]();
	assert.equal(other.value, 1);
	other[Symbol.dispose]();
	here.close();
	there.close();
	assert.equal(family().heap.bytesInUse(), before);
});

test('a value sent and never received is freed with what carried it', () => {
	const before = family().heap.bytesInUse();
	const [here, there] = Pipe();
	{
		using value = new RawValue('i', 1);
		here.sendSync(value);
	}
	assert.equal((there.recvSync() as RawValue<'i'>).value, 1);
	{
		using value = new RawValue('i', 1);
		here.sendSync(value);
	}
	here.close();
	there.close();
	family().heap.sweep();
	assert.ok(family().heap.bytesInUse() <= before + 128, 'only the one that was received may be left');
});
