// How fast small and large plain values go through the pickler, beside what Node has. Ratios matter, not numbers.
import v8 from 'node:v8';
import { decode, encode } from '../src/wire/codec.ts';

const small = { id: 1, name: 'Bob', tags: ['a', 'b'] };
const values: Record<string, unknown> = {
	small,
	integer: 42,
	text: 'a sentence of some forty characters, or so',
	records: Array.from({ length: 1000 }, (_, id) => ({ id, name: `user ${id}`, score: id / 3, active: id % 2 === 0 })),
	numbers: Array.from({ length: 10_000 }, (_, i) => i * 7),
	nested: { a: { b: { c: { d: [1, 2, [3, 4, { e: null }]] } } }, map: new Map([['x', 1]]), when: new Date(0) },
};

function rate(run: () => unknown): number {
	const until = (ms: number): number => {
		const end = performance.now() + ms;
		let count = 0;
		while (performance.now() < end) for (let i = 0; i < 20; i++, count++) run();
		return count;
	};
	until(150);
	const start = performance.now();
	const count = until(400);
	return (count / (performance.now() - start)) * 1000;
}

const show = (perSecond: number): string =>
	perSecond >= 1e5 ? `${(perSecond / 1e6).toFixed(2)} M/s` : `${perSecond.toFixed(0)} /s`;

const options = { root: 'value', to: null };
for (const [name, value] of Object.entries(values)) {
	const bytes = new Uint8Array(encode(value, options));
	const row = {
		encode: rate(() => encode(value, options)),
		decode: rate(() => decode(bytes)),
		both: rate(() => decode(encode(value, options))),
		json: rate(() => JSON.parse(Buffer.from(JSON.stringify(value)).toString())),
		v8: rate(() => v8.deserialize(v8.serialize(value))),
		structuredClone: rate(() => structuredClone(value)),
	};
	console.log(
		name.padEnd(8),
		`${bytes.length} bytes`,
		...Object.entries(row).map(([what, perSecond]) => `${what} ${show(perSecond)} `),
	);
}
