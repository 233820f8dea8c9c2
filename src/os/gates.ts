/**
 * The gates that this thread passes with each native call: its own, if it can be ended by itself, and those of all threads
 * above it, each of which has one for everything below. They come with Node's environment data, which a thread passes on to those
 * that it starts, also to threads that are none of ours. The main thread passes none.
 */
import { Gate } from './gate.ts';
import { fromMainThread, isMainThread, tellThreads } from './threads.ts';

const KEY = 'polyproc.gates';
/** Milliseconds that a thread blocks at once. */
const LONGEST_STAY = 100;

function fromAbove(): readonly SharedArrayBuffer[] {
	return (fromMainThread(KEY) as readonly SharedArrayBuffer[] | undefined) ?? [];
}

class Gates {
	readonly #below: Gate = new Gate();
	#passed: readonly Gate[] | undefined;
	/** A native call that is made inside another one passes nothing. */
	#depth = 0;

	get #all(): readonly Gate[] {
		this.#passed ??= isMainThread() ? [] : fromAbove().map((shared) => new Gate(shared));
		return this.#passed;
	}

	/** Makes `call`, and all native calls in it, in one go: this thread is not ended in the middle. */
	pass<R>(call: () => R): R {
		if (this.#all.length === 0) return call();
		this.#enter();
		try {
			return call();
		} finally {
			this.#leave();
		}
	}

	/** `fn`, made to pass the gates. */
	before<F extends (...args: never[]) => unknown>(fn: F): F {
		if (this.#all.length === 0) return fn;
		return ((...args) => {
			this.#enter();
			try {
				return fn(...args);
			} finally {
				this.#leave();
			}
		}) as F;
	}

	/** How long to block at once in a wait of `ms` milliseconds: who blocks is inside. */
	stay(ms: number): number {
		return this.#all.length === 0 ? ms : Math.min(ms, LONGEST_STAY);
	}

	#enter(): void {
		if (this.#depth++ > 0) return;
		const all = this.#all;
		for (const gate of all) gate.enter();
		for (const gate of all) if (gate.isClosed) this.#turnBack(gate);
	}

	#leave(): void {
		if (--this.#depth === 0) for (const gate of this.#all) gate.leave();
	}

	#turnBack(gate: Gate): never {
		this.#leave();
		gate.stand();
	}

	/** Starts a thread that passes `gate`, besides those of everybody below this thread. */
	startBehind<T>(gate: Gate, start: () => T): T {
		this.#tell([gate, ...this.#ofThreads]);
		try {
			return start();
		} finally {
			this.tellThreads();
		}
	}

	/** From now on threads that this one starts, in whatever way, pass its gates. */
	tellThreads(): void {
		this.#tell(this.#ofThreads);
	}

	get #ofThreads(): readonly Gate[] {
		return [this.#below, ...this.#all];
	}

	#tell(gates: readonly Gate[]): void {
		tellThreads(
			KEY,
			gates.map(({ shared }) => shared),
		);
	}

	/** This thread ends, and with it all that are below: none of them is inside any more. */
	closeBelow(): void {
		this.#below.closeSync();
	}
}

/** This thread's. */
export const gates: Gates = new Gates();
