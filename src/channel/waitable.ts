/**
 * What `wait()` can wait for, as it sees it. Objects say how (`[waitable]`); an integer is the sentinel of a process,
 * which is announced here by whoever starts processes.
 */
import type { Signal } from '../sync/signal.ts';
import type { Ready } from '../sync/waiting.ts';

/** The key of the method every such object has. */
export const waitable: unique symbol = Symbol.for('polyproc.waitable') as never;

export interface WaitTarget {
	/** Whether it is ready now. Must not throw. */
	readonly ready: Ready;
	/** Notified when it may have become ready; */
	readonly signal?: Signal;
	/** or: an integer that is ready for a blocked thread when it is, */
	readonly sentinel?: number;
	/** and what to do for the event loop: calls back once it is, until the returned function is called. */
	watch?(callback: () => void): () => void;
}

export interface Waitable {
	[waitable](): WaitTarget;
}

class Sentinels {
	/** Weak: whoever forgets a process without closing it gets its sentinel closed when it is collected. */
	readonly #owners = new Map<number, WeakRef<Waitable>>();

	announce(sentinel: number, owner: Waitable): void {
		this.#owners.set(sentinel, new WeakRef(owner));
	}

	forget(sentinel: number): void {
		this.#owners.delete(sentinel);
	}

	of(sentinel: number): WaitTarget | undefined {
		return this.#owners.get(sentinel)?.deref()?.[waitable]();
	}
}

/** This thread's. */
export const sentinels: Sentinels = new Sentinels();
