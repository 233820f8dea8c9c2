/**
 * Random numbers after a fork. Parent and child have the same generators in the same state; two siblings would draw the
 * same numbers. What can be drawn from the system again is: OpenSSL notices a fork by itself, and what Node has fetched
 * from it in advance is used up here. `Math.random` cannot be seeded, so a program that can be forked gets one that
 * passes V8's numbers on, until it is in a child: there it draws from a generator of its own.
 *
 * The generator is xoshiro128**: D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", 2021.
 */

/** How many UUIDs Node makes in advance. */
const UUIDS_AHEAD = 128;
/** How many integers: its store of 6 KiB, 6 bytes each. */
const INTEGERS_AHEAD = 1024;

const REHEARSALS = 5;

const native: () => number = Math.random;
let draw: () => number = native;
let installed = false;

/** From now on the numbers of `Math.random` can be made different in a child. Once it has been called, `Math.random` is ours. */
export function makeRandomRenewable(): void {
	if (installed) return;
	installed = true;
	Math.random = function random(): number {
		return draw();
	};
}

/** In the parent: V8 finds out that what every child does at first is worth compiling well. */
export function rehearseRenewal(): void {
	for (let i = 0; i < REHEARSALS; i++) useUp(process.getBuiltinModule('node:crypto'));
	xoshiro128(seed())();
}

/** In the child. */
export function renewRandomness(): void {
	const crypto = process.getBuiltinModule('node:crypto');
	useUp(crypto);
	makeRandomRenewable();
	draw = xoshiro128(seed());
}

type Crypto = typeof import('node:crypto');

/** Only what has been used can have a store. */
function useUp(crypto: Crypto): void {
	for (let i = 0; i < UUIDS_AHEAD; i++) crypto.randomUUID();
	for (let i = 0; i < INTEGERS_AHEAD; i++) crypto.randomInt(1);
}

function seed(): Uint32Array {
	return new Uint32Array(4).map(() => process.getBuiltinModule('node:crypto').randomBytes(4).readUInt32LE());
}

function rotate(value: number, bits: number): number {
	return (value << bits) | (value >>> (32 - bits));
}

function xoshiro128(seed: Uint32Array): () => number {
	let [a, b, c, d] = seed as unknown as [number, number, number, number];
	const next = (): number => {
		const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
		const shifted = b << 9;
		c ^= a;
		d ^= b;
		b ^= c;
		a ^= d;
		c ^= shifted;
		d = rotate(d, 11);
		return result;
	};
	return () => ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 0x20000000000000;
}
