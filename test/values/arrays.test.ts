/** Shared arrays within one process: elements, slices, views, text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Array as ArrayByPythonsName, Lock, RawArray, RLock, SharedArray } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';

checkLeaks(() => new SharedArray('i', 1).view);

const range = { name: 'RangeError', code: 'ERR_MP_ARGUMENT_RANGE' };
const type = { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' };

for (const Kind of [SharedArray, RawArray]) {
	test(`${Kind.name}: made from a size it is all zero, from an iterable it has its elements`, () => {
		assert.deepEqual([...new Kind('i', 4)], [0, 0, 0, 0]);
		assert.deepEqual([...new Kind('h', [3, -4])], [3, -4]);
		assert.deepEqual([...new Kind('d', new Set([1.5, 2.5]))], [1.5, 2.5]);
		assert.deepEqual([...new Kind('d', new Float64Array([1.5, 2.5]))], [1.5, 2.5]);
		assert.deepEqual([...new Kind('i', new Int16Array([1, -2]))], [1, -2]);
		assert.deepEqual([...new Kind('q', [1, 2n])], [1n, 2n]);
		assert.deepEqual([...new Kind('i', 0)], []);
		assert.deepEqual([...new Kind('i', [])], []);
		assert.equal(new Kind('i', 0).view.length, 0);
	});

	test(`${Kind.name}: wrong sizes and elements are typed errors`, () => {
		assert.throws(() => new Kind('i', -1), range);
		for (const size of [1.5, Number.NaN, undefined, null, {}, 5n]) {
			assert.throws(() => new Kind('i', size as never), type);
		}
		assert.throws(() => new Kind('d', 2 ** 40), range);
		assert.throws(() => new Kind('x' as 'i', 1), type);
		assert.throws(() => new Kind('i', [1, 2.5]), {
			...type,
			message: /element 1: type 'i' takes an integer, not 2\.5$/,
		});
		assert.throws(() => new Kind('b', new Int16Array([1, 300])), range);
		assert.throws(() => new Kind('i', 'abc' as never), type);
	});

	test(`${Kind.name}: elements are read and written by index, negative ones from the end`, () => {
		const array = new Kind('i', [1, 2, 3]);
		assert.equal(array.length, 3);
		assert.deepEqual([array.at(0), array.at(2), array.at(-1), array.at(-3)], [1, 3, 3, 1]);
		array.set(-1, 30);
		array.set(0, 10);
		assert.deepEqual([...array], [10, 2, 30]);
		for (const index of [3, -4, 1e10]) {
			assert.throws(() => array.at(index), range);
			assert.throws(() => array.set(index, 1), range);
		}
		for (const index of ['0', 0.5, Number.NaN, undefined]) assert.throws(() => array.at(index as never), type);
		assert.throws(() => array.set(0, 1.5), type);
	});

	test(`${Kind.name}: slices are copies, and are written only with as many values`, () => {
		const array = new Kind('i', [0, 1, 2, 3, 4]);
		assert.deepEqual(array.slice(), [0, 1, 2, 3, 4]);
		assert.deepEqual(array.slice(1, 3), [1, 2]);
		assert.deepEqual(array.slice(-2), [3, 4]);
		assert.deepEqual(array.slice(3, 1), []);
		assert.deepEqual(array.slice(2, 100), [2, 3, 4]);
		array.slice()[0] = 9;
		assert.equal(array.at(0), 0);
		array.setSlice(1, 3, [10, 20]);
		array.setSlice(-1, undefined, new Int32Array([40]));
		assert.deepEqual([...array], [0, 10, 20, 3, 40]);
		assert.throws(() => array.setSlice(0, 2, [1, 2, 3]), {
			...range,
			message: 'setSlice: 3 values cannot be put in the place of 2 elements',
		});
		assert.throws(() => array.setSlice(0, 2, [1]), range);
		assert.throws(() => array.setSlice(0, 1, 5 as never), type);
		assert.throws(() => array.slice('1' as never), type);
	});

	test(`${Kind.name}: a view is the memory itself, of the array's bytes only, and outlives the array`, () => {
		const array = new Kind('d', [1, 2, 3]);
		const { view } = array;
		assert.ok(view instanceof Float64Array);
		assert.equal(view, array.view);
		assert.equal(view.buffer.byteLength, 24);
		view[1] = 20;
		array.set(2, 30);
		assert.deepEqual([...array], [1, 20, 30]);
		assert.deepEqual([...view], [1, 20, 30]);
		array[Symbol.dispose]();
		assert.throws(() => array.at(0), { name: 'ClosedError' });
		assert.throws(() => array.view, { name: 'ClosedError' });
		assert.equal(inspect(array), `<${Kind.name} 'd' (disposed of)>`);
		for (let i = 0; i < 1000; i++) new Kind('d', [7, 7, 7])[Symbol.dispose]();
		assert.deepEqual([...view], [1, 20, 30]);
	});

	test(`${Kind.name}: bytes are text up to the first NUL, or raw`, () => {
		const array = new Kind('c', 'héllo');
		assert.equal(array.length, 6);
		assert.equal(array.value, 'héllo');
		array.value = 'ab';
		assert.equal(array.value, 'ab');
		assert.deepEqual(array.raw, Buffer.from('ab\0llo'));
		assert.equal(array.at(0), 'a');
		assert.deepEqual(array.slice(0, 2), Buffer.from('ab'));
		array.value = Buffer.from('123456');
		assert.equal(array.value, '123456');
		array.raw = Buffer.from([0, 255]);
		assert.deepEqual([...array.view], [0, 255, 0x33, 0x34, 0x35, 0x36]);
		array.set(0, 'z');
		assert.throws(() => (array.value = '1234567'), range);
		assert.throws(() => (array.raw = Buffer.alloc(7)), range);
		assert.throws(() => (array.value = 5 as never), type);
		assert.throws(() => (array.raw = 5 as never), type);
		assert.deepEqual(new Kind('c', Buffer.from([1, 0])).raw, Buffer.from([1, 0]));
		assert.deepEqual(new Kind('c', 10).raw, Buffer.alloc(10));
	});

	test(`${Kind.name}: wide characters are text too; numbers are not`, () => {
		const array = new Kind('u', 'a😀b');
		assert.equal(array.length, 3);
		assert.equal(array.at(1), '😀');
		assert.equal(array.slice(1), '😀b');
		array.value = '€';
		assert.equal(array.value, '€');
		array.view[0] = 0xffffffff;
		assert.equal(array.value, '\ufffd');
		assert.throws(() => (array.value = Buffer.from('a')), type);
		const numbers = new Kind('i', 2);
		for (const use of [() => numbers.value, () => numbers.raw, () => (numbers.value = 'a')]) assert.throws(use, type);
	});
}

test('an array has a lock as a value has, and is exported by Python’s name', async () => {
	assert.equal(ArrayByPythonsName, SharedArray);
	const array = new SharedArray('i', 2);
	assert.ok(array.getLock() instanceof RLock);
	{
		using _held = await array.hold();
		assert.equal(array.acquireSync(), true);
		array.release();
	}
	array.getObj().set(0, 5);
	assert.equal(array.at(0), 5);
	const lock = new Lock();
	assert.equal(new SharedArray('i', 2, { lock }).getLock(), lock);
	const none = new SharedArray('i', [1], { lock: false });
	assert.ok(none instanceof RawArray);
	assert.equal('getLock' in none, false);
	assert.throws(() => new SharedArray('i', 2, { lock: 'no' as never }), type);
	assert.equal(inspect(array), "<SharedArray 'i' [ 5, 0 ]>");
});
