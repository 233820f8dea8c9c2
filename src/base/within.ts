/** A promise waited for no longer than a deadline allows. */
import type { Deadline } from './deadline.ts';

/** What `promise` gives, or `undefined` when the time is up first. Rejects with the signal's reason when that comes first. */
export async function within<T>(promise: Promise<T>, deadline: Deadline): Promise<T | undefined> {
	deadline.signal?.throwIfAborted();
	const end = new Ending(deadline);
	try {
		return await Promise.race([promise, end.reached]);
	} finally {
		end.cancel();
	}
}

/** The longest a timer can run; longer deadlines are looked at again. */
const LONGEST_TIMER = 0x7fffffff;

class Ending {
	readonly reached: Promise<undefined>;
	readonly #deadline: Deadline;
	#timer: NodeJS.Timeout | undefined;
	#onAbort: (() => void) | undefined;

	constructor(deadline: Deadline) {
		this.#deadline = deadline;
		this.reached = new Promise((resolve, reject) => {
			if (deadline.remaining !== Number.POSITIVE_INFINITY) this.#schedule(() => resolve(undefined));
			this.#onAbort = () => reject(deadline.signal?.reason);
			deadline.signal?.addEventListener('abort', this.#onAbort);
		});
	}

	#schedule(done: () => void): void {
		const delay = Math.min(Math.ceil(this.#deadline.remaining), LONGEST_TIMER);
		this.#timer = setTimeout(() => (this.#deadline.expired ? done() : this.#schedule(done)), delay);
	}

	cancel(): void {
		clearTimeout(this.#timer);
		if (this.#onAbort !== undefined) this.#deadline.signal?.removeEventListener('abort', this.#onAbort);
	}
}
