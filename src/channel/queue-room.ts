/** What may pass the two turnstiles of a queue now: what its limits leave room for, and the items there are. */
import type { Words } from '../memory/words.ts';
import type { Room } from '../sync/turnstile.ts';
import { QUEUE } from './queue-layout.ts';
import type { QueueLimits } from './queue-limits.ts';

/** What is in the queue. */
interface Stock {
	readonly size: number;
	readonly bytes: number;
}

const EVERYBODY: Room = { admits: () => true };

export class QueueRoom {
	readonly #words: Words;
	readonly #items: Stock;
	readonly #limits: QueueLimits;

	/** @param words of the queue's block */
	constructor(words: Words, items: Stock, limits: QueueLimits) {
		this.#words = words;
		this.#items = items;
		this.#limits = limits;
	}

	get isClosed(): boolean {
		return this.#words.load(QUEUE.closed) === 1;
	}

	/** Whether there is room for another item of so many bytes. */
	leaves(bytes: number): boolean {
		const { maxItems, maxBytes } = this.#limits;
		if (maxItems > 0 && this.#items.size >= maxItems) return false;
		return maxBytes === 0 || this.#items.bytes + bytes <= maxBytes;
	}

	/** For items: each needs its bytes. */
	forItems(): Room {
		const size = this.#sizeIfSound();
		if (this.isClosed || size === undefined) return EVERYBODY;
		const { maxItems, maxBytes } = this.#limits;
		let items = maxItems === 0 ? Number.POSITIVE_INFINITY : maxItems - size;
		let bytes = maxBytes === 0 ? Number.POSITIVE_INFINITY : maxBytes - this.#items.bytes;
		return {
			admits(need) {
				items--;
				bytes -= need;
				return items >= 0 && bytes >= 0;
			},
		};
	}

	/** For those who take: each needs an item. */
	forTakers(): Room {
		const size = this.#sizeIfSound();
		if (this.isClosed || size === undefined) return EVERYBODY;
		let items = size;
		return { admits: () => items-- > 0 };
	}

	/** Of a damaged queue undefined: who waits is to look, and gets the error. */
	#sizeIfSound(): number | undefined {
		try {
			return this.#items.size;
		} catch {
			return undefined;
		}
	}
}
