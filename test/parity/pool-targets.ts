/** What workers of the parity tests call. */
import { parentPort } from 'node:worker_threads';
import { Pool } from 'polyproc';

export function square(x: number): number {
	return x * x;
}

export function multiply(x: number, y: number): number {
	return x * y;
}

export async function late(x: number, ms: number): Promise<number> {
	await new Promise((resolve) => setTimeout(resolve, ms));
	return x;
}

export function forEver(): never {
	for (;;);
}

export class OddError extends Error {
	readonly value: number;

	constructor(value: number) {
		super(`odd: ${value}`);
		this.value = value;
	}
}

export function failOdd(x: number): number {
	if (x % 2 === 1) throw new OddError(x);
	return x;
}

/** A large error after a moment. */
export async function failLate(x: number): Promise<never> {
	await late(x, 500);
	throw new Error('x'.repeat(1024 * 1024));
}

/** What cannot travel. */
export function unpicklable(): unknown {
	return { held: parentPort ?? process.stdin, value: new WeakMap() };
}

/** Who runs it. */
export function whoRuns(): string {
	return `${process.pid}/${process.env.POLYPROC_NOBODY ?? ''}`;
}

let initialized: unknown;

export function initialize(value: unknown): void {
	initialized = value;
}

export function isInitialized(): unknown {
	return initialized;
}

export async function inOwnPool(items: number[]): Promise<number[]> {
	const pool = new Pool(2);
	try {
		return await pool.map(square, items);
	} finally {
		await pool.terminate();
	}
}
