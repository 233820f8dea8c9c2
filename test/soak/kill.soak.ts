// Children take a lock and let it go, over and over; one after another is killed at a random moment, and replaced.
// Nobody ever waits for a dead one, and never do two hold the lock.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, isMain, Lock, Pipe, Process, RLock } from 'polyproc';
import { DURATION, Random, SEED } from './random.ts';

const CHILDREN = 3;
const LONGEST_LIFE = 300;
const PATIENCE = 5000;

/** Says when it has the lock and when it is about to let it go. */
export function takeAndRelease(lock: Lock | RLock, report: Connection): void {
	for (;;) {
		lock.acquireSync();
		report.sendSync('has it');
		report.sendSync('lets go');
		lock.release();
	}
}

async function main(): Promise<void> {
	const random = new Random(SEED);
	const lock = new (random.pick([Lock, RLock]))();
	let turns = 0;
	let killed = 0;
	const child = async (): Promise<void> => {
		const [reader, writer] = Pipe({ duplex: false });
		const process = new Process({ target: takeAndRelease, args: [lock, writer] });
		await process.start();
		writer.close();
		await sleep(random.below(LONGEST_LIFE));
		process.kill();
		assert.equal(await process.join(), -9);
		killed++;
		for await (const said of reader) if (said === 'has it') turns++;
		reader.close();
	};
	const end = performance.now() + DURATION;
	const keepAlive = async (): Promise<void> => {
		while (performance.now() < end) await child();
	};
	const watch = async (): Promise<void> => {
		while (performance.now() < end) {
			assert.equal(await lock.acquire({ timeout: PATIENCE }), true, 'the lock came back from the dead');
			lock.release();
			await sleep(random.below(50));
		}
	};
	await Promise.all([...Array.from({ length: CHILDREN }, keepAlive), watch()]);
	console.log(`  ${killed} children killed, ${turns} turns with the lock`);
}

if (isMain(import.meta)) await main();
