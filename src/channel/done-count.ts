/** Waiting until all items of a queue are done, as its tally says. */
import { breather } from '../base/breather.ts';
import { Deadline, type WaitOptions } from '../base/deadline.ts';
import { type Family, family } from '../memory/family.ts';
import { PARTICIPANT_COUNT } from '../memory/layout.ts';
import type { Words } from '../memory/words.ts';
import type { Signal } from '../sync/signal.ts';
import type { ThreadWaits } from '../sync/thread-waits.ts';
import type { Turnstile } from '../sync/turnstile.ts';
import { SpinBudget, type Wait, waitUntil, waitUntilSync } from '../sync/waiting.ts';
import { JOINABLE } from './queue-layout.ts';
import { Tally, type TallyWorld } from './tally.ts';

/** The tally of a queue of this thread's family, in the queue's words. */
export function tallyOf(words: Words): Tally {
	return new Tally(words, JOINABLE.counts, tallyWorld(family()));
}

function tallyWorld(owner: Family): TallyWorld {
	return {
		get me() {
			return owner.me;
		},
		isAlive: (participant) => owner.isAlive(participant),
		isKnown: (participant) => !owner.participants.hasEnded(participant),
		slots: PARTICIPANT_COUNT,
		get usedSlots() {
			return owner.participants.usedSlots;
		},
	};
}

export class DoneCount {
	readonly #tally: Tally;
	readonly #takers: Turnstile;
	readonly #allDone: Signal;
	readonly #waits: ThreadWaits;
	readonly #spin = new SpinBudget();

	/** @param takers the turnstile of those who take, without whom nothing is taken */
	constructor(tally: Tally, takers: Turnstile, allDone: Signal, waits: ThreadWaits) {
		this.#tally = tally;
		this.#takers = takers;
		this.#allDone = allDone;
		this.#waits = waits;
	}

	/** One more is done. False: all that were put are. */
	add(): boolean {
		if (!this.#tally.finishOwn() && !this.#takers.exclusively(() => this.#tally.finishOther())) return false;
		if (this.#tally.isAllDone(false)) this.#allDone.notifyAll();
		return true;
	}

	/** Until all are. False: the deadline came first. */
	async all(options: WaitOptions | undefined, call: string): Promise<boolean> {
		const deadline = Deadline.from(options, call);
		deadline.signal?.throwIfAborted();
		if (this.#tally.isAllDone(deadline.expired)) {
			await breather.breathe();
			return true;
		}
		return deadline.expired ? false : waitUntil(this.#wait(deadline));
	}

	/** As `all`, blocking this thread. */
	allSync(options: WaitOptions | undefined, call: string): boolean {
		return waitUntilSync(this.#wait(Deadline.from(options, call)));
	}

	#wait(deadline: Deadline): Wait {
		const ready = (thorough: boolean): boolean => this.#tally.isAllDone(thorough);
		return { signal: this.#allDone, waits: this.#waits, deadline, ready, spin: this.#spin };
	}
}
