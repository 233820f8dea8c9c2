// Five children use every primitive there is, blocking and awaiting, in no order; round after round one of them is
// killed at a random moment and replaced. Nobody ever waits for long, two counters that are raised under one lock never
// differ but for a death, and no permit is lost that was not with the dead.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import {
	Barrier,
	BoundedSemaphore,
	BrokenBarrierError,
	Condition,
	type Connection,
	Event,
	isMain,
	Lock,
	Pipe,
	Process,
	RLock,
	Semaphore,
} from 'polyproc';
import { DURATION, Random, SEED } from './random.ts';

const CHILDREN = 5;
const ROUNDS = 100;
const LONGEST_LIFE = 80;
/** Nobody waits longer than this, in milliseconds, or a wake-up has been lost. */
const PATIENCE = 5000;
const PERMITS = 2;
const PULSE = 5;

/** Two counters that only who has the lock may raise, both. Semaphores that nobody waits for serve as counters. */
interface Counted {
	readonly lock: Lock | RLock;
	readonly left: Semaphore;
	readonly right: Semaphore;
}

/** Everything that is shared. */
interface Shared {
	readonly counted: readonly [Counted, Counted];
	readonly permits: readonly [Semaphore, BoundedSemaphore];
	readonly pulse: Event;
	readonly stockLock: RLock;
	readonly stock: Condition;
	readonly goods: Semaphore;
	readonly meeting: Barrier;
	readonly ready: Semaphore;
	readonly stop: Event;
}

type Form = 'async' | 'sync';

/** Raises both counters; what a dead holder has left undone is done first. */
async function count({ counted }: Shared, form: Form, random: Random): Promise<void> {
	const { lock, left, right } = random.pick(counted);
	const options = { timeout: PATIENCE };
	assert.ok(form === 'sync' ? lock.acquireSync(options) : await lock.acquire(options), 'the lock never came');
	const missing = left.getValue() - right.getValue();
	assert.ok(missing === 0 || (missing === 1 && lock.ownerDied), `the counters differ by ${missing}`);
	if (missing === 1) right.release();
	left.release();
	if (form === 'async') await new Promise(setImmediate);
	right.release();
	lock.release();
}

async function takePermit({ permits }: Shared, form: Form, random: Random): Promise<void> {
	const semaphore = random.pick(permits);
	const options = { timeout: PATIENCE };
	assert.ok(form === 'sync' ? semaphore.acquireSync(options) : await semaphore.acquire(options), 'no permit came');
	semaphore.release();
}

async function awaitPulse({ pulse }: Shared, form: Form): Promise<void> {
	assert.ok(form === 'sync' ? pulse.waitSync(PATIENCE) : await pulse.wait(PATIENCE), 'no pulse came');
}

async function ring({ pulse }: Shared): Promise<void> {
	pulse.set();
	pulse.clear();
}

/** Who dies with the lock may have had a notification and have done nothing about it: another one has to notify anew. */
function lookAfterDeath({ stockLock, stock }: Shared): void {
	if (stockLock.ownerDied) stock.notify();
}

/** Notifies only who is to take what there is now: so one notification that is lost is missed. */
async function produce(shared: Shared, form: Form): Promise<void> {
	const { stock, goods } = shared;
	const options = { timeout: PATIENCE };
	using _held = form === 'sync' ? stock.holdSync(options) : await stock.hold(options);
	lookAfterDeath(shared);
	if (goods.getValue() > 0) return;
	goods.release();
	stock.notify();
}

async function consume(shared: Shared, form: Form): Promise<void> {
	const { stock, goods, stop } = shared;
	using _held = form === 'sync' ? stock.holdSync() : await stock.hold();
	const there = (): boolean => {
		lookAfterDeath(shared);
		return goods.getValue() > 0 || stop.isSet();
	};
	const came = form === 'sync' ? stock.waitForSync(there, PATIENCE) : await stock.waitFor(there, PATIENCE);
	assert.ok(came, 'no goods came');
	goods.acquireSync({ block: false });
}

async function meet({ meeting, stop }: Shared, form: Form): Promise<void> {
	try {
		if (form === 'sync') meeting.waitSync(PATIENCE);
		else await meeting.wait(PATIENCE);
	} catch (error) {
		assert.ok(error instanceof BrokenBarrierError && stop.isSet(), `at the barrier: ${error}`);
	}
}

