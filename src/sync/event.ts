/** A flag shared by processes that they can wait for. */
import { inspect } from 'node:util';
import { breather } from '../base/breather.ts';
import { Deadline, type WaitOptions } from '../base/deadline.ts';
import { Block } from '../memory/block.ts';
import type { BlockReference } from '../memory/heap.ts';
import { BLOCK, BLOCK_KIND } from '../memory/layout.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { FLAG_WORDS, Flag } from './flag.ts';
import { threadWaits } from './thread-waits.ts';
import { type Waitable, type WaitTarget, waitable } from './waitable.ts';
import { SpinBudget, type Wait, waitUntil, waitUntilSync } from './waiting.ts';

const KIND = 'Event';

/**
 * An event shared by processes: not set at first; `set` releases everybody who waits at that moment, even if `clear`
 * follows at once.
 *
 * @example
 * ```js
 * const ready = new mp.Event();
 * const child = new mp.Process({ target: serve, args: [ready] }); // calls ready.set()
 * await child.start();
 * if (!(await ready.wait(5000))) console.error('not ready after five seconds');
 * ```
 */
export class Event implements Shareable, Waitable {
	readonly #block: Block;
	readonly #flag: Flag;
	readonly #spin = new SpinBudget();

	/** Takes no arguments; what arrives from another process is passed here by the library. */
	constructor(...arrived: never[]) {
		const given: unknown = arrived[0];
		this.#block = given instanceof Block ? given : Block.create(FLAG_WORDS * 4, BLOCK_KIND.event);
		const { words, firstWord, family } = this.#block;
		this.#flag = new Flag(words, BLOCK.body, firstWord + BLOCK.body, family.arena, threadWaits());
	}

	/** Whether it is set at this moment. */
	isSet(): boolean {
		return this.#flag.isSet();
	}

	/** Sets it and releases everybody who waits. Does nothing if it is set. */
	set(): void {
		this.#flag.set();
	}

	/** From now on whoever waits does so until the next `set`. */
	clear(): void {
		this.#flag.clear();
	}

	/**
	 * Waits until it is set, or has been.
	 *
	 * @returns false when `timeout` milliseconds passed first
	 * @throws the signal's reason when it is aborted
	 */
	async wait(timeout?: WaitOptions): Promise<boolean> {
		const deadline = Deadline.from(timeout, 'Event.wait');
		deadline.signal?.throwIfAborted();
		if (this.#flag.isSet()) {
			await breather.breathe();
			return true;
		}
		return deadline.expired ? false : waitUntil(this.#wait(deadline));
	}

	/** As `wait`, blocking this thread. */
	waitSync(timeout?: WaitOptions): boolean {
		const deadline = Deadline.from(timeout, 'Event.waitSync');
		return this.#flag.isSet() || waitUntilSync(this.#wait(deadline));
	}

	#wait(deadline: Deadline): Wait {
		const { signal, ready } = this[waitable]();
		return { signal: signal!, ready, deadline, waits: threadWaits(), spin: this.#spin };
	}

	[waitable](): WaitTarget {
		const turns = this.#flag.turns();
		return { signal: this.#flag.signal, ready: () => this.#flag.hasBeenSet(turns) };
	}

	[handoff](destination: Destination): SharedReference {
		this.#block.holdFor(destination);
		return { kind: KIND, data: this.#block.toReference() };
	}

	[inspect.custom](): string {
		return `<Event ${this.isSet() ? 'set' : 'unset'}>`;
	}
}

registerShared<BlockReference>(
	KIND,
	(reference) => new Event(Block.attach(reference, KIND, BLOCK_KIND.event, FLAG_WORDS * 4) as never),
	Event,
);
