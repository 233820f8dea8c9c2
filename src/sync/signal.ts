/**
 * Waiting for something another process does: bytes arriving, room coming free. A waiter subscribes, looks once more
 * whether the thing has happened, and sleeps; whoever makes it happen looks whether anybody waits and wakes them all,
 * and each looks for itself. Between "happened" and "anybody there?" on one side, and "subscribed" and "happened?" on
 * the other, one of the two sees the other, because all these operations are in one order.
 */
import type { Words } from '../memory/words.ts';
import { QUEUE_WORDS, WaitQueue } from './wait-queue.ts';
import { WAITER, WAITER_STATE, type WaitWorld } from './waiter.ts';

export const SIGNAL_WORDS: number = QUEUE_WORDS;

export class Signal {
	readonly #queue: WaitQueue;
	readonly #records: Words;
	readonly #world: WaitWorld;

	/** A signal at word `base` of `words`; `target` is the same word's index in the whole segment. */
	constructor(words: Words, base: number, target: number, records: Words, world: WaitWorld) {
		this.#queue = new WaitQueue(words, base, target, records, world);
		this.#records = records;
		this.#world = world;
	}

	subscribe(record: number): void {
		this.#queue.guarded(() => this.#queue.append(record));
	}

	/** Also right for a waiter that has been notified, and is on no list any more. */
	unsubscribe(record: number): void {
		const state = this.#records.load(record + WAITER.state);
		if (state !== WAITER_STATE.granted && state !== WAITER_STATE.idle) {
			this.#queue.guarded(() => this.#queue.remove(record));
		}
		this.#records.store(record + WAITER.state, WAITER_STATE.idle);
	}

	/** Wakes everybody who is subscribed. One load when nobody is. */
	notifyAll(): void {
		if (!this.#queue.isEmpty()) this.#queue.guarded(() => this.#wakeAll());
	}

	#wakeAll(): void {
		for (let record = this.#queue.first(); record !== 0; record = this.#queue.first()) {
			this.#queue.remove(record);
			this.#records.store(record + WAITER.state, WAITER_STATE.granted);
			this.#world.wake(record);
		}
	}
}
