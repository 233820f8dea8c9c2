/** CPython's _TestValue, _TestArray, _TestSharedCTypes and _TestHeap, restated. Rows in MAPPING.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getContext, Lock, RawArray, RawValue, RLock, type ScalarName, SharedArray, struct, Value } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { methods } from './methods.ts';
import * as targets from './value-targets.ts';

checkLeaks(async () => {
	for (const method of methods) await runIn(getContext(method), targets.writeAll, [[new Value('i', 1)], [2]]);
});

async function runIn(
	context: ReturnType<typeof getContext>,
	target: (...args: never[]) => unknown,
	args: unknown[],
): Promise<void> {
	const child = new context.Process({ target: target as () => void, args: args as never });
	await child.start();
	assert.equal(await child.join(), 0);
}

/** Type, first value, what a child writes. */
const CODES_VALUES = [
	['i', 4343, 24234],
	['d', 3.625, -4.25],
	['h', -232, 234],
	['q', 2n ** 33n, 2n ** 34n],
	['c', 'x', 'y'],
] as const;

for (const method of methods) {
	const context = getContext(method);
	for (const Kind of [context.Value, context.RawValue]) {
		test(`${method}: a ${Kind.name} of each type starts as given and shows what a child writes`, async () => {
			const values = CODES_VALUES.map(([code, first]) => new Kind(code as ScalarName, first as never));
			values.forEach((value, i) => {
				assert.equal(value.value, CODES_VALUES[i]?.[1]);
			});
			await runIn(context, targets.writeAll, [values, CODES_VALUES.map(([, , written]) => written)]);
			values.forEach((value, i) => {
				assert.equal(value.value, CODES_VALUES[i]?.[2]);
			});
		});
	}

	for (const Kind of [context.Array, context.RawArray]) {
		test(`${method}: a ${Kind.name} has length, elements and slices, and a child's running sum is seen`, async () => {
			const sequence = [680, 626, 934, 821, 150, 233, 548, 982, 714, 831];
			const array = new Kind('i', sequence);
			assert.equal(array.length, sequence.length);
			assert.equal(array.at(3), sequence[3]);
			assert.deepEqual(array.slice(2, 7), sequence.slice(2, 7));
			array.setSlice(4, 8, [1, 2, 3, 4]);
			sequence.splice(4, 4, 1, 2, 3, 4);
			assert.deepEqual([...array], sequence);
			await runIn(context, targets.sumUp, [array]);
			let sum = 0;
			assert.deepEqual(
				[...array],
				sequence.map((element) => (sum += element)),
			);
		});
	}

	for (const [title, lock] of [
		['without locks', false],
		['with locks', true],
	] as const) {
		test(`${method}: numbers, a struct, an array and text, ${title}, show what a child has doubled`, async () => {
			const Foo = struct({ x: 'i', y: 'd', z: 'q' });
			const x = new context.Value('i', 7, { lock });
			const y = new context.Value('d', 1 / 3, { lock });
			const long = new context.Value('q', 2n ** 33n, { lock });
			const foo = new context.Value(Foo, [3, 2, 2n ** 33n], { lock });
			const array = new context.Array(
				'd',
				Array.from({ length: 10 }, (_, i) => i),
				{ lock },
			);
			const text = new context.Array('c', 20, { lock });
			text.value = 'hello';
			await runIn(context, targets.double, [{ x, y, long, foo, array, text }]);
			assert.equal(x.value, 14);
			assert.equal(y.value, 2 / 3);
			assert.equal(long.value, 2n ** 34n);
			assert.deepEqual(foo.value, { x: 6, y: 4, z: 2n ** 33n });
			assert.deepEqual(
				[...array],
				Array.from({ length: 10 }, (_, i) => i * 2),
			);
			assert.equal(text.value, 'hellohello');
		});
	}
}

for (const [name, make, makeRaw] of [
	['a value', (options: object) => new Value('i', 5, options), () => new RawValue('i', 5)],
	['an array', (options: object) => new SharedArray('i', 10, options), () => new RawArray('i', 10)],
] as const) {
	test(`${name} gives its lock and its object: the default, the one given, or neither`, () => {
		for (const options of [{}, { lock: undefined }, { lock: true }]) {
			const made = make(options);
			assert.ok(made.getLock() instanceof RLock);
			assert.ok(made.getObj() instanceof (name === 'a value' ? RawValue : RawArray));
		}
		const lock = new Lock();
		assert.equal(make({ lock }).getLock(), lock);
		for (const without of [make({ lock: false }), makeRaw()]) {
			assert.equal('getLock' in without, false);
			assert.equal('getObj' in without, false);
		}
		assert.throws(() => make({ lock: 'navalue' }), { name: 'TypeError' });
	});
}

test('a bad type code is a type error that says so, for every kind', () => {
	const message = /bad type code "x"/;
	for (const make of [
		() => new Value('x' as 'i'),
		() => new RawValue('x' as 'i'),
		() => new SharedArray('x' as 'i', 10),
		() => new RawArray('x' as 'i', 10),
	]) {
		assert.throws(make, { name: 'TypeError', message });
	}
});

test('arrays made from a size are zero, also in memory that was used before', () => {
	for (let i = 0; i < 3; i++) {
		using array = new SharedArray('i', 10);
		assert.deepEqual([...array], new Array(10).fill(0));
		array.view.fill(0x55555555);
		assert.equal(array.at(9), 0x55555555);
	}
});

test('of thousands of arrays of random sizes, made and dropped in any order, none touches another', () => {
	const MOST = 200;
	let seed = 5;
	const random = (below: number): number => {
		seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
		return (seed >>> 8) % below;
	};
	const live: { array: RawArray<'B'>; mark: number }[] = [];
	const check = ({ array, mark }: (typeof live)[number]): void => {
		assert.ok(array.view.every((byte) => byte === mark));
	};
	for (let i = 0; i < 5000; i++) {
		if (live.length > MOST || (live.length > 0 && random(3) === 0)) {
			const [gone] = live.splice(random(live.length), 1);
			if (gone === undefined) continue;
			check(gone);
			gone.array[Symbol.dispose]();
			continue;
		}
		const array = new RawArray('B', random(10) === 0 ? random(200_000) : random(2000));
		assert.ok(array.view.every((byte) => byte === 0));
		const mark = 1 + random(255);
		array.view.fill(mark);
		live.push({ array, mark });
	}
	live.forEach(check);
});
