import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PicklingError } from '../../src/base/errors.ts';
import { encode } from '../../src/wire/codec.ts';

class Account {
	readonly #balance = 1;
	get balance(): number {
		return this.#balance;
	}
}

function refusal(value: unknown, root = 'args'): PicklingError {
	try {
		encode(value, { root, to: null });
	} catch (error) {
		assert.ok(error instanceof PicklingError, String(error));
		return error;
	}
	assert.fail('it was pickled');
}

const socket = new WeakMap();

describe('the path to what cannot be pickled', () => {
	const places: [string, unknown][] = [
		['args', Promise.resolve()],
		['args[1].onDone', [0, { onDone: Promise.resolve() }]],
		['args["a b"]', { 'a b': Promise.resolve() }],
		['args.get("key")', new Map([['key', Promise.resolve()]])],
		['args.get(5).x', new Map([[5, { x: Promise.resolve() }]])],
		['args.keys()[0]', new Map([[Promise.resolve(), 1]])],
		['args[1]', new Set([1, Promise.resolve()])],
		['args[2]', Object.assign(new Array(3), { 2: Promise.resolve() })],
		['args.cause.x', new Error('a', { cause: { x: Promise.resolve() } })],
	];
	for (const [path, value] of places) {
		it(`is ${path}`, () => {
			const error = refusal(value);
			assert.equal(error.path, path);
			assert.equal(error.code, 'ERR_MP_PICKLING');
			const what = 'it is a Promise, which lives in this process only; await it and send the result';
			assert.equal(error.message, `Cannot pickle ${path}: ${what}`);
		});
	}

	it('begins with what the caller calls the value', () => {
		assert.equal(refusal({ a: Symbol('x') }, 'item').path, 'item.a');
	});
});

describe('what cannot be pickled', () => {
	const refused: [string, unknown, RegExp][] = [
		['a symbol of this process', Symbol('here'), /Symbol\(here\) exists in this process only; use Symbol\.for/],
		['a WeakMap', socket, /it is a WeakMap, .*; use a Map or a Set/],
		['a WeakRef', new WeakRef({}), /it is a WeakRef/],
		['a SharedArrayBuffer', new SharedArrayBuffer(1), /SharedArrayBuffer, .* use polyproc's SharedMemory/],
		['a view of a SharedArrayBuffer', new Uint8Array(new SharedArrayBuffer(1)), /SharedArrayBuffer/],
		['a generator', (function* () {})(), /it is a Generator/],
		['an iterator', [1].values(), /it is a Array Iterator/],
		['a Blob', new Blob([]), /it is a Blob, an object of Node's/],
		['an AbortSignal', AbortSignal.abort(), /it is a AbortSignal/],
		['a formatter', new Intl.NumberFormat(), /it is a NumberFormat/],
		['a proxy of a function', new Proxy(() => 1, {}), /Proxy of a function/],
		['private fields', new Account(), /class Account, whose private fields \(#balance\) .*\[mp\.reduce\]\(\)/],
	];
	for (const [name, value, message] of refused) {
		it(`${name}: the error names it and says what to do`, () => assert.match(refusal(value).message, message));
	}

	it('a getter that throws is named, with its error as the cause', () => {
		const value = {
			a: {
				get b(): never {
					throw new Error('boom');
				},
			},
		};
		const error = refusal(value);
		assert.equal(error.path, 'args.a.b');
		assert.equal((error.cause as Error).message, 'boom');
	});

	it('a failed pickle leaves the next one alone', () => {
		refusal([
			{ a: 1, b: 2 },
			{ a: 1, b: Promise.resolve() },
		]);
		assert.ok(encode({ a: 1, b: 2 }, { root: 'args', to: null }).length > 0);
	});
});
