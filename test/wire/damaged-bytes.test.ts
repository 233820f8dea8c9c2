import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UnpicklingError } from '../../src/base/errors.ts';
import { pickle } from '../../src/wire/pickle.ts';
import { type Random, randomSource, randomValue } from './random.ts';

/** Either a value or an UnpicklingError. */
function decodes(bytes: Uint8Array): void {
	try {
		pickle.loads(bytes);
	} catch (error) {
		if (!(error instanceof UnpicklingError)) throw error;
	}
}

function mutate(bytes: Uint8Array, random: Random): Uint8Array {
	const copy = new Uint8Array(bytes);
	for (let left = 1 + random(4); left > 0; left--) copy[random(copy.length)] = random(256);
	return random(3) === 0 ? copy.subarray(0, random(copy.length + 1)) : copy;
}

class Instance {
	field = 1;
	readonly items: unknown[] = [1, 'two'];
}

const seeds: unknown[] = [
	{ id: 1, name: 'Bob', tags: ['a', 'b'] },
	[new Map([['a', new Set([1n])]]), new Date(0), /a/g, new Error('x'), new URL('http://x/'), Buffer.from('abc')],
	[
		new Float64Array(3),
		new DataView(new ArrayBuffer(4)),
		Object(1),
		Symbol.for('a'),
		Object.create(null),
		'é'.repeat(40),
	],
	[Math.max, Map, Object.assign(new Array(3), { 1: 1 }), new Instance()],
];

describe('damaged bytes', () => {
	it('what are no bytes at all is an argument of the wrong type', async () => {
		const expected = { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' };
		assert.throws(() => pickle.loads('text' as never), expected);
		await assert.rejects(pickle.loadsAsync([1] as never), expected);
	});

	it('20,000 mutated messages give a value or an UnpicklingError', () => {
		const random = randomSource(42);
		const messages = [...seeds, ...Array.from({ length: 60 }, () => randomValue(random, 3))].map((v) =>
			pickle.dumps(v),
		);
		for (let i = 0; i < 20_000; i++) decodes(mutate(messages[random(messages.length)]!, random));
	});

	it('10,000 runs of random bytes give a value or an UnpicklingError', () => {
		const random = randomSource(7);
		for (let i = 0; i < 10_000; i++) {
			const bytes = Uint8Array.from({ length: random(60) }, () => random(256));
			bytes[0] = 0x50 + random(2);
			decodes(bytes);
		}
	});

	it('every truncation of a message is refused', () => {
		const bytes = pickle.dumps(seeds);
		for (let length = 0; length < bytes.length - 1; length++) {
			assert.throws(() => pickle.loads(bytes.subarray(0, length)), UnpicklingError, `${length} bytes`);
		}
	});

	it('a length of petabytes allocates nothing', () => {
		const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x07];
		for (const tag of [0x90, 0x91, 0x94, 0x98, 0x99, 0x9d, 0x9f, 0xa0, 0xaa]) {
			assert.throws(() => pickle.loads(Uint8Array.from([0x50, tag, 0, ...huge])), UnpicklingError);
			decodes(Uint8Array.from([0x50, tag, ...huge]));
		}
	});

	it('the message says that the bytes are not a whole value, and where it ended', () => {
		assert.throws(() => pickle.loads(new Uint8Array()), {
			code: 'ERR_MP_UNPICKLING',
			message:
				'Cannot unpickle: the message ends too early at byte 0 of 0; these are not the bytes of a whole pickled value',
		});
	});
});
