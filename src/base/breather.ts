/**
 * A loop that awaits things which are always there already (`for await` over a flood of messages) never lets the event
 * loop turn: timers, sockets and signals would wait for the flood to end. Operations that complete at once therefore
 * take a breath now and then.
 */
import { now } from './deadline.ts';

/** Operations between two looks at the clock. */
const OPERATIONS = 32;
/** Milliseconds that pass without a turn of the event loop. */
const LONGEST = 4;

class Breather {
	#operations = 0;
	#last = 0;

	/** Called by every operation that completed at once. A promise, now and then, to await before going on. */
	breathe(): Promise<void> | undefined {
		if (++this.#operations < OPERATIONS) return undefined;
		this.#operations = 0;
		if (now() - this.#last < LONGEST) return undefined;
		return new Promise((resolve) => {
			setImmediate(() => {
				this.#last = now();
				resolve();
			});
		});
	}
}

/** This thread's. */
export const breather: Breather = new Breather();
