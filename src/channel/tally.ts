/**
 * Who has taken how many items of a queue and is not done with them: a count for each participant, in an entry that is
 * its own, as the participant's record is (memory/participants.ts). All is done when the queue is empty and nobody alive
 * has anything left; so the count of somebody who died is void without anybody having to lower it.
 *
 * - **Taking**: one's own count is raised *before* the store that commits the take (segmented-queue.ts). Who is killed in
 *   between has a count too many, and is dead. Nobody sees an item that is neither in the queue nor counted.
 * - **Done** lowers one's own count: one operation. Who has none left speaks of somebody else's item, as Python allows.
 *   With the takers' guard held, so that nothing is taken meanwhile, that is charged to somebody alive who has one; else to
 *   somebody dead, whose item counts as done anyhow; else to the next item in the queue, done before it is taken: `ahead`
 *   is the number of the first that is not. When there is none either, it is once too often.
 * - **Looking** is done without a guard. Once the queue was seen empty, counts can only fall, until something is put. So
 *   if they all were 0, one after another, and nothing has been put since, they were all 0 at the end.
 *
 * It does not know how one waits for the last of them (done-count.ts).
 */
import { corrupted } from '../memory/corrupted.ts';
import type { Words } from '../memory/words.ts';
import { COUNT, COUNT_WORDS, MOST_ITEMS, QUEUE } from './queue-layout.ts';
import type { Takings } from './segmented-queue.ts';

/** What the counting needs of the family; the model has its own. */
export interface TallyWorld {
	/** The participant that performs the operations. */
	readonly me: number;
	/** Certain and slow. */
	isAlive(participant: number): boolean;
	/** From memory alone: one that was killed a moment ago still is. */
	isKnown(participant: number): boolean;
	/** Entries there are: one for each participant there can be at the same time. */
	readonly slots: number;
	/** No participant has had an entry from this one on. */
	readonly usedSlots: number;
}

export class Tally implements Takings {
	readonly #words: Words;
	readonly #counts: number;
	readonly #world: TallyWorld;

	/**
	 * @param words of the queue's block
	 * @param counts the word where the entries begin
	 */
	constructor(words: Words, counts: number, world: TallyWorld) {
		this.#words = words;
		this.#counts = counts;
		this.#world = world;
	}

	taking(item: number): void {
		const ahead = (this.#words.load(QUEUE.ahead) - item) | 0;
		if (ahead > 0) return;
		// Far behind it would soon be far ahead, for counters wrap.
		if (ahead < -MOST_ITEMS) this.#words.store(QUEUE.ahead, item);
		const { me } = this.#world;
		const mine = this.#entry(me);
		if (this.#words.load(mine + COUNT.who) !== me) {
			this.#words.store(mine + COUNT.left, 0); // what somebody left who had the entry before, and died
			this.#words.store(mine + COUNT.who, me);
		}
		this.#words.add(mine + COUNT.left, 1);
	}

	/** This thread is done with an item that it has taken. False: it has none. */
	finishOwn(): boolean {
		const { me } = this.#world;
		const mine = this.#entry(me);
		return this.#words.load(mine + COUNT.who) === me && this.#lower(mine);
	}

	/** Somebody's item is done, who is not known. With the takers' guard held. False: all that were put are. */
	finishOther(): boolean {
		const dead: number[] = [];
		for (let slot = 0; slot < this.#world.usedSlots; slot++) {
			const entry = this.#entry(slot);
			if (this.#left(entry) === 0) continue;
			if (!this.#world.isAlive(this.#words.load(entry + COUNT.who))) dead.push(entry);
			else if (this.#lower(entry)) return true;
		}
		return dead.some((entry) => this.#lower(entry)) || this.#finishAhead();
	}

	#finishAhead(): boolean {
		const next = this.#firstUndone();
		if (next === this.#words.load(QUEUE.put)) return false;
		this.#words.store(QUEUE.ahead, (next + 1) | 0);
		return true;
	}

	/** Whether all that were put are done. `thorough`: also if somebody with an item has been killed a moment ago. */
	isAllDone(thorough: boolean): boolean {
		// The one put last: what is put in between counts, what is taken in between does not.
		const next = this.#firstUndone();
		const put = this.#words.load(QUEUE.put);
		const waiting = (put - next) | 0;
		if (waiting < 0 || waiting > MOST_ITEMS) throw corrupted('This queue');
		if (waiting > 0) return false;
		for (let slot = 0; slot < this.#world.usedSlots; slot++) {
			const entry = this.#entry(slot);
			if (this.#left(entry) > 0 && this.#isAlive(this.#words.load(entry + COUNT.who), thorough)) return false;
		}
		return this.#words.load(QUEUE.put) === put;
	}

	/** Number of the first item that is in the queue and not done. */
	#firstUndone(): number {
		const taken = this.#words.load(QUEUE.taken);
		const ahead = this.#words.load(QUEUE.ahead);
		return ((ahead - taken) | 0) > 0 ? ahead : taken;
	}
	/** First word of the entry of a participant, or of a slot. */
	#entry(participant: number): number {
		return this.#counts + (participant % this.#world.slots) * COUNT_WORDS;
	}

	/** Items that its participant has taken and is not done with. */
	#left(entry: number): number {
		const left = this.#words.load(entry + COUNT.left);
		if (left >= 0 && left <= MOST_ITEMS) return left;
		throw corrupted('This queue');
	}

	/** False: there is nothing left. */
	#lower(entry: number): boolean {
		for (let left = this.#left(entry); left > 0; left = this.#left(entry)) {
			if (this.#words.compareExchange(entry + COUNT.left, left, left - 1) === left) return true;
		}
		return false;
	}

	#isAlive(participant: number, thorough: boolean): boolean {
		return thorough ? this.#world.isAlive(participant) : this.#world.isKnown(participant);
	}
}
