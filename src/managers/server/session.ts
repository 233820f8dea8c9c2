/**
 * One client, a thread of some process, as the server sees it: from its first connection to the end of its last. What it
 * had ends with it: the locks it held go on, what it waited for is called off, and its proxies are not counted any more.
 */

/** What a client can attach to: an object, which counts those that have. */
export interface Attachable {
	attached: number;
	attach(): void;
}

export class Session {
	readonly key: string;
	/** Frames that have come on its awaiting connection. */
	taken = 0;
	/** Calls on its blocking connection that are to come after some of the other. */
	#postponed: { readonly after: number; readonly start: () => void }[] = [];
	readonly #attached = new Map<Attachable, number>();
	readonly #onEnd = new Set<() => void>();
	#connections = 0;
	#hasEnded = false;

	constructor(key: string) {
		this.key = key;
	}

	get hasEnded(): boolean {
		return this.#hasEnded;
	}

	connected(): void {
		this.#connections += 1;
	}

	/** Whether it was the last one. */
	disconnected(): boolean {
		this.#connections -= 1;
		return this.#connections === 0;
	}

	/** Some frames of the awaiting connection have been dealt with. */
	took(frames: number): void {
		this.taken += frames;
		if (this.#postponed.length === 0) return;
		const due = this.#postponed.filter(({ after }) => after <= this.taken);
		this.#postponed = this.#postponed.filter(({ after }) => after > this.taken);
		for (const { start } of due) start();
	}

	/** Starts a blocking call once so many frames have come that were sent before it. */
	startAfter(after: number, start: () => void): void {
		if (after <= this.taken) start();
		else this.#postponed.push({ after, start });
	}

	/** Has `hook` called when the client has ended. Returns how to take that back. */
	onEnd(hook: () => void): () => void {
		this.#onEnd.add(hook);
		return () => this.#onEnd.delete(hook);
	}

	attach(entry: Attachable): void {
		this.#attached.set(entry, (this.#attached.get(entry) ?? 0) + 1);
		entry.attach();
	}

	detach(entry: Attachable): void {
		const count = this.#attached.get(entry) ?? 0;
		if (count === 0) return;
		if (count === 1) this.#attached.delete(entry);
		else this.#attached.set(entry, count - 1);
		entry.attached -= 1;
	}

	end(): void {
		if (this.#hasEnded) return;
		this.#hasEnded = true;
		for (const [entry, count] of this.#attached) entry.attached -= count;
		this.#attached.clear();
		for (const hook of this.#onEnd) hook();
		this.#onEnd.clear();
	}
}
