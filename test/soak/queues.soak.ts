// Round after round, three producers and three consumers share a queue of random limits, and some of them are killed at
// random moments. Whatever they were doing, the others go on; every item that comes is whole and comes once, in the order
// of its producer; and what does not come was in the hands of somebody who was killed: one item each at most. Of every
// other queue whoever takes an item says that it is done with it: join ends when they all are, or in the hands of the dead.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClosedError, type Connection, isMain, JoinableQueue, Lock, Pipe, Process, Queue, RawArray } from 'polyproc';
import { DURATION, Random, SEED } from './random.ts';

const PRODUCERS = 3;
const CONSUMERS = 3;
const ROUNDS = 100;
const ITEMS = 400;
const LONGEST_LIFE = 120;
/** Nobody waits longer than this, in milliseconds, or a wake-up has been lost. */
const PATIENCE = 10_000;
const LARGEST = 60_000;

interface Item {
	readonly producer: number;
	readonly number: number;
	readonly body: Uint8Array;
	readonly sum: number;
	/** Now and then there is a shared object in it. */
	readonly lock?: Lock;
}

interface Shared {
	readonly queue: Queue<Item>;
	/** Of each producer: puts begun and puts done. */
	readonly begun: RawArray<'i'>;
	readonly done: RawArray<'i'>;
	/** How often each item has come. */
	readonly seen: RawArray<'i'>;
	/** Whether its consumer was through with it. */
	readonly handled: RawArray<'i'>;
	/** For what goes wrong. */
	readonly complaints: Connection;
}

function sumOf(bytes: Uint8Array): number {
	let sum = 2166136261;
	for (const byte of bytes) sum = Math.imul(sum ^ byte, 16777619);
	return sum;
}

function itemOf(producer: number, number: number, random: Random): Item {
	const size = random.below(20) === 0 ? random.below(LARGEST) : random.below(200);
	const body = Buffer.alloc(size, `${producer}/${number} `);
	const item = { producer, number, body, sum: sumOf(body) };
	return random.below(20) === 0 ? { ...item, lock: new Lock() } : item;
}

function isSync(random: Random): boolean {
	return random.below(2) === 0;
}

export async function produce(producer: number, seed: number, { queue, begun, done }: Shared): Promise<void> {
	const random = new Random(seed);
	for (let number = 0; number < ITEMS; number++) {
		const item = itemOf(producer, number, random);
		begun.set(producer, number + 1);
		if (isSync(random)) queue.putSync(item);
		else await queue.put(item);
		done.set(producer, number + 1);
	}
}

/** Takes items and looks at them, until there are no more. */
async function consumeAll({ queue, seen, handled }: Shared, random: Random, forms: 'any' | 'async'): Promise<void> {
	const last = new Map<number, number>();
	const came = seen.view;
	for (;;) {
		const { producer, number, body, sum, lock } =
			forms === 'any' && isSync(random) ? queue.getSync() : await queue.get();
		Atomics.add(came, producer * ITEMS + number, 1);
		assert.equal(sumOf(body), sum, `item ${number} of producer ${producer} is damaged`);
		const before = last.get(producer) ?? -1;
		assert.ok(number > before, `item ${number} of producer ${producer} came after its item ${before}`);
		last.set(producer, number);
		if (lock !== undefined) assert.ok(lock.acquireSync({ block: false }), 'the lock in an item is not that item’s');
		handled.set(producer * ITEMS + number, 1);
		if (queue instanceof JoinableQueue) queue.taskDone();
	}
}

export async function consume(seed: number, shared: Shared): Promise<void> {
	try {
		await consumeAll(shared, new Random(seed), 'any');
	} catch (error) {
		if (!(error instanceof ClosedError)) shared.complaints.sendSync(`seed ${seed}: ${error}`);
	}
}

/** Within the time that nobody may wait for longer. */
async function ended(child: Process<never>): Promise<number> {
	const code = await child.join(PATIENCE);
	assert.notEqual(code, null, `${child.name} hangs`);
	return code!;
}

/** Waits for all items to be done, which must neither take long nor come too early. */
async function joined(
	queue: JoinableQueue<Item>,
	{ done, handled }: Shared,
	consumers: readonly Process<never>[],
): Promise<void> {
	assert.ok(await queue.join(PATIENCE), 'join hangs');
	let open = 0;
	for (let item = 0; item < PRODUCERS * ITEMS; item++) {
		if (item % ITEMS < done.at(Math.floor(item / ITEMS)) && handled.at(item) === 0) open++;
	}
	for (const consumer of consumers) await consumer.join(0);
	const dead = consumers.filter((consumer) => consumer.exitCode === -9).length;
	assert.ok(open <= dead, `join has ended with ${open} items open, and ${dead} consumers were killed`);
	assert.equal(queue.qsize(), 0);
}

