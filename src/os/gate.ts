/**
 * A gate before the native calls of a thread and of all that it started. Node ends a thread wherever it is, and one that it
 * ends inside a native call may take the whole process with it: the foreign-function library wants to throw, must not any
 * more, and aborts. So whoever ends a thread closes its gate first and waits for those inside to come out. Who comes to a
 * closed gate stands there until it opens, which it mostly does not live to see.
 *
 * Shared: [how often it is closed, how many are inside]. A thread counts itself in before it looks whether the gate is
 * closed, and who closes it does that before looking who is inside: so one of them sees the other (Dekker's way). A thread
 * that is ended inside by something else stays counted, so every wait has a limit.
 */
import { now } from '../base/deadline.ts';
import { realTimers } from '../base/timers.ts';
import { GATE_BYTES } from './gate-table.ts';

const CLOSED = 0;
const INSIDE = 1;

/** Milliseconds to wait for who is inside: much longer than anybody is, for who blocks comes out now and then. */
const LONGEST = 2000;
/** Milliseconds between two looks whether somebody is inside. */
const LOOK_AGAIN = 2;

export class Gate {
	readonly #words: Int32Array;

	constructor(table: SharedArrayBuffer, at: number) {
		this.#words = new Int32Array(table, at, GATE_BYTES / Int32Array.BYTES_PER_ELEMENT);
	}

	// --- for who ends threads ---

	/** Nobody goes in any more. Blocks until nobody is inside. */
	closeSync(): void {
		Atomics.add(this.#words, CLOSED, 1);
		const end = now() + LONGEST;
		for (let left = LONGEST; left > 0; left = end - now()) {
			const inside = Atomics.load(this.#words, INSIDE);
			if (inside === 0) return;
			Atomics.wait(this.#words, INSIDE, inside, left);
		}
	}

	/** Nobody goes in any more. Calls back when nobody is inside, at once if nobody is. */
	close(then: () => void): void {
		Atomics.add(this.#words, CLOSED, 1);
		const end = now() + LONGEST;
		const look = (): void => {
			if (Atomics.load(this.#words, INSIDE) === 0 || now() > end) then();
			else realTimers.setTimeout(look, LOOK_AGAIN);
		};
		look();
	}

	/** Takes back one closing. */
	open(): void {
		if (Atomics.sub(this.#words, CLOSED, 1) === 1) Atomics.notify(this.#words, CLOSED);
	}

	// --- for threads ---

	get isClosed(): boolean {
		return Atomics.load(this.#words, CLOSED) !== 0;
	}

	enter(): void {
		Atomics.add(this.#words, INSIDE, 1);
	}

	leave(): void {
		Atomics.sub(this.#words, INSIDE, 1);
		if (this.isClosed) Atomics.notify(this.#words, INSIDE);
	}

	/** Blocks until it is open. */
	stand(): void {
		for (let closed = Atomics.load(this.#words, CLOSED); closed !== 0; closed = Atomics.load(this.#words, CLOSED)) {
			Atomics.wait(this.#words, CLOSED, closed);
		}
	}
}
