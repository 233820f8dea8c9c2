/** An integer that stands for a process in `wait()`: announced here by whoever starts processes. */
import { type Waitable, type WaitTarget, waitable } from '../sync/waitable.ts';

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
