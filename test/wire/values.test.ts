import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pickle } from '../../src/wire/pickle.ts';

function copy<T>(value: T): T {
	return pickle.loads(pickle.dumps(value)) as T;
}

const same: Record<string, unknown> = {
	integers: [0, 1, -1, 63, 64, 127, 128, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53],
	'other numbers': [-0, 0.1, 1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324],
	'many integers': Array.from({ length: 300 }, (_, i) => (i % 2 ? i : -i - 1) * 7_000_000),
	'many numbers': Array.from({ length: 300 }, (_, i) => [i / 3, -0, Number.NaN, 2 ** 40, i][i % 5]),
	'many integers and a zero that is negative': [...Array(40).fill(1), -0, 2],
	'many numbers and one thing else': [...Array(40).fill(1), 'x', 2],
	'many numbers and a hole': Object.assign(new Array(50).fill(3, 0, 49), { 49: 4 }),
	'short and long strings': [
		'',
		'a',
		'x'.repeat(31),
		'x'.repeat(32),
		'é',
		'漢字',
		'😀'.repeat(40),
		'y'.repeat(200_000),
	],
	'strings with lone surrogates': ['\ud800', `a\udc00${'z'.repeat(50)}`],
	'undefined, null and booleans': [undefined, null, true, false],
	bigints: [0n, 1n, -1n, 2n ** 64n, -(2n ** 200n)],
	'plain objects': { a: 1, b: { c: [1, { d: 2 }] }, '': 0, 'a b': 1, 7: 'seven' },
	'objects with many keys': Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`key${i}`, i])),
	'objects with very long keys': { ['k'.repeat(70_000)]: 1, b: 2 },
	'empty containers': [[], {}, new Map(), new Set(), '', new Uint8Array()],
	maps: new Map<unknown, unknown>([
		['a', 1],
		[{ k: 1 }, new Map([[1, 2]])],
	]),
	'large maps of primitives': new Map<unknown, unknown>(
		Array.from({ length: 600 }, (_, i) => [
			i % 2 ? `wörd ${i}` : i,
			[i, -i, `${i}`, BigInt(i), undefined, null, true][i % 7],
		]),
	),
	'large sets of primitives': new Set<unknown>([-0, Number.NaN, ...Array.from({ length: 600 }, (_, i) => `${i}`)]),
	'large maps with something else in them': new Map<unknown, unknown>(
		Array.from({ length: 600 }, (_, i) => [i, i === 599 ? { a: 1 } : i]),
	),
	sets: new Set<unknown>([1, 'a', new Set([2])]),
	dates: [new Date(0), new Date(8.64e15)],
	'regular expressions': [/a/, /b\/c/giu, /(?<x>y)/s],
	'boxed primitives': [Object(1), Object('s'), Object(true), Object(1n), Object(-0)],
	'typed arrays': [
		new Uint8Array([1, 2]),
		new Float64Array([0.5]),
		new BigInt64Array([1n]),
		new Uint8ClampedArray([9]),
	],
	'array buffers': [new ArrayBuffer(3), new DataView(new Uint8Array([1, 2, 3]).buffer, 1, 1)],
	buffers: [Buffer.from('pooled'), Buffer.alloc(5000, 1)],
	'sparse arrays': Object.assign(new Array(5), { 0: 1, 2: 3 }),
	urls: [new URL('https://example.org/a?b=c#d'), new URLSearchParams('a=1&a=2')],
	'registered symbols': [Symbol.for('polyproc.test'), Symbol.iterator, Symbol.asyncIterator],
};

