// Six children hammer a Lock and an RLock, blocking and awaiting; one after another is killed at a random moment and
// replaced. Every critical section that was completed is counted once, nobody else is in it, and nobody waits for long.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, isMain, Lock, Pipe, Process, RLock } from 'polyproc';
import { DURATION, Random, SEED } from './random.ts';

const CHILDREN = 6;
const LONGEST_LIFE = 500;
/** Nobody waits longer than this, in milliseconds. */
const PATIENCE = 2000;

/** How often a lock was held: a pipe that contains this one number. */
type Counter = readonly [Connection, Connection];

/** Which lock, and what its counter came to; or what went wrong. */
type Saying = [lock: number, count: number] | string;

export async function hammer(
	who: number,
	locks: (Lock | RLock)[],
	counters: Counter[],
	log: Connection,
): Promise<void> {
	const random = new Random(SEED + who);
	for (;;) {
		const which = random.below(2);
		const lock = locks[which]!;
		const options = { timeout: PATIENCE };
		const acquired = random.below(2) === 0 ? lock.acquireSync(options) : await lock.acquire(options);
		if (!acquired) {
			log.sendSync(`child ${who} waited for ${PATIENCE} ms for lock ${which}`);
			return;
		}
		const [reader, writer] = counters[which]!;
		// Its last holder may have been killed when it had taken the number out: then counting starts again.
		const count = lock.ownerDied && !reader.pollSync(0) ? 0 : (reader.recvSync() as number) + 1;
		if (random.below(4) === 0) await new Promise(setImmediate);
		writer.sendSync(count);
		log.sendSync([which, count] satisfies Saying);
		lock.release();
	}
}

/** Counts with the children: one step each time, but for what a death may have cost. */
class Listener {
	turns = 0;
	irregular = 0;
	readonly #counts = [0, 0];

	hear(saying: Saying, deaths: number): void {
		assert.ok(typeof saying !== 'string', `seed ${SEED}: ${saying}`);
		const [which, count] = saying;
		const step = count - this.#counts[which]!;
		this.#counts[which] = count;
		this.turns++;
		if (step === 1) return;
		// Killed with the number in hand, or after it put it back and before it told; several may be, one after another.
		assert.ok(count === 0 || step > 1, `seed ${SEED}: lock ${which} went ${step} steps to ${count}`);
		this.irregular += count === 0 ? 1 : step - 1;
		assert.ok(this.irregular <= deaths, `seed ${SEED}: ${this.irregular} irregular steps, ${deaths} deaths`);
	}
}

async function main(): Promise<void> {
	const random = new Random(SEED);
	const locks = [new Lock(), new RLock()];
	const counters = locks.map((): Counter => Pipe({ duplex: false }));
	for (const [, writer] of counters) writer.sendSync(0);
	const [sayings, log] = Pipe({ duplex: false });
	const listener = new Listener();
	const end = performance.now() + DURATION;
	let children = 0;
	let deaths = 0;
	let turns = 0;

	const liveAndDie = async (): Promise<void> => {
		while (performance.now() < end) {
			const child = new Process({ target: hammer, args: [children++, locks, counters, log] });
			await child.start();
			await sleep(random.below(LONGEST_LIFE));
			deaths++;
			child.kill();
			assert.equal(await child.join(), -9);
		}
	};
	const take = async (lock: Lock | RLock): Promise<void> => {
		while (performance.now() < end) {
			assert.equal(await lock.acquire({ timeout: PATIENCE }), true, `seed ${SEED}: waited ${PATIENCE} ms here`);
			// Whoever comes next must know of the death, too, if the number is gone.
			const [reader, writer] = counters[locks.indexOf(lock as Lock)]!;
			if (lock.ownerDied && !reader.pollSync(0)) writer.sendSync(-1);
			lock.release();
			turns++;
			await sleep(random.below(20));
		}
	};
	const listen = async (): Promise<void> => {
		for await (const saying of sayings) listener.hear(saying as Saying, deaths);
	};
	const listening = listen();
	await Promise.race([listening, Promise.all([...Array.from({ length: CHILDREN }, liveAndDie), ...locks.map(take)])]);
	log.close();
	await listening;
	console.log(
		`  ${deaths} children killed, ${listener.turns} turns there, ${turns} here, ${listener.irregular} cut short`,
	);
}

if (isMain(import.meta)) await main();
