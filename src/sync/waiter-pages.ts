/**
 * Where waiters' records live: pages of shared memory that belong to one thread each and are found through its
 * participant record. Nobody else allocates in them, so taking a record costs nothing shared; and a thread's records
 * vanish with it.
 *
 * Word 0 of a page's body is the reference of the thread's next page, word 1 its participant id, word 2 stays 0.
 */
import { Block } from '../memory/block.ts';
import type { Family } from '../memory/family.ts';
import { Lap } from '../memory/lap.ts';
import { BLOCK, BLOCK_KIND, PARTICIPANT, participantRecord, REFERENCE_BYTES } from '../memory/layout.ts';
import { WAITER, WAITER_STATE, WAITER_WORDS } from './waiter.ts';

const PAGE_BYTES = 4096 - BLOCK.body * 4;
const PAGE_WORDS = 1024;
const NEXT = 0;
const OWNER = 1;
const STILL = 2;

export class WaiterPages {
	readonly #family: Family;
	readonly #pages: Block[] = [];
	readonly #free: number[] = [];

	constructor(owner: Family) {
		this.#family = owner;
	}

	/** An idle record of this thread. */
	take(mode: number): number {
		if (this.#free.length === 0) this.#addPage();
		const record = this.#free.pop()!;
		this.#family.arena.store(record + WAITER.mode, mode);
		return record;
	}

	giveBack(record: number): void {
		this.#family.arena.store(record + WAITER.state, WAITER_STATE.idle);
		this.#free.push(record);
	}

	/** The address of a word of this thread's that never changes from 0. */
	get stillWord(): number {
		if (this.#pages.length === 0) this.#addPage();
		return this.#pages[0]!.firstWord + BLOCK.body + STILL;
	}

	/** A participant's records that stand in a queue. */
	*queuedOf(participant: number): IterableIterator<number> {
		for (const page of this.#pagesOf(participant)) {
			for (let record = firstRecord(page); record < page + PAGE_WORDS; record += WAITER_WORDS) {
				if (this.#family.arena.load(record + WAITER.target) !== 0) yield record;
			}
		}
	}

	/** All records of all threads whose target is this queue. */
	*recordsOf(target: number): IterableIterator<number> {
		for (const id of this.#family.participants.ids()) {
			for (const page of this.#pagesOf(id)) {
				for (let record = firstRecord(page); record < page + PAGE_WORDS; record += WAITER_WORDS) {
					if (this.#family.arena.load(record + WAITER.target) === target) yield record;
				}
			}
		}
	}

	/** Whether any number is the index of a record's first word. */
	isRecord(index: number): boolean {
		const place = index % PAGE_WORDS;
		if (place < firstRecord(0) || place % WAITER_WORDS !== 0) return false;
		return this.#family.heap.isBlock((index - place) * 4, BLOCK_KIND.waiters);
	}

	/** First words of a participant's pages. A dead participant's may have been freed already: then there are none. */
	*#pagesOf(participant: number): IterableIterator<number> {
		const { arena, heap } = this.#family;
		const lap = new Lap();
		let reference = arena.load(participantRecord(participant) + PARTICIPANT.waiters);
		while (
			reference !== 0 &&
			heap.isBlock(reference * REFERENCE_BYTES, BLOCK_KIND.waiters) &&
			!lap.isRound(reference)
		) {
			const page = (reference * REFERENCE_BYTES) / 4;
			if (arena.load(page + BLOCK.body + OWNER) !== participant) return;
			yield page;
			reference = arena.load(page + BLOCK.body + NEXT);
		}
	}

	#addPage(): void {
		const block = Block.create(PAGE_BYTES, BLOCK_KIND.waiters);
		const head = participantRecord(this.#family.me) + PARTICIPANT.waiters;
		block.words.store(BLOCK.body + OWNER, this.#family.me);
		block.words.store(BLOCK.body + NEXT, this.#family.arena.load(head));
		for (let record = firstRecord(block.firstWord); record < block.firstWord + PAGE_WORDS; record += WAITER_WORDS) {
			this.#family.arena.store(record + WAITER.participant, this.#family.me);
			this.#free.push(record);
		}
		this.#pages.push(block);
		this.#family.arena.store(head, block.reference);
	}
}

function firstRecord(page: number): number {
	return page + BLOCK.body + WAITER_WORDS;
}
