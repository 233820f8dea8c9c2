/**
 * Random numbers after a fork. Parent and child have the same generators in the same state; two siblings would draw the
 * same numbers. What can be drawn from the system again is: OpenSSL notices a fork by itself, and what Node has fetched
 * from it in advance is used up here. `Math.random` cannot be seeded, so a program that can be forked gets one that
 * passes V8's numbers on, until it is in a child: there it draws from a generator of its own.
 *
 * The generator is xoshiro128**: D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", 2021.
 */
import { syncBuiltinESMExports } from 'node:module';

/** How many UUIDs Node makes in advance. */
const UUIDS_AHEAD = 128;
/** How many integers: its store of 6 KiB, 6 bytes each. */
const INTEGERS_AHEAD = 1024;
/** Calls after which V8 compiles a function well. */
const REHEARSALS = 5;

const native: () => number = Math.random;
let draw: () => number = native;
let installed = false;
/** Whether Node may have fetched something in advance. */
let mayHaveStores = true;

/** From now on the numbers of `Math.random` can be made different in a child. Once it has been called, `Math.random` is ours. */
export function makeRandomRenewable(): void {
	if (installed) return;
	installed = true;
	Math.random = function random(): number {
		return draw();
	};
}

type Crypto = typeof import('node:crypto');

/** In a process that has not run any of the program's code yet: notices whether it makes Node fetch in advance. */
export function watchStores(): void {
	const crypto = process.getBuiltinModule('node:crypto');
	mayHaveStores = false;
	const restore = [
		noticeCall(crypto, 'randomUUID'),
		noticeCall(crypto, 'randomInt'),
		noticeCall(Object.getPrototypeOf(globalThis.crypto) as Crypto, 'randomUUID'),
	];
	syncBuiltinESMExports();

	function noticeCall(owner: Crypto, name: 'randomUUID' | 'randomInt'): () => void {
		const own = Object.getOwnPropertyDescriptor(owner, name)!;
		const original = own.value as (...args: unknown[]) => unknown;
		const value = function (this: unknown, ...args: unknown[]): unknown {
			mayHaveStores = true;
			for (const undo of restore) undo();
			syncBuiltinESMExports();
			return Reflect.apply(original, this, args);
		};
		Object.defineProperties(value, { name: { value: name }, length: { value: original.length } });
		Object.defineProperty(owner, name, { ...own, value });
		return () => Object.defineProperty(owner, name, own);
	}
}

/** In the parent: V8 finds out that what every child does at first is worth compiling well. */
export function rehearseRenewal(): void {
	if (mayHaveStores) for (let i = 0; i < REHEARSALS; i++) useUp(process.getBuiltinModule('node:crypto'));
}

/** In the child. */
export function renewRandomness(): void {
	if (mayHaveStores) useUp(process.getBuiltinModule('node:crypto'));
	makeRandomRenewable();
	draw = () => {
		const { buffer } = new Uint8Array(process.getBuiltinModule('node:crypto').randomBytes(16));
		draw = xoshiro128(new Uint32Array(buffer));
		return draw();
	};
}

function useUp(crypto: Crypto): void {
	for (let i = 0; i < UUIDS_AHEAD; i++) crypto.randomUUID();
	for (let i = 0; i < INTEGERS_AHEAD; i++) crypto.randomInt(1);
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
