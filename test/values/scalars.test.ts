/** Every type of a shared value: what it takes, what it gives back, what it refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Lock, RawValue, RLock, type ScalarName, Value } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';

checkLeaks(() => new Value('i', 0));

const INTEGERS: readonly [codes: ScalarName[], min: number, max: number][] = [
	[['b', 'int8'], -128, 127],
	[['B', 'uint8'], 0, 255],
	[['h', 'int16'], -32768, 32767],
	[['H', 'uint16'], 0, 65535],
	[['i', 'int32'], -(2 ** 31), 2 ** 31 - 1],
	[['I', 'uint32'], 0, 2 ** 32 - 1],
];
const LONG_INTEGERS: readonly [codes: ScalarName[], min: bigint, max: bigint][] = [
	[['l', 'q', 'int64'], -(2n ** 63n), 2n ** 63n - 1n],
	[['L', 'Q', 'uint64'], 0n, 2n ** 64n - 1n],
];
const range = { name: 'RangeError', code: 'ERR_MP_ARGUMENT_RANGE' };
const type = { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' };

function anyValue(code: ScalarName): Value<'i'> {
	return new Value(code as 'i');
}

for (const [codes, min, max] of INTEGERS) {
	for (const code of codes) {
		test(`'${code}' holds ${min} to ${max}, and nothing else`, () => {
			const value = anyValue(code);
			assert.equal(value.value, 0);
			for (const fits of [min, max, 1]) {
				value.value = fits;
				assert.equal(value.value, fits);
			}
			for (const wrong of [min - 1, max + 1]) assert.throws(() => (value.value = wrong), range);
			for (const wrong of [1.5, Number.NaN, Number.POSITIVE_INFINITY, '1', true, null, {}]) {
				assert.throws(() => (value.value = wrong as number), type);
			}
			assert.equal(value.value, 1);
		});

		test(`'${code}' adds, exchanges and compares atomically, returns what was there, and wraps around`, () => {
			const value = new Value(code as 'i', max);
			assert.equal(value.add(1), max);
			assert.equal(value.value, min);
			assert.equal(value.add(-1), min);
			assert.equal(value.exchange(3), max);
			assert.equal(value.compareExchange(4, 5), 3);
			assert.equal(value.value, 3);
			assert.equal(value.compareExchange(3, 5), 3);
			assert.equal(value.value, 5);
			assert.throws(() => value.add(2 ** 40), range);
			assert.throws(() => value.add(0.5), type);
			assert.throws(() => value.exchange(max + 1), range);
		});
	}
}

for (const [codes, min, max] of LONG_INTEGERS) {
	for (const code of codes) {
		test(`'${code}' is read as a bigint and written as one or as a safe integer`, () => {
			const value = new Value(code as 'q', 3);
			assert.equal(value.value, 3n);
			for (const fits of [min, max]) {
				value.value = fits;
				assert.equal(value.value, fits);
			}
			for (const wrong of [min - 1n, max + 1n, 2 ** 60]) assert.throws(() => (value.value = wrong), range);
			for (const wrong of [1.5, Number.NaN, '1']) assert.throws(() => (value.value = wrong as number), type);
			assert.equal(value.value, max);
			assert.equal(value.add(1), max);
			assert.equal(value.value, min);
			assert.equal(value.exchange(4n), min);
			assert.equal(value.compareExchange(4, 5n), 4n);
			assert.equal(value.value, 5n);
		});
	}
}

test('floats hold any number, 32-bit ones rounded; they have no atomic operations', () => {
	for (const code of ['d', 'float64'] as const) {
		const value = new Value(code, Math.PI);
		assert.equal(value.value, Math.PI);
		for (const special of [Number.NaN, Number.NEGATIVE_INFINITY, -0, 1e308]) {
			value.value = special;
			assert.ok(Object.is(value.value, special));
		}
		assert.throws(() => value.add(1), {
			...type,
			message: "add: only integer types have atomic operations, and this one is 'd'; use a lock",
		});
	}
	for (const code of ['f', 'float32'] as const) {
		const value = new Value(code, 0.1);
		assert.equal(value.value, Math.fround(0.1));
		assert.throws(() => (value.value = 1e300), range);
		assert.throws(() => (value.value = 1n as never), type);
		assert.throws(() => value.exchange(1), type);
	}
});

test("'c' is one byte and 'u' one character", () => {
	const byte = new Value('c', 'x');
	assert.equal(byte.value, 'x');
	byte.value = Buffer.from('y');
	assert.equal(byte.value, 'y');
	assert.equal(new Value('c').value, '\0');
	for (const wrong of ['', 'xy', 'é', Buffer.alloc(2), 256]) assert.throws(() => (byte.value = wrong), range);
	assert.throws(() => (byte.value = null as never), type);
	const character = new Value('u', '😀');
	assert.equal(character.value, '😀');
	for (const wrong of ['', 'ab']) assert.throws(() => (character.value = wrong), range);
	assert.throws(() => (character.value = 65 as never), type);
});

test('a bad type code is a type error that lists the good ones', () => {
	for (const Kind of [Value, RawValue]) {
		assert.throws(() => new Kind('x' as 'i'), {
			...type,
			message: `new ${Kind.name}: bad type code "x"; there are c, u, b, int8, B, uint8, h, int16, H, uint16, i, int32, I, uint32, q, l, int64, Q, L, uint64, f, float32, d, float64, and structs`,
		});
		for (const wrong of [undefined, null, 5, {}, 'toString']) assert.throws(() => new Kind(wrong as never), type);
	}
});

test('the first value is checked like any other, and a value that is refused was not made', () => {
	assert.throws(() => new Value('i', 1.5), { ...type, message: "new Value: type 'i' takes an integer, not 1.5" });
	assert.throws(() => new Value('b', 128), {
		...range,
		message: "new Value: 128 does not fit type 'b', which goes from -128 to 127",
	});
});

test('a value has a recursive lock of its own, or the lock it was given, or none', () => {
	const own = new Value('i');
	assert.ok(own.getLock() instanceof RLock);
	assert.equal(own.getLock(), own.getLock());
	assert.ok(new Value('i', 0, { lock: true }).getLock() instanceof RLock);
	for (const lock of [new Lock(), new RLock()]) assert.equal(new Value('i', 0, { lock }).getLock(), lock);
	const none = new Value('i', 4, { lock: false });
	assert.ok(none instanceof RawValue);
	assert.equal(none.value, 4);
	for (const name of ['getLock', 'getObj', 'acquire', 'release']) assert.equal(name in none, false);
	assert.equal(none.add(1), 4);
	for (const wrong of [null, 'lock', {}, 1]) assert.throws(() => new Value('i', 0, { lock: wrong as never }), type);
	assert.throws(() => new Value('i', 0, { look: true } as never), {
		message: 'new Value: unknown option "look"; there is lock',
	});
	assert.throws(() => new Value('i', 0, 5 as never), type);
});

test('its lock is taken and released through the value, and getObj is the value without it', async () => {
	const value = new Value('i', 1);
	assert.equal(await value.acquire(), true);
	assert.equal(value.acquireSync(), true);
	assert.equal(value.getLock().locked(), true);
	value.release();
	value.release();
	assert.equal(value.getLock().locked(), false);
	{
		using _held = await value.hold();
		using _again = value.holdSync({ timeout: 1000 });
		assert.equal(value.getLock().locked(), true);
	}
	assert.equal(value.getLock().locked(), false);
	const raw = value.getObj();
	assert.equal(raw, value.getObj());
	raw.value = 5;
	assert.equal(value.value, 5);
	assert.equal('acquire' in raw, false);
});

test('a value is inspected with its type and what it holds', () => {
	assert.equal(inspect(new Value('int16', -3)), "<Value 'h' -3>");
	assert.equal(inspect(new RawValue('q', 3)), "<RawValue 'q' 3n>");
});

test('a value that was disposed of can be inspected, not used', () => {
	const value = new Value('i', 3);
	value[Symbol.dispose]();
	value[Symbol.dispose]();
	for (const use of [() => value.value, () => (value.value = 1), () => value.add(1), () => value.exchange(1)]) {
		assert.throws(use, { name: 'ClosedError', code: 'ERR_MP_CLOSED' });
	}
	assert.equal(inspect(value), "<Value 'i' (disposed of)>");
});
