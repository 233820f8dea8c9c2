// Children take a lock and let it go, over and over; one after another is killed at a random moment, and replaced.
// Nobody ever waits for a dead one, and never do two have the lock: they all speak into one pipe, in turn.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, isMain, Lock, Pipe, Process, RLock } from 'polyproc';
import { DURATION, Random, SEED } from './random.ts';

const CHILDREN = 3;
/** Of a child, in milliseconds from its first turn on. */
const LONGEST_LIFE = 300;
const LONGEST_PAUSE = 50;
const PATIENCE = 5000;

/** What a child says about the lock, and who it is. */
type Saying = [who: number, what: 'has it' | 'lets go'];

export function takeAndRelease(who: number, lock: Lock | RLock, log: Connection): void {
	for (;;) {
		lock.acquireSync();
		log.sendSync([who, 'has it'] satisfies Saying);
		log.sendSync([who, 'lets go'] satisfies Saying);
		lock.release();
	}
}

/** Listens to everybody. One whose turn was ended by somebody else's must have been killed: it never speaks again. */
class Listener {
	turns = 0;
	/** Everybody who has spoken. */
	readonly heard: Set<number> = new Set();
	#holder: number | null = null;
	readonly #dead: Set<number> = new Set();

	hear([who, what]: Saying): void {
		this.heard.add(who);
		assert.ok(!this.#dead.has(who), `${who} lost the lock, but lives`);
		if (what === 'lets go') {
			assert.equal(who, this.#holder);
			this.#holder = null;
			return;
		}
		if (this.#holder !== null) this.#dead.add(this.#holder);
		this.#holder = who;
		this.turns++;
	}
}

async function main(): Promise<void> {
	const random = new Random(SEED);
	const lock = new (random.pick<typeof Lock | typeof RLock>([Lock, RLock]))();
	const [reader, writer] = Pipe({ duplex: false });
	const listener = new Listener();
	const end = performance.now() + DURATION;
	let children = 0;

	const liveAndDie = async (): Promise<void> => {
		while (performance.now() < end) {
			const who = children++;
			const child = new Process({ target: takeAndRelease, args: [who, lock, writer] });
			await child.start();
			while (performance.now() < end && !listener.heard.has(who)) await sleep(5);
			await sleep(random.below(LONGEST_LIFE));
			child.kill();
			assert.equal(await child.join(), -9);
		}
	};
	const take = async (): Promise<void> => {
		while (performance.now() < end) {
			assert.equal(await lock.acquire({ timeout: PATIENCE }), true, 'the lock came back from the dead');
			lock.release();
			await sleep(random.below(LONGEST_PAUSE));
		}
	};
	const listen = async (): Promise<void> => {
		for await (const saying of reader) listener.hear(saying as Saying);
	};
	const listening = listen();
	await Promise.all([...Array.from({ length: CHILDREN }, liveAndDie), take()]);
	writer.close();
	await listening;
	console.log(`  ${children} children killed, ${listener.turns} turns with the lock`);
}

if (isMain(import.meta)) await main();
