/** Lets a worker's event loop turn between tasks, so that what they have left behind (timers, streams) is done too. */

/** Milliseconds of tasks between two turns. */
const LONGEST = 4;

export class Breath {
	#worked = 0;

	/** A task has taken `ms`. A promise to wait for now and then. */
	after(ms: number): Promise<void> | undefined {
		this.#worked += ms;
		if (this.#worked < LONGEST) return undefined;
		this.#worked = 0;
		return new Promise((resolve) => {
			setImmediate(resolve);
		});
	}
}
