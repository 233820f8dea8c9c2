// A thousand plugins, or as many as there is time for, some at a time: each with permissions, limits and no environment,
// every other one with objects of its own to use, and so with a broker. They are killed at random moments, from before
// they run to when they are busy with what they were given. In the end there are as many descriptors, processes,
// participants of the family, files and bytes in use as there were in the beginning.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMain, Lock, Process, Queue, Value } from '../../src/index.ts';
import { family } from '../../src/memory/family.ts';
import { takeInventory } from '../house/leaks.ts';
import { DURATION, Random, SEED } from './random.ts';

const MOST = 1000;
const LEAST = 20;
const AT_A_TIME = 4;
/** Milliseconds from the start on, of which a Node needs some hundred to begin; and from the first item on. */
const LONGEST_LIFE = 700;
const LONGEST_WORK = 100;
const PATIENCE = 60_000;
const MIB: number = 2 ** 20;
/** Of JavaScript's objects in this process, for all of them together. */
const ROOM = 4 * MIB;
const ITEM: Buffer = Buffer.alloc(2000, 'plugin');

export function spin(): never {
	for (;;);
}

/** Uses what it was given, blocking and awaiting, for ever. */
export async function use(queue: Queue<Uint8Array>, lock: Lock, turns: Value<'i'>): Promise<never> {
	for (;;) {
		lock.acquireSync();
		await queue.put(ITEM);
		turns.add(1);
		lock.release();
	}
}

/** What there is at a moment. */
interface Stock {
	readonly inventory: ReturnType<typeof takeInventory>;
	readonly participants: number;
	readonly bytes: number;
}

function takeStock(): Stock {
	(runInNewContext('gc') as () => void)();
	const { participants, heap } = family();
	heap.sweep(); // as happens now and then by itself: items of queues that nobody has any more go
	return { inventory: takeInventory(), participants: [...participants.ids()].length, bytes: heap.bytesInUse() };
}

class Host {
	readonly #random: Random;
	started = 0;
	turns = 0;

	constructor(random: Random) {
		this.#random = random;
	}

	/** One plugin from its start to its end. */
	async live(): Promise<void> {
		const isGiven = this.started++ % 2 === 0;
		const [queue, lock, turns] = [new Queue<Uint8Array>(4), new Lock(), new Value('i', 0)];
		const plugin = new Process({
			target: (isGiven ? use : spin) as () => unknown,
			args: (isGiven ? [queue, lock, turns] : []) as never,
			permissions: {},
			limits: { memory: 256 * MIB, wallTime: 300_000, processes: 0 },
			env: {},
			stdio: 'ignore',
		});
		const [isTree, isAtWork] = [this.#random.below(2) === 0, isGiven && this.#random.below(2) === 0];
		const moment = this.#random.below(isAtWork ? LONGEST_WORK : LONGEST_LIFE);
		await plugin.start();
		if (isAtWork) await queue.get({ timeout: PATIENCE });
		const end = performance.now() + moment;
		while (performance.now() < end) await queue.get({ timeout: end - performance.now() }).catch(whileEmpty);
		plugin.kill({ tree: isTree });
		assert.equal(await plugin.join(PATIENCE), -9, `plugin ${this.started}`);
		assert.equal(await lock.acquire({ timeout: PATIENCE }), true, 'the lock came back from the dead');
		lock.release();
		this.turns += turns.value;
		plugin.close();
	}

	/** As many as are wanted, some at a time. */
	async goOn(isWanted: () => boolean): Promise<void> {
		const next = async (): Promise<void> => {
			while (isWanted()) await this.live();
		};
		await Promise.all(Array.from({ length: AT_A_TIME }, next));
	}
}

function whileEmpty(error: Error): void {
	if (error.name !== 'Empty') throw error;
}

/** Endings are not instant: brokers notice that their process is gone, and objects that nobody has are collected. */
async function expectStock(before: Stock): Promise<void> {
	const end = performance.now() + PATIENCE;
	for (;;) {
		const now = takeStock();
		const isBack = now.bytes <= before.bytes && now.participants <= before.participants;
		if (isBack && JSON.stringify(now.inventory) === JSON.stringify(before.inventory)) return;
		if (performance.now() > end) assert.deepEqual(now, before);
		await sleep(50);
	}
}

async function main(): Promise<void> {
	setFlagsFromString('--expose-gc');
	const host = new Host(new Random(SEED));
	await host.goOn(() => host.started < 2 * AT_A_TIME); // from now on the package has what it keeps
	await sleep(1000);
	const before = takeStock();
	const used = process.memoryUsage().heapUsed;
	const [first, end] = [host.started, performance.now() + DURATION];
	const count = (): number => host.started - first;
	await host.goOn(() => count() < LEAST || (count() < MOST && performance.now() < end));
	assert.ok(host.turns > 0, 'none of them came to use what it was given');
	await expectStock(before);
	const more = process.memoryUsage().heapUsed - used;
	assert.ok(more < ROOM, `${more} bytes of objects have stayed`);
	console.log(
		`  ${count()} plugins killed after ${host.turns} turns; ${before.bytes} bytes in use as before, ${more} more of objects`,
	);
}

if (isMain(import.meta)) await main();
