/** A waiter that was killed does not keep the ones behind it waiting. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Words } from '../../src/memory/words.ts';
import { MUTEX_WORDS, Mutex } from '../../src/sync/mutex.ts';
import { ATTEMPT } from '../../src/sync/queueable.ts';
import { WAITER, WAITER_STATE, WAITER_WORDS } from '../../src/sync/waiter.ts';

/** The mutex's words begin at 1, then a record for each participant: 1 holds, 2 and 3 wait, 4 comes along. */
const MUTEX = 1;
const [HOLDER, FIRST, SECOND, BARGER] = [1, 2, 3, 4] as const;

function recordOf(participant: number): number {
	return MUTEX + MUTEX_WORDS + (participant - 1) * WAITER_WORDS;
}

class World {
	readonly dead: Set<number> = new Set();
	readonly #memory = new Int32Array(recordOf(5));

	constructor() {
		for (const participant of [HOLDER, FIRST, SECOND, BARGER])
			this.#memory[recordOf(participant) + WAITER.participant] = participant;
	}

	mutexOf(me: number): Mutex {
		const words = this.#words();
		const world = {
			me,
			isAlive: (participant: number) => !this.dead.has(participant),
			pause: () => {},
			wake: () => true,
			isRecord: () => true,
			recordsOf: () => [],
		};
		return new Mutex(words, MUTEX, MUTEX, words, world);
	}

	stateOf(participant: number): number {
		return this.#memory[recordOf(participant) + WAITER.state]!;
	}

	#words(): Words {
		const memory = this.#memory;
		return {
			load: (index) => Atomics.load(memory, index),
			store: (index, value) => void Atomics.store(memory, index, value),
			add: (index, value) => Atomics.add(memory, index, value),
			exchange: (index, value) => Atomics.exchange(memory, index, value),
			compareExchange: (index, expected, value) => Atomics.compareExchange(memory, index, expected, value),
		};
	}
}

test('the waiter behind one that was killed after it was nudged gets its turn, though the mutex is never seen free', () => {
	const world = new World();
	assert.ok(world.mutexOf(HOLDER).tryAcquire());
	for (const waiter of [FIRST, SECOND]) {
		assert.equal(world.mutexOf(waiter).enqueue(recordOf(waiter)), ATTEMPT.wait);
	}
	world.mutexOf(HOLDER).release();
	assert.equal(world.stateOf(FIRST), WAITER_STATE.nudged);
	world.dead.add(FIRST);
	assert.ok(world.mutexOf(BARGER).tryAcquire());
	world.mutexOf(SECOND).lookAfter(recordOf(SECOND)); // its tick; the mutex is held by one that lives
	world.mutexOf(BARGER).release();
	assert.equal(world.stateOf(SECOND), WAITER_STATE.nudged);
	assert.equal(world.mutexOf(SECOND).attempt(recordOf(SECOND)), ATTEMPT.acquired);
});
