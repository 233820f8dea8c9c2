/**
 * A gate before the native calls of threads. Node ends a thread wherever it is, and one that it ends inside a native call
 * may take the whole process with it: the foreign-function library wants to throw, must not any more, and aborts. So
 * whoever ends threads closes their gate first and waits for those inside to come out. Who comes to a closed gate stands
 * there until its end.
 *
 * Shared: [closed, how many are inside]. A thread counts itself in before it looks whether the gate is closed, and who
 * closes it does that before looking who is inside: so one of them sees the other (Dekker's way). A thread that is ended
 * inside by something else stays counted, so every wait has a limit.
 */
import { now } from '../base/deadline.ts';

const CLOSED = 0;
const INSIDE = 1;
const BYTES = 8;

/** Milliseconds to wait for who is inside: much longer than anybody is, for who blocks comes out now and then. */
const LONGEST = 2000;
/** Milliseconds between two looks whether somebody is inside. */
const LOOK_AGAIN = 2;

export class Gate {
	/** What threads are given. */
	readonly shared: SharedArrayBuffer;
	readonly #words: Int32Array;

	constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(BYTES)) {
		this.shared = shared;
		this.#words = new Int32Array(shared);
	}

	// --- for who ends threads ---

	/** Nobody goes in any more. Blocks until nobody is inside. */
	closeSync(): void {
		Atomics.store(this.#words, CLOSED, 1);
		const end = now() + LONGEST;
		for (let left = LONGEST; left > 0; left = end - now()) {
			const inside = Atomics.load(this.#words, INSIDE);
			if (inside === 0) return;
			Atomics.wait(this.#words, INSIDE, inside, left);
		}
	}

	/** Nobody goes in any more. Calls back when nobody is inside. */
	close(then: () => void): void {
		Atomics.store(this.#words, CLOSED, 1);
		const end = now() + LONGEST;
		const look = (): void => {
			if (Atomics.load(this.#words, INSIDE) === 0 || now() > end) then();
			else setTimeout(look, LOOK_AGAIN);
		};
		look();
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

	/** Before a closed gate: does not return. */
	stand(): never {
		for (;;) Atomics.wait(this.#words, CLOSED, 1);
	}
}
