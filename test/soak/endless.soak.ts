// A map over more items than there is room for: what it needs does not grow with how many there are.
import assert from 'node:assert/strict';
import { isMain, Pool } from 'polyproc';
import { DURATION } from './random.ts';

const ITEMS = 10_000_000;
const WARM = 200_000;
/** Bytes by which memory may be larger at the end than once everything has been used. */
const ROOM = 128 * 1024 * 1024;

export function half(n: number): number {
	return n / 2;
}

function* numbers(end: number): Generator<number> {
	for (let i = 0; i < ITEMS && performance.now() < end; i++) yield i;
}

async function main(): Promise<void> {
	const pool = new Pool(2);
	let [count, sum, last, most, before] = [0, 0, 0, 0, 0];
	const input = numbers(performance.now() + DURATION);
	for await (const value of pool.imapUnordered(half, input)) {
		count += 1;
		sum += value;
		last = Math.max(last, value * 2);
		if (count === WARM) before = process.memoryUsage.rss();
		if (count % 100_000 === 0) most = Math.max(most, process.memoryUsage.rss());
	}
	assert.equal(count, last + 1);
	assert.equal(sum, (last * (last + 1)) / 4);
	if (count > WARM) assert.ok(most - before < ROOM, `memory grew by ${Math.round((most - before) / 1e6)} MB`);
	await pool.terminate();
	const grown = Math.max(0, (most - before) / 1e6).toFixed(0);
	console.log(`  ${count} items, memory grew by ${grown} MB after the first ${WARM}`);
}

if (isMain(import.meta)) await main();
