import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { PicklingError } from '../../src/base/errors.ts';
import { pickle } from '../../src/wire/pickle.ts';

function copy<T>(value: T): T {
	return pickle.loads(pickle.dumps(value)) as T;
}

function refusal(value: unknown): string {
	try {
		pickle.dumps(value);
	} catch (error) {
		assert.ok(error instanceof PicklingError, String(error));
		return error.message;
	}
	assert.fail('it was pickled');
}

function counter(start: number): { next: () => number; peek: () => number } {
	let count = start;
	return { next: () => ++count, peek: () => count };
}

describe('a closure', () => {
	it('has the values its variables had when it was pickled', () => {
		let factor = 2;
		const scale = (x: number): number => x * factor;
		const sent = copy(scale);
		factor = 3;
		assert.equal(sent(5), 10);
		assert.equal(copy(scale)(5), 15);
	});

	it('may assign to its variables, which are its own', () => {
		const { next } = counter(5);
		const sent = copy(next);
		assert.deepEqual([sent(), sent(), next()], [6, 7, 6]);
	});

	it('can be sent on by the one who received it, with what has changed since', () => {
		const { next } = counter(5);
		const once = copy(next);
		once();
		once();
		assert.equal(copy(copy(once))(), 8);
	});

	it('keeps its name, its properties and its arity', () => {
		const plain = (a: number, b: number): number => a + b;
		const task = Object.assign(plain, { retries: 3 });
		const sent = copy(task);
		assert.deepEqual([sent.name, sent.length, sent.retries], ['plain', 2, 3]);
	});

	it('shares captured objects with the rest of the message', () => {
		const shared = { n: 1 };
		const sent = copy({ shared, get: () => shared });
		assert.equal(sent.get(), sent.shared);
	});

	it('may be a method, a getter, async, a generator, or have a computed name', async () => {
		const base = 10;
		const key = Symbol.iterator;
		const object = {
			method(x: number): number {
				return base + x;
			},
			async later(): Promise<number> {
				return base;
			},
			*[key](): Generator<number> {
				yield base;
			},
			get value(): number {
				return base;
			},
			'odd name'(): number {
				return base;
			},
			async *both(): AsyncGenerator<number> {
				yield base;
			},
		};
		assert.equal(copy(object.method)(1), 11);
		assert.equal(await copy(object.later)(), 10);
		assert.deepEqual([...copy(object[key] as () => Generator<number>)()], [10]);
		assert.equal(copy(Object.getOwnPropertyDescriptor(object, 'value')!.get as () => number)(), 10);
		assert.equal(copy(object['odd name'])(), 10);
		assert.equal((await copy(object.both)().next()).value, 10);
	});

	it('may be a class, with statics, and a base made by a mixin', () => {
		const step = 2;
		const mixin = (Base: new () => object): (new () => { mixed: () => number }) =>
			class extends Base {
				mixed(): number {
					return step;
				}
			};
		class Walker extends mixin(Object) {
			static readonly legs: number = step;
			position = 0;
			walk(): number {
				this.position += step;
				return this.position;
			}
		}
		const walker = new Walker();
		walker.walk();
		const sent = copy(walker);
		assert.deepEqual([sent.walk(), sent.mixed(), (sent.constructor as typeof Walker).legs], [4, 2, 2]);
		const [a, b] = copy([new Walker(), new Walker()]);
		assert.equal(a!.constructor, b!.constructor);
	});

	it('may be a class that captures its own instances', () => {
		const all: object[] = [];
		class Item {
			constructor() {
				all.push(this);
			}
			others(): number {
				return all.length;
			}
		}
		const item = new Item();
		assert.equal(copy(item).others(), 1);
	});

	it('uses globals of the receiver and built-in modules by import', () => {
		const look = (): unknown => [Math.max(1, 2), path.basename('/a/b'), typeof undeclared];
		assert.deepEqual(copy(look)(), [2, 'b', 'undefined']);
	});

	it('bound functions take their this and arguments along', () => {
		function add(this: { base: number }, a: number, b: number): number {
			return this.base + a + b;
		}
		assert.equal(copy(add.bind({ base: 100 }, 1))(2), 103);
	});

	it('old-style classes keep their prototype', () => {
		function Old(this: { x: number }): void {
			this.x = 1;
		}
		Old.prototype.get = function (this: { x: number }): number {
			return this.x;
		};
		const old = Reflect.construct(Old, []) as { get: () => number };
		assert.equal(copy(old).get(), 1);
	});

	it('in a thousand versions is compiled once and still tells them apart', () => {
		for (let i = 0; i < 50; i++) assert.equal(copy(() => i)(), i);
	});
});

declare const undeclared: unknown;

describe('a closure that cannot travel is named, with its variable', () => {
	it('a captured promise', () => {
		const waiting = Promise.resolve();
		const useWaiting = (): unknown => waiting;
		assert.match(
			refusal({ onDone: useWaiting }),
			/^Cannot pickle value\.onDone: function useWaiting \(.*closures\.test\.js:\d+\) captures the variable waiting, which cannot travel: it is a Promise/,
		);
	});

	it('deep inside a captured object', () => {
		const state = { jobs: [{ done: Promise.resolve() }] };
		assert.match(
			refusal(() => state),
			/captures the variable state, which cannot travel at \.jobs\[0\]\.done: it is a Promise/,
		);
	});

	it('`this` of the function around it', () => {
		function make(this: unknown): () => unknown {
			return () => this;
		}
		assert.match(refusal(make.call({})), /it uses `this` of the function around it/);
	});

	it('`super` and private names of the class around it', () => {
		class Base {
			hello(): string {
				return 'base';
			}
		}
		class Derived extends Base {
			readonly #secret = 1;
			override hello(): string {
				return super.hello();
			}
			reveal(): (other: Derived) => number {
				return (other) => other.#secret;
			}
		}
		assert.match(refusal(Derived.prototype.hello), /it uses `super`/);
		assert.match(refusal(new Derived().reveal), /private name #secret/);
	});

	it('a variable that has no value yet', {
		skip: process.versions.node.startsWith('20.') && 'V8 11 shows it as undefined',
	}, () => {
		const early = (): number => later;
		assert.match(refusal(early), /its variable later has no value yet/);
		const later = 1;
	});

	it('a bound function’s argument', () => {
		const plain = (x: unknown): unknown => x;
		assert.match(
			refusal(plain.bind(null, Promise.resolve())),
			/function bound plain is bound to the argument 0, which cannot travel/,
		);
	});

	it('a native function that nobody exports', () => {
		let settle: unknown;
		void new Promise((resolve) => {
			settle = resolve;
		});
		assert.match(refusal(settle), /function \(anonymous\) is native code that no module exports/);
	});
});
