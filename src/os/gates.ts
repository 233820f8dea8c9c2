/** The gates that this thread passes with each native call: its own, and those of all threads above it. */
import type { Worker } from 'node:worker_threads';
import { afterFork, forkGeneration } from '../base/after-fork.ts';
import { Gate } from './gate.ts';
import { GATE_BYTES, GATES, type GateTable, gateTable } from './gate-table.ts';
import { threadId } from './threads.ts';

/** Milliseconds that a thread blocks at once. */
const LONGEST_STAY = 100;

class Gates {
	#passed: readonly Gate[] | undefined;
	/** A native call that is made inside another one passes nothing. */
	#depth = 0;
	#hasThreads = false;

	constructor() {
		// Of those that were inside none came along.
		afterFork(
			() => {
				new Int32Array(this.#told.table).fill(0);
				this.#hasThreads = false;
			},
			() => this.#hasThreads,
		);
	}

	get #told(): GateTable {
		return gateTable((worker) => this.endAtGate(worker));
	}

	get #all(): readonly Gate[] {
		this.#passed ??= this.#told.passed.map((id) => this.#of(id));
		return this.#passed;
	}

	#of(id: number): Gate {
		return new Gate(this.#told.table, (id % GATES) * GATE_BYTES);
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
		for (;;) {
			for (const gate of this.#all) gate.enter();
			const closed = this.#all.find((gate) => gate.isClosed);
			if (closed === undefined) return;
			for (const gate of this.#all) gate.leave();
			closed.stand();
		}
	}

	#leave(): void {
		if (--this.#depth === 0) for (const gate of this.#all) gate.leave();
	}

	/** From now on threads that this one starts, in whatever way, pass their gates. */
	tellThreads(): void {
		void this.#told;
	}

	/** Has `worker` ended at its gate, by whoever and by Node's own means too. */
	endAtGate(worker: Worker): void {
		this.#hasThreads = true;
		const gate = this.#of(worker.threadId);
		const end = worker.terminate.bind(worker);
		const ended = new Promise<number>((resolve) => worker.once('exit', resolve));
		let isEnding = false;
		worker.terminate = () => {
			if (!isEnding) {
				isEnding = true;
				gate.close(() => void end());
				void ended.then(() => gate.open());
			}
			return ended;
		};
	}

	/** This thread ends, and with it all that are below: none of them is inside any more. */
	closeBelow(): void {
		if (forkGeneration() > 0 && !this.#hasThreads) return; // one that has just been made is told of a tick later
		this.#passed = this.#all.slice(1); // it does not stand at its own
		this.#of(threadId()).closeSync();
	}
}

/** This thread's. */
export const gates: Gates = new Gates();
