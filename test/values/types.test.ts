/** What shared values read as, take, and refuse, as the compiler sees it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawArray, SharedArray, struct, Value } from 'polyproc';

type Same<A, B> = [A, B] extends [B, A] ? true : false;
function same<A, B>(_answer: Same<A, B>): void {}

test('the type of a value follows from its code', () => {
	const int = new Value('i', 0);
	const long = new Value('q', 5);
	const text = new SharedArray('c', 'hello');
	same<typeof int.value, number>(true);
	same<typeof long.value, bigint>(true);
	same<ReturnType<typeof int.add>, number>(true);
	const view: Float32Array = new RawArray('f', 3).view;
	const slice: Buffer = text.slice();
	assert.deepEqual([view.length, slice.length], [3, 5]);
	// @ts-expect-error text into a number
	assert.throws(() => new Value('i', 'x'), TypeError);
	// @ts-expect-error no such code
	assert.throws(() => new Value('z', 0), TypeError);
	assert.throws(() => {
		// @ts-expect-error a boolean into a number
		int.value = true;
	}, TypeError);
});

test('the type of a record follows from the fields of its struct', () => {
	const Point = struct({ x: 'd', id: 'q', tag: ['c', 4], list: ['i', 2] });
	const { value } = new Value(Point, { x: 1 });
	same<typeof value.x, number>(true);
	same<typeof value.id, bigint>(true);
	same<typeof value.tag, string>(true);
	same<typeof value.list, RawArray<'i'>>(true);
	// @ts-expect-error no such field
	assert.equal(value.y, undefined);
	// @ts-expect-error text into a number
	assert.throws(() => new Value(Point, { x: '1' }), TypeError);
});
