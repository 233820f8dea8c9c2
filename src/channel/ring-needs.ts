/** What one side of a ring waits for: its signal, and its mutex. */
import { Deadline } from '../base/deadline.ts';
import { acquireSync, beginAcquire } from '../sync/acquisition.ts';
import type { Mutex } from '../sync/mutex.ts';
import type { Signal } from '../sync/signal.ts';
import type { ThreadWaits } from '../sync/thread-waits.ts';
import { beginWait, type Cancellable, type Ready, SpinBudget, waitUntilSync } from '../sync/waiting.ts';
import type { Needs } from './pump.ts';

const FOR_EVER: Deadline = new Deadline(Number.POSITIVE_INFINITY);

export type RingNeed = 'signal' | 'mutex';

/** One side of a ring, as far as waiting for it goes. */
export interface RingSide {
	readonly waits: ThreadWaits;
	readonly mutex: Mutex;
	readonly signal: Signal;
	/** Whether a step that needed the signal may go on, be it to fail. */
	readonly ready: Ready;
	/** The side's mutex is held from here on. */
	acquired(): void;
}

export class RingNeeds implements Needs<RingNeed> {
	readonly #side: RingSide;
	/** How long to look before blocking the thread, and before sleeping in the event loop. */
	readonly #looks = new SpinBudget();
	readonly #turns = new SpinBudget();

	constructor(side: RingSide) {
		this.#side = side;
	}

	begin(need: RingNeed, goOn: () => void): Cancellable {
		const { signal, waits, ready } = this.#side;
		if (need === 'mutex') return this.#beginMutex(goOn);
		return beginWait({ signal, waits, ready, deadline: FOR_EVER, spin: this.#turns }, goOn, goOn);
	}

	#beginMutex(goOn: () => void): Cancellable {
		const acquisition = beginAcquire(this.#side.mutex, this.#side.waits, () => {
			this.#side.acquired();
			goOn();
		});
		return {
			cancel: () => {
				if (acquisition.cancel()) this.#side.acquired();
			},
		};
	}

	block(need: RingNeed): void {
		const { signal, waits, ready, mutex } = this.#side;
		if (need === 'mutex') {
			acquireSync(mutex, waits, FOR_EVER);
			this.#side.acquired();
			return;
		}
		waitUntilSync({ signal, waits, ready, deadline: FOR_EVER, spin: this.#looks });
	}
}
