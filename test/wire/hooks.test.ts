import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decode, encode } from '../../src/wire/codec.ts';
import { type Destination, handoff, registerShared, type SharedReference } from '../../src/wire/handoff.ts';
import { pickle } from '../../src/wire/pickle.ts';
import { type Reduction, reduce, registerReducer } from '../../src/wire/reduce.ts';

function copy<T>(value: T): T {
	return pickle.loads(pickle.dumps(value)) as T;
}

export class Temperature {
	readonly #kelvin: number;
	constructor(kelvin: number) {
		this.#kelvin = kelvin;
	}
	get celsius(): number {
		return this.#kelvin - 273.15;
	}
	static of(kelvin: number): Temperature {
		return new Temperature(kelvin);
	}
	[reduce](): Reduction {
		return [Temperature.of, this.#kelvin];
	}
}

export class Foreign {
	readonly #text: string;
	constructor(text: string) {
		this.#text = text;
	}
	toString(): string {
		return this.#text;
	}
	static parse(text: string): Foreign {
		return new Foreign(text);
	}
}

class SharedThing {
	readonly name: string;
	constructor(name: string) {
		this.name = name;
	}
	[handoff](destination: Destination): SharedReference {
		return { kind: 'test-thing', data: { name: this.name, to: (destination as { pid: number } | null)?.pid } };
	}
}

describe('reduce hooks', () => {
	it('a class says how it is rebuilt', () => {
		const sent = copy([new Temperature(300), 1])[0] as Temperature;
		assert.ok(sent instanceof Temperature);
		assert.ok(Math.abs(sent.celsius - 26.85) < 1e-9);
	});

	it('an object that is met twice is rebuilt once', () => {
		const temperature = new Temperature(1);
		const [a, b] = copy([temperature, temperature]);
		assert.equal(a, b);
	});

	it('a reducer may be registered for a class of others, and holds for its subclasses', () => {
		registerReducer(Foreign, (instance) => [Foreign.parse, String(instance)]);
		class Special extends Foreign {}
		assert.equal(String(copy(new Foreign('abc'))), 'abc');
		assert.equal(String(copy(new Special('def'))), 'def');
	});

	it('a hook that returns something else is named', () => {
		const broken = { [reduce]: () => 'nonsense' };
		assert.throws(
			() => pickle.dumps({ broken }),
			/Cannot pickle value\.broken: the reduce hook of Object must return \[rebuild/,
		);
	});

	it('a cycle through a reduced object is an error that says so', () => {
		const loop: { self?: unknown; [reduce](): Reduction } = { [reduce]: () => [Object, loop] };
		loop.self = loop;
		const bytes = pickle.dumps(loop);
		assert.throws(() => pickle.loads(bytes), /a value is needed to rebuild itself/);
	});
});

describe('shared objects', () => {
	it('cross as a reference, which knows its destination', () => {
		registerShared('test-thing', ({ name, to }: { name: string; to: number }) => new SharedThing(`${name} to ${to}`));
		const bytes = new Uint8Array(encode({ thing: new SharedThing('lock') }, { root: 'args', to: { pid: 7 } }));
		assert.equal((decode(bytes) as { thing: SharedThing }).thing.name, 'lock to 7');
	});

	it('of a kind that nobody knows are refused', () => {
		const stranger = { [handoff]: () => ({ kind: 'stranger', data: 1 }) };
		assert.throws(() => copy(stranger), {
			code: 'ERR_MP_UNPICKLING',
			message: /a shared stranger: nothing in this process knows that kind/,
		});
	});
});
