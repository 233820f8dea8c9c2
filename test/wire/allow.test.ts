/** What a sender with an allow list can do: send data, and use what the modules on the list export; nothing else. */
import assert from 'node:assert/strict';
import { symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { EOFError, UnpicklingError } from '../../src/base/errors.ts';
import { trustOnly } from '../../src/wire/allow-list.ts';
import { decode, decodeAsync, encode, prepare } from '../../src/wire/codec.ts';
import { handoff, registerReachable, registerShared } from '../../src/wire/handoff.ts';
import { pickle } from '../../src/wire/pickle.ts';
import { type Reduction, reduce } from '../../src/wire/reduce.ts';
import * as tag from '../../src/wire/tags.ts';
import { Trust } from '../../src/wire/trust.ts';
import { fixtures } from './other-process.ts';
import { type Random, randomSource, randomValue } from './random.ts';

interface Offered {
	double(x: number): number;
	readonly Point: { of(x: number, y: number): { x: number; y: number; readonly sum: number } };
}

const file = join(fixtures, 'allow', 'offered.mjs');
const url = pathToFileURL(file).href;
const toolsUrl = pathToFileURL(join(fixtures, 'allow', 'tools.mjs')).href;
const { double, Point } = (await import(url)) as Offered;
const refused = { name: 'UnpicklingError', code: 'ERR_MP_UNPICKLING' };

function canary(): unknown {
	return (globalThis as { polyprocCanary?: unknown }).polyprocCanary;
}

/** One byte of length each, as all of these are short. */
function text(value: string): number[] {
	const bytes = [...Buffer.from(value)];
	return bytes.length <= tag.SHORT_LIMIT
		? [tag.SHORT_STRING + bytes.length, ...bytes]
		: [tag.ASCII, bytes.length & 255, bytes.length >> 8, 0, 0, ...bytes];
}

/** A message as no pickler writes it: any value, any modules. */
function message(value: readonly number[], modules: readonly string[]): Uint8Array {
	const start = new Uint8Array(new Float64Array([1 + value.length]).buffer);
	return Uint8Array.from([tag.MODULES, ...value, modules.length, ...modules.flatMap(text), ...start]);
}

/** The value at `path` in a module. */
function member(module: string, path: readonly string[]): Uint8Array {
	return message([tag.MEMBER, 0, path.length, ...path.flatMap(text)], [module]);
}

/** `[rebuild, ...]` with the member as what rebuilds. */
function calling(module: string, path: readonly string[], ...args: number[]): Uint8Array {
	return message([tag.REDUCED, 1 + args.length, tag.MEMBER, 0, path.length, ...path.flatMap(text), ...args], [module]);
}

describe('with an allow list', () => {
	it('data passes: everything that is no code of anybody', () => {
		const random = randomSource(3);
		const { data } = {
			data: [
				{ ['__proto__']: { polluted: true }, a: [1, 'two', 3n, undefined, null, -0] },
				[new Map([['a', new Set([1])]]), new Date(0), /a/g, new URL('http://x/'), Buffer.from('abc')],
				[new Float64Array(3), new DataView(new ArrayBuffer(4)), Object('boxed'), Symbol.for('a'), Symbol.iterator],
				new Map(Array.from({ length: 600 }, (_, i) => [i, String(i)])),
				Object.create(null, { x: { value: 1, enumerable: true } }),
				Array.from({ length: 40 }, () => randomValue(random, 2)),
			],
		};
		assert.deepEqual(pickle.loads(pickle.dumps(data), { allow: [] }), data);
	});

	it('errors of the language and of this package keep their class', () => {
		const errors = [
			new TypeError('t'),
			new AggregateError([new Error('in')], 'a'),
			new EOFError('e'),
			new DOMException('d'),
		];
		const copies = pickle.loads(pickle.dumps(errors), { allow: [] }) as Error[];
		assert.deepEqual(
			copies.map((error) => error.constructor.name),
			['TypeError', 'AggregateError', 'EOFError', 'DOMException'],
		);
		assert.ok(copies[2] instanceof EOFError);
	});

	it('functions, classes, instances and hooks of a listed module pass, however it is named', async () => {
		const link = join(tmpdir(), `polyproc-allow-${process.pid}.mjs`);
		symlinkSync(file, link);
		const bytes = pickle.dumps([double, new (Point as never as new (x: number, y: number) => object)(1, 2)]);
		for (const module of [url, new URL(url), file, link]) {
			const [fn, point] = pickle.loads(bytes, { allow: [module] }) as [unknown, { sum: number }];
			assert.equal(fn, double);
			assert.equal(point.sum, 3);
			assert.deepEqual(await pickle.loadsAsync(bytes, { allow: [module] }), [fn, point]);
		}
		unlinkSync(link);
		const hooked = { [reduce]: (): Reduction => [Point.of, 3, 4] };
		assert.equal((pickle.loads(pickle.dumps(hooked), { allow: [url] }) as { sum: number }).sum, 7);
	});

	it('the same are refused from a module that is not listed, by name, with what decides', () => {
		const expected = {
			...refused,
			message: `Cannot unpickle the export double of ${url}: the module is not among those of the receiver's \`allow\`; add it there, if whoever sends may call all that it exports`,
		};
		for (const allow of [[], [toolsUrl], ['node:fs'], [`${url}?x`]]) {
			assert.throws(() => pickle.loads(pickle.dumps({ double }), { allow }), expected);
		}
		const instance = pickle.dumps(Point.of(1, 2));
		assert.throws(() => pickle.loads(instance, { allow: [] }), /the export Point of file:.*`allow`/);
		const hooked = pickle.dumps({ [reduce]: (): Reduction => [Point.of, 3, 4] });
		assert.throws(() => pickle.loads(hooked, { allow: [] }), /the export Point\.of of file:.*`allow`/);
	});

	it('modules of Node pass only if listed, globals never', () => {
		const bytes = pickle.dumps(process.getBuiltinModule('node:path').join);
		assert.equal(pickle.loads(bytes, { allow: ['path'] }), process.getBuiltinModule('node:path').join);
		assert.throws(
			() => pickle.loads(bytes, { allow: ['fs'] }),
			/the export .*join of (path|path\/posix): the module is not among/,
		);
		for (const allow of [[], [url], ['fs']]) {
			assert.throws(
				() => pickle.loads(pickle.dumps(Math.max), { allow }),
				/Math\.max of the globals: the receiver's `allow` cannot/,
			);
			assert.throws(() => pickle.loads(calling('g', ['Function'], ...text('return 1')), { allow }), refused);
		}
	});

	it('closures are refused altogether, from listed modules too', () => {
		const seen = 1;
		const local = (): number => seen;
		class Local {}
		for (const [value, name] of [
			[local, 'local'],
			[Local, 'Local'],
			[new Local(), 'Local'],
			[() => double, 'a function'],
		] as const) {
			assert.throws(() => pickle.loads(pickle.dumps(value), { allow: [url] }), {
				...refused,
				message: new RegExp(`Cannot unpickle (the function )?${name}: it comes as source code, which is refused`),
			});
		}
	});

	it('no path leads out of a listed module', () => {
		const allow = [url];
		const ways: [path: string[], why: RegExp][] = [
			[['double', 'constructor'], /no such export of its own/],
			[['Point', '__proto__', 'constructor'], /no such export of its own/],
			[['Point', 'prototype', 'constructor', 'constructor'], /no such export of its own/],
			[['settings', 'toString'], /no such export of its own/],
			[['settings', 'secret'], /no such export of its own/],
			[['double', 'caller'], /no such export of its own/],
			[['toString'], /no such export of its own/],
			[['childProcess', 'execSync'], /in, another module/],
			[['childProcess'], /in, another module/],
			[['tools', 'trim'], /in, another module/],
			[['tools'], /in, another module/],
		];
		for (const [path, message] of ways) {
			assert.throws(() => pickle.loads(member(`e${url}`, path), { allow }), { ...refused, message });
		}
		assert.equal(canary(), undefined);
		assert.equal(pickle.loads(member(`e${url}`, ['Point', 'prototype', 'constructor']), { allow }), Point);
		assert.equal(pickle.loads(calling(`e${url}`, ['double'], 21), { allow }), 42);
	});

	it('what a message refers to cannot be changed by it', () => {
		const fields = [tag.OBJECT_WIDE, 1, ...text('polluted'), tag.TRUE];
		const at = (...path: string[]): number[] => [tag.MEMBER, 0, path.length, ...path.flatMap(text)];
		const boxed = [tag.SUBCLASS, tag.BOXED, ...at('Point', 'prototype'), ...at('Point'), ...fields];
		assert.throws(() => pickle.loads(message(boxed, [`e${url}`]), { allow: [url] }), /a primitive is missing/);
		assert.throws(() => pickle.loads(message(boxed, [`e${url}`])), /a primitive is missing/);
		const instance = [
			tag.INSTANCE,
			...at('Point'),
			tag.OBJECT_WIDE,
			1,
			...text('__proto__'),
			tag.OBJECT_WIDE,
			1,
			...text('x'),
			1,
		];
		const object = pickle.loads(message(instance, [`e${url}`]), { allow: [url] }) as object;
		assert.equal(Object.getPrototypeOf(object), (Point as never as { prototype: object }).prototype);
		assert.deepEqual(Object.keys(object), ['__proto__']);
		assert.equal(({} as { polluted?: unknown }).polluted, undefined);
		assert.equal((Point as never as { prototype: { polluted?: unknown } }).prototype.polluted, undefined);
	});

	it('the functions beside our error classes are not to be had', () => {
		for (const path of [
			['typeError'],
			['ProcessError', 'captureStackTrace'],
			['ProcessError', 'prototype', 'constructor'],
		]) {
			assert.throws(
				() => pickle.loads(member('p', path), { allow: [url] }),
				/of polyproc: the receiver's `allow` cannot/,
			);
		}
	});

	it('nothing shared passes, what other programs may send included', () => {
		let received = 0;
		const receive = (): object => ({ received: ++received });
		registerShared('allow-test', receive);
		registerReachable('allow-test-reachable', receive);
		for (const kind of ['allow-test', 'allow-test-reachable']) {
			const bytes = pickle.dumps({ [handoff]: () => ({ kind, data: 1 }) });
			assert.throws(() => pickle.loads(bytes, { allow: [url] }), {
				...refused,
				message: new RegExp(
					`a shared ${kind}: nothing shared is taken from a sender that the receiver's .allow. holds for`,
				),
			});
		}
		assert.equal(received, 0);
	});

	it('no module is imported or required that is not listed, not even to look', async () => {
		const addresses = ['canary.mjs', 'canary.cjs'].map((name) => pathToFileURL(join(fixtures, 'allow', name)).href);
		const names = addresses.flatMap((address) => [`e${address}`, `c${address}`, `s${address}\n./canary.mjs`]);
		for (const bytes of names.flatMap((name) => [member(name, ['sing']), calling(name, ['sing']), member(name, [])])) {
			assert.equal(prepare(bytes, Trust.only([`e${url}`])), undefined);
			assert.throws(() => pickle.loads(bytes, { allow: [url] }), refused);
			await assert.rejects(pickle.loadsAsync(bytes, { allow: [] }), refused);
		}
		const data = member('edata:text/javascript,globalThis.polyprocCanary=1', ['x']);
		await assert.rejects(pickle.loadsAsync(data, { allow: [] }), refused);
		assert.equal(canary(), undefined);
		await pickle.loadsAsync(member(names[0]!, ['Bird']), { allow: [addresses[0]!] });
		assert.equal(canary(), 'the module was imported');
		Reflect.deleteProperty(globalThis, 'polyprocCanary');
	});

	it('10,000 mutated messages with references and closures run and import nothing', async () => {
		const random = randomSource(11);
		const home = pathToFileURL(join(fixtures, 'allow', 'canary.cjs')).href;
		const source = '() => { globalThis.polyprocCanary = "a closure ran"; }';
		const closure = [tag.CLOSURE, 0, 0, ...text('f'), ...text(source), ...text(''), 0, 0, 0, 0, 0, 0];
		const seeds = [
			...[`e${home}`, `c${home}`, `s${home}\n./canary.cjs`].flatMap((name) => [
				member(name, ['sing']),
				calling(name, ['sing']),
			]),
			message([tag.REDUCED, 1, ...closure], [`c${home}`]),
			message([tag.BOUND, tag.MEMBER, 0, 1, ...text('sing'), 1, 0], [`c${home}`]),
			message([tag.SHARED, 1, 0, ...text('Lock'), 1], [`c${home}`]),
			pickle.dumps([
				() => canary(),
				new (class Local {})(),
				Math.max,
				{ [reduce]: (): Reduction => [Function, 'globalThis.polyprocCanary = 1'] },
			]),
			pickle.dumps({ deep: [double, Point.of(1, 2), new EOFError('x')], ['__proto__']: { polluted: 1 } }),
		];
		// The seeds are what they seem: without a list, the first ones do run.
		const calls = calling(`c${home}`, ['sing']);
		pickle.loads(calls);
		assert.equal(canary(), 'a function ran');
		Reflect.deleteProperty(globalThis, 'polyprocCanary');
		pickle.loads(message([tag.REDUCED, 1, ...closure], []));
		assert.equal(canary(), 'a closure ran');
		Reflect.deleteProperty(globalThis, 'polyprocCanary');
		for (let i = 0; i < 10_000; i++) {
			const bytes = mutate(seeds[random(seeds.length)]!, random);
			attempt(() => pickle.loads(bytes, { allow: [] }));
			if (i % 50 === 0) await pickle.loadsAsync(bytes, { allow: [] }).catch(onlyRefusals);
			assert.equal(canary(), undefined, Buffer.from(bytes).toString('hex'));
			assert.equal(({} as { polluted?: unknown }).polluted, undefined);
		}
	});
});

function mutate(bytes: Uint8Array, random: Random): Uint8Array {
	const copy = new Uint8Array(bytes);
	for (let left = random(4); left > 0; left--) copy[random(copy.length)] = random(256);
	return copy;
}

function attempt(work: () => unknown): void {
	try {
		work();
	} catch (error) {
		onlyRefusals(error);
	}
}

function onlyRefusals(error: unknown): void {
	if (!(error instanceof UnpicklingError)) throw error;
}

describe('the option allow', () => {
	it('must be a list of modules that are there', () => {
		const bytes = pickle.dumps(1);
		const wrong = { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' };
		for (const allow of ['fs', [1], null, new Set(), [url, undefined]]) {
			assert.throws(() => pickle.loads(bytes, { allow: allow as never }), {
				...wrong,
				message: 'pickle.loads: allow must be an array of modules (specifiers, absolute paths or URLs), [] for none',
			});
		}
		assert.throws(() => pickle.loads(bytes, { allow: ['no-such-package'] }), {
			...wrong,
			message: /allow names "no-such-package", which cannot be found from .*name the file by its absolute path or URL/,
		});
		assert.throws(() => pickle.loads(bytes, { allowed: [] } as never), /unknown option "allowed"; there is only allow/);
		assert.throws(() => pickle.loads(bytes, null as never), wrong);
		assert.equal(pickle.loads(bytes, { allow: undefined }), 1);
	});

	it('holds for one message only', async () => {
		const trust = trustOnly([], 'test');
		const bytes = new Uint8Array(encode(double, { root: 'value', to: null }));
		assert.throws(() => decode(bytes, undefined, trust), refused);
		assert.equal(decode(bytes), double);
		await assert.rejects(decodeAsync(bytes, trust), refused);
		assert.equal(await decodeAsync(bytes), double);
	});
});
