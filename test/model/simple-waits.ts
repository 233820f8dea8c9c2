/** What stands for the signal and the mutex in models of what is built on them: their promises, in fewer steps. */
import type { Words } from '../../src/memory/words.ts';
import type { Mutex } from '../../src/sync/mutex.ts';
import type { Signal } from '../../src/sync/signal.ts';
import { WAITER, WAITER_STATE, type WaitWorld } from '../../src/sync/waiter.ts';
import { type ModelProcess, SLEPT } from './replay.ts';

/** What `Signal` promises (signal.test.ts proves it), in fewer steps: a waiter that is subscribed is woken. */
export class SimpleSignal implements Pick<Signal, 'subscribe' | 'unsubscribe' | 'notifyAll'> {
	readonly #words: Words;
	readonly #world: WaitWorld;
	readonly #records: readonly number[];

	constructor(words: Words, world: WaitWorld, records: readonly number[]) {
		this.#words = words;
		this.#world = world;
		this.#records = records;
	}

	subscribe(record: number): void {
		this.#words.store(record + WAITER.state, WAITER_STATE.waiting);
	}

	unsubscribe(record: number): void {
		this.#words.store(record + WAITER.state, WAITER_STATE.idle);
	}

	notifyAll(): void {
		for (const record of this.#records) {
			const state = record + WAITER.state;
			const was = this.#words.compareExchange(state, WAITER_STATE.waiting, WAITER_STATE.granted);
			if (was === WAITER_STATE.waiting) this.#world.wake(record);
		}
	}
}

const DIED = 1 << 30;
export const ID = 0xff;

/** What `Mutex` promises (mutex.test.ts proves it), in fewer steps: exclusion, waiters that are woken, word of a death. */
export class SimpleMutex implements Pick<Mutex, 'tryAcquire' | 'release' | 'isMine' | 'ownerDied' | 'lookAfter'> {
	readonly #process: ModelProcess;
	readonly #words: Words;
	readonly #owner: number;
	readonly #waiters: SimpleSignal;

	constructor(process: ModelProcess, words: Words, owner: number, records: readonly number[]) {
		this.#process = process;
		this.#words = words;
		this.#owner = owner;
		this.#waiters = new SimpleSignal(words, process.world, records);
	}

	tryAcquire(): boolean {
		const { me } = this.#process;
		const state = this.#words.compareExchange(this.#owner, 0, me);
		return state === 0 || (state === DIED && this.#words.compareExchange(this.#owner, DIED, DIED | me) === DIED);
	}

	/** Takes it from a dead owner, and wakes those who wait for it. */
	lookAfter(): void {
		const state = this.#words.load(this.#owner);
		if ((state & ID) === 0 || this.#process.world.isAlive(state & ID)) return;
		if (this.#words.compareExchange(this.#owner, state, DIED) === state) this.#waiters.notifyAll();
	}

	release(): boolean {
		this.#words.store(this.#owner, 0);
		this.#waiters.notifyAll();
		return true;
	}

	isMine(): boolean {
		return (this.#words.load(this.#owner) & ID) === this.#process.me;
	}

	ownerDied(): boolean {
		return (this.#words.load(this.#owner) & DIED) !== 0;
	}

	/** What waiting for it comes to: queueing, or having slept. True: acquired. */
	advance(record: number, at: 'queues' | 'waits'): boolean {
		const ticked = at === 'waits' && this.#process.sleep(record) === SLEPT.tick;
		this.#waiters.subscribe(record);
		if (!(this.tryAcquire() || (ticked && this.#takeFromDead()))) return false;
		this.#waiters.unsubscribe(record);
		return true;
	}

	#takeFromDead(): boolean {
		const state = this.#words.load(this.#owner);
		if ((state & ID) === 0 || this.#process.world.isAlive(state & ID)) return false;
		return this.#words.compareExchange(this.#owner, state, DIED | this.#process.me) === state;
	}
}
