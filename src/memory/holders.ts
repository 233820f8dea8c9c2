/**
 * Who holds a shared object: a short list of pairs `[who, sequence]` in shared memory. The list is the truth, not a
 * count: a process that is killed cannot leave it wrong, because an entry whose holder is gone is simply void, and
 * whoever looks may strike it out. A holder is
 *
 * - a participant: `who` is its id;
 * - a message on its way: `who` is −(reference of the channel's block), `sequence` the message's number there. It holds
 *   until the channel has delivered that message; the receiver holds the object itself before it says so.
 *
 * An entry is claimed by writing one's own id over a 0, so that a process killed in the middle leaves only an entry of
 * its own. Five entries are inline; further ones are in a chain of extension blocks, the same shape. A link that leads
 * to no extension of this list was overwritten: the list ends there, and is continued there when it has to grow.
 */
import { corrupted } from './corrupted.ts';
import { Lap } from './lap.ts';
import type { Words } from './words.ts';

const ENTRY_WORDS = 2;

/** What a list needs to know of the world around it. */
export interface HolderWorld {
	/** The participant that performs the operations. */
	readonly me: number;
	/** Whether a participant is known and has not ended: from memory alone, so one just killed may still be. */
	knows(who: number): boolean;
	/** Whether an entry still counts. Certain, and slow. */
	holds(who: number, sequence: number): boolean;
	/** A zeroed area of `2 × entries + 1` words for more entries of the list that begins at a word; its word index. */
	extend(list: number): number;
	/** Whether a word index is that of such an area of this list. */
	isExtension(area: number, list: number): boolean;
}

/** More entries than this are not found in vain: who else takes them does so as quickly as they are made. */
const MOST_TRIES = 100;

/** Entries in an extension. */
export const EXTENSION_HOLDERS = 55;

export class HolderList {
	readonly #words: Words;
	readonly #first: number;
	readonly #inline: number;
	readonly #world: HolderWorld;

	/** A list of `inline` entries beginning at word `first`, followed by the link to the next extension. */
	constructor(words: Words, first: number, inline: number, world: HolderWorld) {
		this.#words = words;
		this.#first = first;
		this.#inline = inline;
		this.#world = world;
	}

	/** Puts a holder on the list; a participant that is there already is not added twice. */
	add(who: number, sequence: number = 0): void {
		if (who > 0 && this.has(who)) return;
		const entry = this.#claim();
		this.#words.store(entry + 1, sequence);
		if (who !== this.#world.me) this.#words.store(entry, who);
	}

	/** Takes a participant off the list. */
	remove(who: number): void {
		for (const entry of this.#entries()) {
			if (this.#words.load(entry) === who) this.#words.compareExchange(entry, who, 0);
		}
	}

	/** From now on the message of `who`, which has one on the list, is another one. */
	change(who: number, sequence: number): void {
		for (const entry of this.#entries()) if (this.#words.load(entry) === who) this.#words.store(entry + 1, sequence);
	}

	has(who: number): boolean {
		return this.some((other) => other === who);
	}

	/** Whether `test` is true of any entry, void or not. */
	some(test: (who: number) => boolean): boolean {
		for (const entry of this.#entries()) {
			const who = this.#words.load(entry);
			if (who !== 0 && test(who)) return true;
		}
		return false;
	}

	/** Whether anybody holds it. Strikes out entries that no longer count. */
	isHeld(): boolean {
		let held = false;
		for (const entry of this.#entries()) {
			const who = this.#words.load(entry);
			if (who !== 0 && !this.#strikeOut(entry, who)) held = true;
		}
		return held;
	}

	/** A quick look: false only if nobody holds it. Somebody killed a moment ago, or a message, may still count. */
	mayBeHeld(): boolean {
		for (let i = 0, entry = this.#first; i < this.#inline; i++, entry += ENTRY_WORDS) {
			if (this.#mayCount(this.#words.load(entry))) return true;
		}
		for (const entry of this.#entries()) if (this.#mayCount(this.#words.load(entry))) return true;
		return false;
	}

	#mayCount(who: number): boolean {
		return who < 0 || (who > 0 && this.#world.knows(who));
	}

	/** Word indices of the extensions, for whoever frees the object. */
	*extensions(): IterableIterator<number> {
		const lap = new Lap();
		let next = this.#words.load(this.#first + this.#inline * ENTRY_WORDS);
		while (this.#isExtension(next) && !lap.isRound(next)) {
			yield next;
			next = this.#words.load(next + EXTENSION_HOLDERS * ENTRY_WORDS);
		}
	}

	#isExtension(area: number): boolean {
		return area !== 0 && this.#world.isExtension(area, this.#first);
	}

	/**
	 * Void entries are taken over before they are struck out: between the look and the strike the same channel may have
	 * put another message in the same place.
	 */
	#strikeOut(entry: number, who: number): boolean {
		if (this.#world.holds(who, this.#words.load(entry + 1))) return false;
		if (who === this.#world.me || this.#words.compareExchange(entry, who, this.#world.me) !== who) return false;
		const stillVoid = !this.#world.holds(who, this.#words.load(entry + 1));
		this.#words.store(entry, stillVoid ? 0 : who);
		return stillVoid;
	}

	#claim(): number {
		for (let tries = 0; tries < MOST_TRIES; tries++) {
			for (const entry of this.#entries()) {
				if (!this.#isFree(entry)) continue;
				if (this.#words.compareExchange(entry, 0, this.#world.me) === 0) return entry;
			}
			this.#grow();
		}
		throw corrupted('A shared object');
	}

	/** Also an entry of a message that has been delivered: what is sent with every message would fill its list with them. */
	#isFree(entry: number): boolean {
		const who = this.#words.load(entry);
		return who === 0 || (who < 0 && this.#strikeOut(entry, who));
	}

	#grow(): void {
		const area = this.#world.extend(this.#first);
		const lap = new Lap();
		let link = this.#first + this.#inline * ENTRY_WORDS;
		for (;;) {
			const next = this.#words.compareExchange(link, 0, area);
			if (next === 0) return;
			if (!this.#isExtension(next) || lap.isRound(next)) {
				this.#words.compareExchange(link, next, area);
				return;
			}
			link = next + EXTENSION_HOLDERS * ENTRY_WORDS;
		}
	}

	*#entries(): IterableIterator<number> {
		for (let i = 0; i < this.#inline; i++) yield this.#first + i * ENTRY_WORDS;
		for (const area of this.extensions()) {
			for (let i = 0; i < EXTENSION_HOLDERS; i++) yield area + i * ENTRY_WORDS;
		}
	}
}
