/** How many of a queue's items have been dealt with, and waiting until all have. */
import { breather } from '../base/breather.ts';
import { Deadline, type WaitOptions } from '../base/deadline.ts';
import { corrupted } from '../memory/corrupted.ts';
import type { Words } from '../memory/words.ts';
import type { Signal } from '../sync/signal.ts';
import type { ThreadWaits } from '../sync/thread-waits.ts';
import { SpinBudget, type Wait, waitUntil, waitUntilSync } from '../sync/waiting.ts';
import { QUEUE } from './queue-layout.ts';

export class DoneCount {
	readonly #words: Words;
	readonly #allDone: Signal;
	readonly #waits: ThreadWaits;
	readonly #spin = new SpinBudget();

	/** @param words of the queue's block */
	constructor(words: Words, allDone: Signal, waits: ThreadWaits) {
		this.#words = words;
		this.#allDone = allDone;
		this.#waits = waits;
	}

	/** One more has been. False: all that were put have. */
	add(): boolean {
		for (let done = this.#words.load(QUEUE.done); ; ) {
			if (done === this.#words.load(QUEUE.put)) return false;
			const found = this.#words.compareExchange(QUEUE.done, done, (done + 1) | 0);
			if (found === done) {
				if (this.#isAll) this.#allDone.notifyAll();
				return true;
			}
			done = found;
		}
	}

	get #isAll(): boolean {
		const done = this.#words.load(QUEUE.done);
		const left = (this.#words.load(QUEUE.put) - done) | 0;
		if (left < 0) throw corrupted('This queue');
		return left === 0;
	}

	/** Until all have. False: the deadline came first. */
	async all(options: WaitOptions | undefined, call: string): Promise<boolean> {
		const deadline = Deadline.from(options, call);
		deadline.signal?.throwIfAborted();
		if (this.#isAll) {
			await breather.breathe();
			return true;
		}
		return deadline.expired ? false : waitUntil(this.#wait(deadline));
	}

	/** As `all`, blocking this thread. */
	allSync(options: WaitOptions | undefined, call: string): boolean {
		return waitUntilSync(this.#wait(Deadline.from(options, call)));
	}

	#wait(deadline: Deadline): Wait {
		return { signal: this.#allDone, waits: this.#waits, deadline, ready: () => this.#isAll, spin: this.#spin };
	}
}
