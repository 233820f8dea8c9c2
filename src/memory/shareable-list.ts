/** A list of numbers, text and bytes in named shared memory, which is the same list to Python. */
import { inspect } from 'node:util';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import type { ListItem } from './list-items.ts';
import type { SharedMemory } from './shared-memory.ts';
import { type ShareableListOptions, StoredList } from './stored-list.ts';

const KIND = 'ShareableList';

/**
 * A list of numbers, booleans, text, bytes and nulls that any program on this machine can attach to by name, also one in
 * Python. Its length is fixed, and so is the room that each item has (text and bytes: theirs, rounded up to a multiple of
 * 8). Integers have 64 bits and are read as number where that is exact, as bigint otherwise.
 *
 * @example
 * ```js
 * const list = new mp.ShareableList(['name', 42, 2.5, true, null, Buffer.from('raw')]);
 * list.set(1, list.at(1) + 1);
 * const same = new mp.ShareableList(undefined, { name: list.shm.name });
 * list.shm.close();
 * list.shm.unlink();
 * ```
 */
export class ShareableList implements Shareable, Iterable<ListItem> {
	/** The memory it is in: to close it, to unlink it, and for its name. */
	readonly shm: SharedMemory;
	readonly #list: StoredList;

	/**
	 * A new list of these items; without them, but with a name, the list of that name.
	 *
	 * @throws TypeError for an item of another type
	 * @throws RangeError for an integer of more than 64 bits, or a bad name
	 * @throws ProcessError as `SharedMemory`
	 */
	constructor(sequence?: Iterable<ListItem> | null, options: ShareableListOptions = {}) {
		this.#list = new StoredList(sequence, options);
		this.shm = this.#list.shm;
	}

	get length(): number {
		return this.#list.length;
	}

	/** One item; negative indices count from the end. `RangeError` beyond. */
	at(index: number): ListItem {
		return this.#list.at(index);
	}

	/**
	 * Puts an item in the place of another, of whatever type.
	 *
	 * @throws RangeError when there is no such place, or the item does not fit
	 */
	set(index: number, item: ListItem): void {
		this.#list.set(index, item);
	}

	/** How many items equal `item`. */
	count(item: ListItem): number {
		return this.#list.count(item);
	}

	/** Where the first item that equals `item` is. `RangeError` if there is none, as in Python. */
	index(item: ListItem): number {
		return this.#list.index(item);
	}

	/** The items' formats as Python's `struct` writes them, all in one. */
	get format(): string {
		return this.#list.format;
	}

	[Symbol.iterator](): Iterator<ListItem> {
		return this.#list[Symbol.iterator]();
	}

	/** Closes its memory in this process. */
	[Symbol.dispose](): void {
		this.shm.close();
	}

	[handoff](_destination: Destination): SharedReference {
		return { kind: KIND, data: this.shm.name };
	}

	[inspect.custom](): string {
		const items = this.shm.isOpen ? inspect([...this]) : 'closed';
		return `ShareableList(${items}, name='${this.shm.name}')`;
	}
}

registerShared<string>(KIND, (name) => new ShareableList(undefined, { name }));