/** One of the children; says what went wrong, or at the end how much it has done. */
export async function use(seed: number, shared: Shared, log: Connection): Promise<void> {
	const random = new Random(seed);
	let times = 0;
	shared.ready.release();
	try {
		for (; !shared.stop.isSet(); times++) {
			const act = random.pick([count, count, takePermit, awaitPulse, ring, produce, consume, consume, meet]);
			await act(shared, random.pick(['async', 'sync']), random);
		}
		log.sendSync(times);
	} catch (error) {
		log.sendSync(`seed ${seed}: ${error}`);
	}
}

function countedUnder(lock: Lock | RLock): Counted {
	return { lock, left: new Semaphore(0), right: new Semaphore(0) };
}

function madeStock(): Pick<Shared, 'stock' | 'stockLock'> {
	const stockLock = new RLock();
	return { stockLock, stock: new Condition(stockLock) };
}

class Family {
	readonly shared: Shared = {
		counted: [countedUnder(new Lock()), countedUnder(new RLock())],
		permits: [new Semaphore(PERMITS), new BoundedSemaphore(PERMITS + ROUNDS)],
		pulse: new Event(),
		...madeStock(),
		goods: new Semaphore(0),
		meeting: new Barrier(2),
		ready: new Semaphore(0),
		stop: new Event(),
	};
	readonly children: Process[] = [];
	readonly #sayings: Connection;
	readonly #log: Connection;
	started = 0;
	done = 0;

	constructor() {
		[this.#sayings, this.#log] = Pipe({ duplex: false });
		// Kept for after the deaths: so the bound is reached, and one release too many would throw.
		for (let i = 0; i < ROUNDS; i++) this.shared.permits[1].acquireSync();
	}

	async startOne(): Promise<void> {
		const child = new Process({ target: use, args: [SEED + this.started++, this.shared, this.#log] });
		await child.start();
		assert.ok(await this.shared.ready.acquire({ timeout: 4 * PATIENCE }), 'a child never began');
		this.children.push(child);
	}

	/** Kills one; as it may have had a permit, there is one more of each kind. */
	async killOne(random: Random): Promise<void> {
		const [victim] = this.children.splice(random.below(this.children.length), 1);
		victim!.kill();
		assert.equal(await victim!.join(), -9);
		for (const semaphore of this.shared.permits) semaphore.release();
	}

	/** Everything that the children wait for comes again and again. */
	async provide(until: () => boolean): Promise<void> {
		while (!until()) {
			await ring(this.shared);
			await produce(this.shared, 'async');
			await sleep(PULSE);
		}
	}

	async listen(): Promise<void> {
		for await (const saying of this.#sayings) {
			assert.equal(typeof saying, 'number', `seed ${SEED}: ${saying}`);
			this.done += saying as number;
		}
	}

	async stop(): Promise<void> {
		this.shared.stop.set();
		this.shared.meeting.abort();
		{
			using _held = await this.shared.stock.hold();
			this.shared.stock.notifyAll();
		}
		const ended = Promise.all(this.children.map((child) => child.join()));
		let all = false;
		void ended.then(() => {
			all = true;
		});
		await this.provide(() => all);
		assert.deepEqual(await ended, Array(CHILDREN).fill(0));
		this.#log.close();
	}
}

async function main(): Promise<void> {
	const random = new Random(SEED);
	const family = new Family();
	const { counted, permits } = family.shared;
	const listening = family.listen();
	for (let i = 0; i < CHILDREN; i++) await family.startOne();
	const end = performance.now() + DURATION;
	let rounds = 0;
	let over = false;
	const killing = async (): Promise<void> => {
		for (; rounds < ROUNDS && performance.now() < end; rounds++) {
			await sleep(random.below(LONGEST_LIFE));
			await family.killOne(random);
			await family.startOne();
		}
		over = true;
	};
	await Promise.race([listening, Promise.all([killing(), family.provide(() => over)])]);
	await family.stop();
	await listening;
	for (const { lock, left, right } of counted) {
		assert.equal(await lock.acquire({ timeout: PATIENCE }), true);
		const missing = left.getValue() - right.getValue();
		assert.ok(missing === 0 || (missing === 1 && lock.ownerDied), `the counters differ by ${missing} at the end`);
		lock.release();
	}
	for (const semaphore of permits) {
		const free = semaphore.getValue();
		assert.ok(free >= PERMITS && free <= PERMITS + rounds, `${free} permits are free after ${rounds} deaths`);
	}
	const count = counted.map(({ left }) => left.getValue()).join(' and ');
	console.log(
		`  ${rounds} children killed; the last ${CHILDREN} did ${family.done} things, and they counted to ${count}`,
	);
}

if (isMain(import.meta)) await main();
