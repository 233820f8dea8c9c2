/** Objects that nobody writes over: they work as if nothing was the matter. */
import assert from 'node:assert/strict';
import { Barrier, Condition, Event, Lock, Pipe, Queue, RLock, Semaphore, Value } from '../../src/index.ts';

const PATIENCE = { timeout: 2000 };

export class Bystanders {
	readonly #queue = new Queue(10);
	readonly #pipe = Pipe();
	readonly #lock = new Lock();
	readonly #recursive = new RLock();
	readonly #semaphore = new Semaphore(1);
	readonly #event = new Event();
	readonly #condition = new Condition();
	readonly #barrier = new Barrier(2);
	readonly #value = new Value('i', 0);
	#turns = 0;

	async check(): Promise<void> {
		this.#turns++;
		const item = { turn: this.#turns, text: 'x'.repeat(this.#turns % 100) };
		this.#queue.putSync(item);
		await this.#queue.put([item]);
		assert.deepEqual(await this.#queue.get(PATIENCE), item);
		assert.deepEqual(this.#queue.getSync(PATIENCE), [item]);
		assert.equal(this.#queue.qsize(), 0);
		const [one, other] = this.#pipe;
		await Promise.all([one.send(item), assert.doesNotReject(async () => assert.deepEqual(await other.recv(), item))]);
		await this.#checkLocks();
		await this.#checkTurns();
	}

	async #checkLocks(): Promise<void> {
		for (const lock of [this.#lock, this.#recursive, this.#semaphore]) {
			assert.equal(await lock.acquire(PATIENCE), true);
			const next = lock === this.#recursive ? undefined : lock.acquire(PATIENCE);
			lock.release();
			if (next === undefined) continue;
			assert.equal(await next, true);
			lock.release();
		}
		assert.equal(this.#value.add(1), this.#turns - 1);
	}

	async #checkTurns(): Promise<void> {
		const set = this.#event.wait(PATIENCE);
		this.#event.set();
		assert.equal(await set, true);
		this.#event.clear();
		assert.equal(this.#condition.acquireSync(PATIENCE), true);
		const told = this.#condition.wait(PATIENCE);
		await new Promise(setImmediate);
		assert.equal(this.#condition.acquireSync(PATIENCE), true);
		this.#condition.notify();
		this.#condition.release();
		assert.equal(await told, true);
		this.#condition.release();
		const came = await Promise.all([this.#barrier.wait(PATIENCE), this.#barrier.wait(PATIENCE)]);
		assert.deepEqual(came.sort(), [0, 1]);
	}
}
