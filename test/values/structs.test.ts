/** Structs: laid out as in C, records that are live and look like plain objects. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { pickle, RawArray, SharedArray, struct, Value } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';

checkLeaks(() => new Value('i', 0));

const Point = struct({ x: 'd', y: 'd' });
const range = { name: 'RangeError' };
const type = { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' };

test('a struct has the layout that C gives it', () => {
	// struct { char a; int32_t b; char c[3]; int16_t d; double e; char f; } on any machine with natural alignment
	const Mixed = struct({ a: 'b', b: 'i', c: ['c', 3], d: 'h', e: 'd', f: 'c' });
	assert.equal(Mixed.size, 32);
	assert.equal(Mixed.alignment, 8);
	const array = new RawArray(Mixed, [{ a: 1, b: 2, c: 'xyz', d: 3, e: 4, f: 'f' }]);
	const data = new DataView(array.view.buffer);
	const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
	assert.equal(data.getInt8(0), 1);
	assert.equal(data.getInt32(4, little), 2);
	assert.equal(Buffer.from(array.view.subarray(8, 11)).toString(), 'xyz');
	assert.equal(data.getInt16(12, little), 3);
	assert.equal(data.getFloat64(16, little), 4);
	assert.equal(data.getUint8(24), 0x66);
	assert.equal(struct({ a: 'b', inner: Point, b: 'b' }).size, 32);
});

test('a record is live, and otherwise like a plain object of its fields', () => {
	const point = new Value(Point, { x: 1, y: 2 });
	point.value.x += 1;
	assert.equal(point.value.x, 2);
	assert.deepEqual(point.value, { x: 2, y: 2 });
	assert.deepEqual({ ...point.value }, { x: 2, y: 2 });
	assert.equal(JSON.stringify(point.value), '{"x":2,"y":2}');
	assert.equal(inspect(point.value), '{ x: 2, y: 2 }');
	assert.equal(inspect(point), "<Value 'struct {x: d, y: d}' { x: 2, y: 2 }>");
	const copy = pickle.loads(pickle.dumps(point.value)) as { x: number };
	copy.x = 100;
	assert.equal(point.value.x, 2);
});

test('a record is written whole, in part, or in order', () => {
	const point = new Value(Point, [1, 2]);
	assert.deepEqual(point.value, { x: 1, y: 2 });
	point.value = { y: 5 };
	assert.deepEqual(point.value, { x: 1, y: 5 });
	point.value = new Value(Point, [8, 9]).value;
	assert.deepEqual(point.value, { x: 8, y: 9 });
});

test('what is no field, or does not fit one, is an error that names it', () => {
	const point = new Value(Point);
	assert.throws(() => (point.value = { z: 1 } as never), { ...type, message: /has no field "z"$/ });
	assert.throws(() => (point.value = 5 as never), type);
	assert.throws(() => (point.value = [1, 2, 3]), range);
	assert.throws(() => (point.value.x = '1' as never), {
		...type,
		message: 'field x: type \'d\' takes a number, not "1"',
	});
	assert.throws(() => {
		(point.value as unknown as { z: number }).z = 1;
	}, TypeError);
	assert.throws(() => point.add(1 as never), type);
});

test('bad fields are errors when the struct is made', () => {
	for (const wrong of [undefined, null, 5, {}, { x: 'z' }, { x: ['d'] }, { x: ['d', 1.5] }, { x: ['z', 1] }]) {
		assert.throws(() => struct(wrong as never), type);
	}
	assert.throws(() => struct({ x: ['d', -1] }), range);
});

test('characters inside a record are text, other arrays are live arrays, structs are live records', () => {
	const Particle = struct({ tag: ['c', 4], wide: ['u', 2], speeds: ['f', 3], at: Point, path: [Point, 2], id: 'Q' });
	const particle = new Value(Particle, {
		tag: 'abc',
		speeds: [1, 2, 3],
		at: { x: 1 },
		path: [{ x: 5 }, [6, 7]],
		id: 3,
	});
	const { value } = particle;
	assert.equal(value.tag, 'abc');
	value.tag = 'four';
	assert.equal(value.tag, 'four');
	assert.throws(() => (value.tag = 'fives'), range);
	value.wide = '😀';
	assert.equal(value.wide, '😀');
	value.speeds.view[2] = 30;
	assert.deepEqual([...value.speeds], [1, 2, 30]);
	assert.throws(() => (value.speeds = [1, 2] as never), range);
	value.at.y = 4;
	assert.deepEqual(particle.value.at, { x: 1, y: 4 });
	value.path.at(0).y = 1;
	assert.deepEqual(
		value.path.slice().map(({ x, y }) => [x, y]),
		[
			[5, 1],
			[6, 7],
		],
	);
	assert.equal(value.id, 3n);
});

test('arrays of structs have live elements and their bytes as view', () => {
	const points = new SharedArray(Point, [{ x: 1 }, { y: 2 }]);
	points.at(-1).x = 3;
	points.set(0, { y: 9 });
	assert.deepEqual(
		[...points].map(({ x, y }) => [x, y]),
		[
			[1, 9],
			[3, 2],
		],
	);
	assert.equal(points.view.byteLength, 32);
	assert.deepEqual([...new Float64Array(points.view.buffer)], [1, 9, 3, 2]);
});

test('a struct type travels, by itself and with its values', () => {
	const value = new Value(struct({ n: 'i', tag: ['c', 3], point: Point }), { n: 5 });
	const [type, same] = pickle.loads(pickle.dumps([Point, value])) as [typeof Point, typeof value];
	assert.deepEqual(new Value(type, [1, 2]).value, { x: 1, y: 2 });
	same.value.point.y = 8;
	assert.equal(value.value.point.y, 8);
	const part = pickle.loads(pickle.dumps(new Value(struct({ a: 'b', b: ['h', 2] }), { b: [3, 4] }).value.b));
	assert.deepEqual([...(part as RawArray<'h'>)], [3, 4]);
});
