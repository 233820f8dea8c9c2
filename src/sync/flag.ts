/**
 * A flag that threads of any processes set, clear and wait for: the event's algorithm.
 *
 * ```
 *  word  0       1 … 4
 *      +-------+--------+
 *      | turns | signal |
 *      +-------+--------+
 * ```
 *
 * `turns` counts how often the flag has been set and cleared; it is odd while it is set. Who waits has seen it even, and
 * is released as soon as it is anything else: so a `set` releases everybody who waited at that moment, however quickly
 * a `clear` follows. Being one word, it cannot be left half changed; who is killed between changing it and waking the
 * waiters delays them by a tick. (It wraps round after 2³² turns; to be missed, all of those would have to happen
 * between two looks of a waiter.)
 */
import type { Words } from '../memory/words.ts';
import { SIGNAL_WORDS, Signal } from './signal.ts';
import type { WaitWorld } from './waiter.ts';

const TURNS = 0;
const SIGNAL = 1;
export const FLAG_WORDS: number = SIGNAL + SIGNAL_WORDS;

export class Flag {
	readonly signal: Signal;
	readonly #words: Words;
	readonly #turns: number;

	/** A flag at word `base` of `words`; `target` is the same word's index in the whole segment. */
	constructor(words: Words, base: number, target: number, records: Words, world: WaitWorld) {
		this.#words = words;
		this.#turns = base + TURNS;
		this.signal = new Signal(words, base + SIGNAL, target + SIGNAL, records, world);
	}

	isSet(): boolean {
		return (this.turns() & 1) === 1;
	}

	/** What a waiter keeps to know later whether the flag has been set since. */
	turns(): number {
		return this.#words.load(this.#turns);
	}

	set(): void {
		if (this.#turn(0)) this.signal.notifyAll();
	}

	clear(): void {
		this.#turn(1);
	}

	/** Whether it is set, or has been since `turns` was read. */
	hasBeenSet(turns: number): boolean {
		const now = this.turns();
		return now !== turns || (now & 1) === 1;
	}

	/** Turns it if it is `from` (1: set). False: it was not. */
	#turn(from: number): boolean {
		for (let turns = this.turns(); (turns & 1) === from; ) {
			const found = this.#words.compareExchange(this.#turns, turns, (turns + 1) | 0);
			if (found === turns) return true;
			turns = found;
		}
		return false;
	}
}
