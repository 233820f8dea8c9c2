/** Random values that can be had again: a small generator with a seed, and nested values made from it. */

export type Random = (below: number) => number;

/** mulberry32 */
export function randomSource(seed: number): Random {
	let state = seed;
	return (below) => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) % below;
	};
}

function text(random: Random): string {
	const alphabet = random(4) === 0 ? 'aé漢😀' : 'abcdefgh';
	return Array.from(
		{ length: random(random(8) === 0 ? 80 : 9) },
		() => [...alphabet][random([...alphabet].length)],
	).join('');
}

function list(random: Random, depth: number): unknown[] {
	return Array.from({ length: random(6) }, () => randomValue(random, depth - 1));
}

const makers: ((random: Random, depth: number) => unknown)[] = [
	(random) => random(100) - 50,
	(random) => (random(2) === 0 ? random(2 ** 31) * 5 : random(1e9) / 7),
	text,
	(random) => [undefined, null, true, false, Number.NaN, -0, 10n ** BigInt(random(40))][random(7)],
	(random) => new Date(random(2 ** 31)),
	(random) => new Uint16Array(Array.from({ length: random(5) }, () => random(65536))),
	list,
	(random, depth) => Object.fromEntries(list(random, depth).map((value) => [text(random), value])),
	(random, depth) => new Map(list(random, depth).map((value) => [text(random), value])),
	(random, depth) => new Set(list(random, depth)),
	(random, depth) => {
		const shared = list(random, depth);
		return { shared, again: [shared, shared] };
	},
	(random, depth) => {
		const holed = list(random, depth);
		holed.length += random(3);
		return holed;
	},
];

export function randomValue(random: Random, depth: number): unknown {
	return makers[random(depth > 0 ? makers.length : 6)]!(random, depth);
}
