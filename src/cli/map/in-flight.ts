/** The items that a pool has been given and that nothing has come of yet, by the numbers that the pool knows them by. */
import type { Item } from './input.ts';

/** What a pool says about an item that has failed. */
interface Blamed {
	readonly index?: unknown;
	readonly failure?: unknown;
}

export class InFlight {
	readonly #items = new Map<number, Item>();
	#given = 0;
	#next = 0;
	/** The error of the item before. */
	#blamed: { readonly error: unknown; readonly number: number } | undefined;

	/** The number of an item that the pool is given now. */
	give(item: Item): number {
		this.#items.set(this.#given, item);
		return this.#given++;
	}

	/** Something has come of the item with that number; by default of the one whose turn it is. */
	take(number: number = this.#next): Item {
		const item = this.#items.get(number)!;
		this.#items.delete(number);
		this.#next = number + 1;
		return item;
	}

	/**
	 * The item that has failed, if results do not come in order. Items that were lost together, because their worker died,
	 * come one after the other with the same error, which knows the first of them.
	 */
	takeBlamed(error: unknown): Item {
		const isNext = this.#blamed?.error === error;
		const number = isNext ? this.#blamed!.number + 1 : ((error as Blamed).index as number);
		this.#blamed = { error, number };
		return this.take(number);
	}

	/** "item 3" as the pool counts them, as the input does. */
	translate(message: string): string {
		const shift = this.#shift();
		return message.replace(/, items? (?<first>\d+)(?: to (?<last>\d+))?/, (_, first: string, last?: string) =>
			last === undefined ? '' : ` (one of items ${Number(first) + shift} to ${Number(last) + shift})`,
		);
	}

	/** Of a run that was resumed the pool knows only the rest. */
	#shift(): number {
		const [first] = this.#items;
		return first === undefined ? 0 : first[1].index - first[0];
	}
}
