/** ShareableList: what is written comes back exactly, or is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { type ListItem, ShareableList, SharedMemory } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';

checkLeaks(() => new SharedMemory({ create: true, size: 1 }).unlink());

const type = { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' };
const range = { name: 'RangeError', code: 'ERR_MP_ARGUMENT_RANGE' };

function withList(items: readonly ListItem[], use: (list: ShareableList) => void): void {
	using list = new ShareableList(items);
	list.shm.unlink();
	use(list);
}

const EXACT: readonly ListItem[] = [
	...['', '\0', 'a\0\0', '\0a', 'é', '😀'.repeat(5), '1234567', '12345678', '123456789', 'x'.repeat(100_000)],
	...['', '\0\0\0', 'raw\0', '1234567\0', '\xff\xfe'].map((text) => Buffer.from(text, 'latin1')),
	...[0, -0, 1, -1, 2 ** 53 - 1, 2 ** 53, 1.5, 1e300, Number.NaN, Number.NEGATIVE_INFINITY],
	...[2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n],
	...[true, false, null],
];

test('every item comes back as it was written: NULs at the end, many bytes a character, signed zeros', () => {
	using list = new ShareableList(EXACT);
	using same = new ShareableList(undefined, { name: list.shm.name });
	list.shm.unlink();
	assert.deepEqual([...list], EXACT);
	assert.deepEqual([...same], EXACT);
});

test('any item that fits can be put in the place of any other, and comes back as it was written', () => {
	const small = EXACT.filter(
		(item) => item === null || Buffer.byteLength(String(item)) <= 8 || typeof item !== 'string',
	);
	withList(['12345678', Buffer.from('1'), 5, null, 0.5], (list) => {
		for (const item of small) {
			for (let place = 0; place < list.length; place++) {
				if (item instanceof Uint8Array && item.length > 8) continue;
				list.set(place, item);
				assert.deepEqual(list.at(place), item);
			}
		}
	});
});

test('integers that are exact as numbers are read as numbers, others as bigint', () => {
	withList([5n, 2n ** 53n], (list) => assert.deepEqual([...list], [5, 2n ** 53n]));
});

test('items of other types, or that do not fit, are typed errors, and change nothing', () => {
	for (const wrong of [undefined, {}, [], Symbol.iterator, () => 1, new Date()]) {
		assert.throws(() => new ShareableList([wrong as never]), type);
	}
	for (const large of [2n ** 63n, -(2n ** 63n) - 1n, '\ud800', Buffer.alloc(10_000_000, 1), Buffer.alloc(1_000_000)]) {
		assert.throws(() => new ShareableList([large]), range);
	}
	for (const wrong of [5, 'text', true, { length: 1 }]) assert.throws(() => new ShareableList(wrong as never), type);
	assert.throws(() => new ShareableList([1], null as never), type);
	assert.throws(() => new ShareableList([1], { nome: 'x' } as never), {
		...type,
		message: 'new ShareableList: unknown option "nome"; there is name',
	});
	assert.throws(() => new ShareableList([1], { name: 'a/b' }), range);
	withList(['text', 1], (list) => {
		assert.throws(() => list.set(0, 'more than 8 bytes'), range);
		assert.throws(() => list.set(1, 'more than 8 bytes'), range);
		assert.throws(() => list.set(0, undefined as never), type);
		for (const index of ['0', 0.5, Number.NaN]) assert.throws(() => list.at(index as never), type);
		assert.deepEqual([...list], ['text', 1]);
	});
});

test('items of a million bytes fit', () => {
	withList([Buffer.alloc(1_000_000, 7), 'x'.repeat(2_000_000)], (list) => {
		assert.equal((list.at(0) as Buffer).length, 1_000_000);
		assert.equal((list.at(1) as string).length, 2_000_000);
	});
});

test('count and index compare by value', () => {
	withList([1, 'a', Buffer.from('a'), true, 1, null, 2n ** 60n], (list) => {
		assert.equal(list.count(1), 2);
		assert.equal(list.count(1n), 2);
		assert.equal(list.count(true), 1);
		assert.equal(list.index(Buffer.from('a')), 2);
		assert.equal(list.index(new Uint8Array([97])), 2);
		assert.equal(list.index(null), 5);
		assert.equal(list.index(2n ** 60n), 6);
		assert.throws(() => list.index('b'), range);
	});
});

test('a list is inspected with its items and its name; closed, it is a closed error', () => {
	withList([1, 'a'], (list) => {
		assert.equal(inspect(list), `ShareableList([ 1, 'a' ], name='${list.shm.name}')`);
		list[Symbol.dispose]();
		assert.throws(() => list.at(0), { name: 'ClosedError' });
		assert.throws(() => list.set(0, 1), { name: 'ClosedError' });
		assert.equal(inspect(list), `ShareableList(closed, name='${list.shm.name}')`);
	});
});

test('memory that holds no list is an error, not nonsense', () => {
	for (const fill of [0xff, 1]) {
		using memory = new SharedMemory({ create: true, size: 4096 });
		memory.buf.fill(fill);
		assert.throws(() => new ShareableList(undefined, { name: memory.name }), {
			name: 'UnpicklingError',
			message: `The shared memory "${memory.name}" does not hold a ShareableList.`,
		});
		memory.unlink();
	}
});