interface Outcome {
	readonly killed: number;
	readonly items: number;
	readonly missing: number;
}

async function play(seed: number): Promise<Outcome> {
	const random = new Random(seed);
	const [complaints, sink] = Pipe({ duplex: false });
	const limit = random.pick([{}, {}, { maxBytes: 100_000 }]);
	const shared: Shared = {
		queue: new (random.pick([Queue, JoinableQueue]))<Item>(random.pick([0, 0, 1, 7, 100]), limit),
		begun: new RawArray('i', PRODUCERS),
		done: new RawArray('i', PRODUCERS),
		seen: new RawArray('i', PRODUCERS * ITEMS),
		handled: new RawArray('i', PRODUCERS * ITEMS),
		complaints: sink,
	};
	const producers = Array.from(
		{ length: PRODUCERS },
		(_, i) => new Process({ target: produce, args: [i, seed + i, shared] }),
	);
	const consumers = Array.from(
		{ length: CONSUMERS },
		(_, i) => new Process({ target: consume, args: [seed + PRODUCERS + i, shared] }),
	);
	const children = [...producers, ...consumers] as unknown as Process<never>[];
	await Promise.all(children.map((child) => child.start()));
	// The parent takes items as well: somebody has to when all three consumers have been killed.
	const taking = consumeAll(shared, random, 'async').catch((error: unknown) => {
		if (!(error instanceof ClosedError)) throw error;
	});
	const victims = new Set<Process<never>>();
	for (let i = random.below(4); i > 0; i--) {
		const victim = children[random.below(children.length)]!;
		await sleep(random.below(LONGEST_LIFE));
		victim.kill();
		victims.add(victim);
	}
	for (const producer of children.slice(0, PRODUCERS)) await ended(producer);
	if (shared.queue instanceof JoinableQueue) await joined(shared.queue, shared, children.slice(PRODUCERS));
	shared.queue.close();
	for (const consumer of children.slice(PRODUCERS)) await ended(consumer);
	await Promise.race([taking, sleep(PATIENCE, undefined, { ref: false }).then(() => assert.fail('the parent hangs'))]);
	sink.close();
	for await (const complaint of complaints) assert.fail(String(complaint));
	const killed = children.filter((child) => child.exitCode === -9);
	for (const child of children)
		assert.ok(child.exitCode === 0 || victims.has(child), `${child.name}: ${child.exitCode}`);
	return judge(shared, killed.length, children.slice(PRODUCERS).filter((child) => child.exitCode === -9).length);
}

/** Every item came once, but for those that the dead had in their hands. */
function judge({ queue, begun, done, seen }: Shared, killed: number, deadConsumers: number): Outcome {
	let items = 0;
	let missing = 0;
	for (let producer = 0; producer < PRODUCERS; producer++) {
		for (let number = 0; number < ITEMS; number++) {
			const times = seen.at(producer * ITEMS + number);
			assert.ok(times <= 1, `item ${number} of producer ${producer} came ${times} times`);
			assert.ok(times === 0 || number < begun.at(producer), 'an item came that was never put');
			items += times;
			if (times === 0 && number < done.at(producer)) missing++;
		}
	}
	assert.ok(missing <= deadConsumers, `${missing} items are missing, and ${deadConsumers} consumers were killed`);
	assert.equal(queue.qsize(), 0);
	return { killed, items, missing };
}

async function main(): Promise<void> {
	const end = performance.now() + DURATION;
	const outcomes: Outcome[] = [];
	for (let round = 0; round < ROUNDS && (performance.now() < end || round < 2); round++) {
		const seed = SEED + round * 1000;
		try {
			outcomes.push(await play(seed));
		} catch (error) {
			console.error(`round ${round}, seed ${seed}:`, error);
			process.exit(1);
		}
	}
	const sum = (what: keyof Outcome): number => outcomes.reduce((total, outcome) => total + outcome[what], 0);
	console.log(
		`  ${outcomes.length} rounds, ${sum('killed')} killed: ${sum('items')} items came once, ${sum('missing')} were in the hands of the dead`,
	);
}

if (isMain(import.meta)) await main();
