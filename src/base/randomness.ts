/**
 * Random numbers after a fork. Parent and child have the same generators in the same state; two siblings would draw the
 * same numbers. OpenSSL notices a fork by itself; what Node has fetched from it in advance is drawn again from the system
 * (`RandomStores`). `Math.random` cannot be seeded, so a program that can be forked gets one that passes V8's numbers on,
 * until it is in a child: there it draws from a generator of its own.
 *
 * The generator is xoshiro128**: D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", 2021.
 */
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

/** In the child. */
export function renewRandomness(): void {
	makeRandomRenewable();
	draw = () => {
		const { buffer } = new Uint8Array(process.getBuiltinModule('node:crypto').randomBytes(16));
		draw = xoshiro128(new Uint32Array(buffer));
		return draw();
	};
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