describe('values', () => {
	for (const [name, value] of Object.entries(same)) {
		it(`${name} arrive as they were`, () => assert.deepEqual(copy(value), value));
	}

	it('shared references stay shared and cycles stay cycles', () => {
		const shared = { x: 1 };
		const value: Record<string, unknown> = { a: shared, b: [shared], map: new Map([[shared, shared]]) };
		value.self = value;
		const result = copy(value) as { a: object; b: object[]; map: Map<object, object>; self: unknown };
		assert.equal(result.a, result.b[0]);
		assert.equal(result.map.get(result.a), result.a);
		assert.equal(result.self, result);
	});

	it('references are right in messages of a few and of thousands of objects', () => {
		for (const count of [1, 9, 10, 11, 12, 5000]) {
			const items = Array.from({ length: count }, (_, i) => ({ i }));
			const result = copy([...items, ...items]);
			for (let i = 0; i < count; i++) {
				assert.equal(result[i], result[i + count]);
				assert.equal(result[i]!.i, i);
			}
		}
	});

	it('an invalid date stays invalid', () => {
		assert.ok(Number.isNaN(copy(new Date(Number.NaN)).getTime()));
	});

	it('holes stay holes, also in arrays that are almost empty or very long', () => {
		const sparse: unknown[] = [];
		sparse[4_000_000_000] = 'far';
		assert.deepEqual(copy(sparse), sparse);
		const long = Array.from({ length: 1000 }, (_, i) => i);
		delete long[500];
		assert.equal(500 in copy(long), false);
		assert.equal(501 in copy(long), true);
	});

	it('arrays keep properties of their own', () => {
		const match = /b(?<rest>.)/.exec('abc')!;
		assert.deepEqual(copy(match), match);
		const long = Object.assign(new Array(1000).fill(7), { label: 'long' });
		assert.equal((copy(long) as { label?: string }).label, 'long');
		const holed = Object.assign([undefined, 1], { x: 1 });
		delete holed[0];
		assert.deepEqual(copy(holed), holed);
	});

	it('two views of one buffer keep sharing it', () => {
		const bytes = new Uint8Array(16);
		const result = copy({ bytes, words: new Uint32Array(bytes.buffer, 4, 2) });
		result.words[0] = 0x01020304;
		assert.equal(result.bytes[4], 4);
		assert.equal(result.words.length, 2);
	});

	it('a small Buffer does not bring the allocation pool along', () => {
		assert.ok(pickle.dumps(Buffer.from('small')).length < 30);
		assert.ok(Buffer.isBuffer(copy(Buffer.from('small'))));
	});

	it('what is decoded does not change when the bytes are overwritten', () => {
		const value = { text: 'x'.repeat(100), buffer: Buffer.alloc(9000, 1), view: new Uint8Array([1, 2, 3]) };
		const bytes = pickle.dumps(value);
		const result = pickle.loads(bytes);
		bytes.fill(0xff);
		assert.deepEqual(result, value);
	});

	it('a window of shared memory can be decoded', () => {
		const bytes = pickle.dumps({ text: 'é'.repeat(100), view: new Uint8Array(40) });
		const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 20), 7, bytes.length);
		shared.set(bytes);
		assert.deepEqual(pickle.loads(shared), { text: 'é'.repeat(100), view: new Uint8Array(40) });
	});

	it('an own __proto__ key stays a key', () => {
		const value = JSON.parse('{"__proto__": {"polluted": true}, "b": 1}');
		for (let i = 0; i < 40; i++) {
			const result = copy(value) as { polluted?: boolean };
			assert.deepEqual(Object.keys(result), ['__proto__', 'b']);
			assert.equal(result.polluted, undefined);
		}
		const bare = Object.assign(Object.create(null), { __proto__x: 1 });
		assert.equal(Object.getPrototypeOf(copy(bare)), null);
	});

	it('getters are read', () => {
		assert.deepEqual(
			copy({
				get x() {
					return 5;
				},
			}),
			{ x: 5 },
		);
	});

	it('objects of one shape stay equal when their decoder has been compiled', () => {
		for (let i = 0; i < 100; i++)
			assert.deepEqual(copy({ id: i, "odd key's": [i], '9': i }), { id: i, "odd key's": [i], '9': i });
	});

	it('a getter may pickle in the middle of a pickle', () => {
		const value = {
			get inner() {
				return pickle.dumps({ deep: [1, 2, 3] });
			},
			after: 'x',
		};
		const result = copy(value);
		assert.deepEqual(pickle.loads(result.inner), { deep: [1, 2, 3] });
		assert.equal(result.after, 'x');
	});

	it('lists nested a hundred thousand deep come through, with what they share', () => {
		const shared = { x: 1 };
		let list: unknown = shared;
		let arrays: unknown = shared;
		for (let i = 0; i < 100_000; i++) list = { next: list, shared, i: i % 3 === 0 ? [shared] : i };
		for (let i = 0; i < 100_000; i++) arrays = [arrays];
		const result = copy({ list, arrays });
		let node = result.list as { next?: unknown; shared?: unknown };
		let met = 0;
		for (; node.next !== undefined; met++) node = node.next as typeof node;
		let inner = result.arrays;
		while (Array.isArray(inner)) inner = inner[0];
		assert.equal(met, 100_000);
		assert.equal(inner, node);
		assert.equal((result.list as { shared: unknown }).shared, node);
	});

	it('maps nested deeper than the stack are refused, and the next pickle works', () => {
		let maps: unknown = null;
		for (let i = 0; i < 100_000; i++) maps = new Map([[1, maps]]);
		assert.throws(() => copy(maps), {
			code: 'ERR_MP_PICKLING',
			message: /nested too deeply for the stack; flatten it/,
		});
		assert.deepEqual(copy({ still: 'works' }), { still: 'works' });
	});

	it('what is too deep is refused by name as well', () => {
		let list: unknown = Promise.resolve();
		for (let i = 0; i < 1000; i++) list = { next: list };
		assert.throws(() => copy(list), {
			code: 'ERR_MP_PICKLING',
			message: /^Cannot pickle value\.….*\.next: it is a Promise/,
		});
	});
});

describe('errors as values', () => {
	it('keep class, message, stack, cause and own fields', () => {
		const error = Object.assign(new TypeError('bad', { cause: new RangeError('why') }), { code: 'E_BAD', list: [1] });
		const result = copy(error);
		assert.ok(result instanceof TypeError);
		assert.equal(Object.prototype.toString.call(result), '[object Error]');
		assert.deepEqual([result.message, result.stack, result.code, result.list], ['bad', error.stack, 'E_BAD', [1]]);
		assert.ok(result.cause instanceof RangeError);
		assert.deepEqual(Object.keys(result), ['code', 'list']);
	});

	it('AggregateError, DOMException and errors of Node come as themselves', async () => {
		const aggregate = copy(new AggregateError([new Error('one')], 'many'));
		assert.equal(aggregate.errors[0].message, 'one');
		const aborted = copy(AbortSignal.abort().reason as DOMException);
		assert.ok(aborted instanceof DOMException);
		assert.deepEqual([aborted.name, aborted.code], ['AbortError', 20]);
		const missing = await import('node:fs/promises')
			.then((fs) => fs.readFile('/does/not/exist'))
			.catch((e: unknown) => e);
		assert.equal((copy(missing) as NodeJS.ErrnoException).code, 'ENOENT');
		let invalid: unknown;
		try {
			Buffer.from(5 as never);
		} catch (error) {
			invalid = error;
		}
		const received = copy(invalid) as NodeJS.ErrnoException;
		assert.ok(received instanceof TypeError);
		assert.equal(received.code, 'ERR_INVALID_ARG_TYPE');
	});
});
