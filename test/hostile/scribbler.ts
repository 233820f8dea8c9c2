/** Who overwrites shared memory: where an object's memory is, and what a hostile process might write there. */
import { END, QUEUE, SEGMENT } from '../../src/channel/queue-layout.ts';
import { family } from '../../src/memory/family.ts';
import {
	BLOCK,
	BLOCK_KIND,
	FIRST_SPAN,
	HEAD,
	PARTICIPANT_COUNT,
	participantRecord,
	REFERENCE_BYTES,
	SPAN_BYTES,
	spanEntry,
} from '../../src/memory/layout.ts';
import { type Destination, handoff, type Shareable } from '../../src/wire/handoff.ts';
import type { Random } from '../soak/random.ts';

/** Words of the segment, from the first up to the last. */
export interface Place {
	readonly first: number;
	readonly last: number;
}

/** Bytes of a block where nearly everything is that says where the rest is. */
const STATE_WORDS = 128;
const NOBODY: Destination = null;

/** Byte offsets of the blocks that an object is in. */
export function blocksOf(object: object): number[] {
	const found = new Set<number>();
	const look = (value: unknown): void => {
		if (typeof value !== 'object' || value === null) return;
		if (handoff in value) look((value as Shareable)[handoff](NOBODY).data);
		else if ('offset' in value && 'generation' in value) found.add(value.offset as number);
		else for (const part of Object.values(value)) look(part);
	};
	look(object);
	return [...found];
}

/** An object's own memory: what is behind its blocks' headers, and of a queue the items. */
export function placesOf(object: object): Place[] {
	const { arena } = family();
	return blocksOf(object).flatMap((offset) => {
		const first = offset / 4;
		const last = first + arena.load(first + BLOCK.words) - 1;
		const body = { first: first + BLOCK.consumed, last };
		const state = { first: first + BLOCK.consumed, last: Math.min(last, first + STATE_WORDS) };
		const isQueue = arena.load(first + BLOCK.kind) === BLOCK_KIND.queue;
		return [state, state, state, body, ...(isQueue ? segmentsOf(first) : [])];
	});
}

/** The segments that a queue puts into and takes from. */
function segmentsOf(queue: number): Place[] {
	const { arena } = family();
	const references = [QUEUE.putEnds, QUEUE.takeEnds].map((ends) => arena.load(queue + ends + END.segment));
	return references.flatMap((reference) => {
		const first = (reference * REFERENCE_BYTES) / 4;
		return reference > 0 ? [{ first: first + SEGMENT.next, last: first + STATE_WORDS }] : [];
	});
}

/** What the family keeps about itself: the head, the tables, headers of blocks, the records of those who wait. */
export function bookkeeping(): Place[] {
	const { arena } = family();
	const spans = Math.max(FIRST_SPAN + 1, Math.min(arena.load(HEAD.spansUsed), FIRST_SPAN + 100));
	const used = { first: (FIRST_SPAN * SPAN_BYTES) / 4, last: (spans * SPAN_BYTES) / 4 - 1 };
	return [
		{ first: 0, last: 63 },
		{ first: spanEntry(FIRST_SPAN), last: spanEntry(spans + 2) - 1 },
		{ first: participantRecord(0), last: participantRecord(8) - 1 },
		{ first: participantRecord(0), last: participantRecord(PARTICIPANT_COUNT - 1) },
		...blocksOfKind(BLOCK_KIND.waiters),
		...blocksOfKind(BLOCK_KIND.holders),
		...blocksOfKind(BLOCK_KIND.mutex).map(({ first }) => ({ first, last: first + BLOCK.body })),
		...blocksOfKind(BLOCK_KIND.queue).map(({ first }) => ({ first, last: first + BLOCK.body })),
		used,
	];
}

function blocksOfKind(kind: number): Place[] {
	const blocks = [...family().heap.smallBlocks(kind)].slice(0, 8);
	return blocks.map((offset) => ({ first: offset / 4, last: offset / 4 + 1023 }));
}

/** What a word might be overwritten with. */
function hostileWord(random: Random, old: number): number {
	switch (random.below(10)) {
		case 0:
			return random.below(2 ** 32) | 0;
		case 1:
			return random.below(9);
		case 2:
			return -1 - random.below(9);
		case 3:
			return 2 ** 31 - 1 - random.below(4);
		case 4:
			return -(2 ** 31) + random.below(4);
		case 5:
			return old ^ (1 << random.below(32));
		case 6:
			return (old + random.below(9) - 4) | 0;
		case 7:
			return family().me;
		case 8:
			return (FIRST_SPAN * SPAN_BYTES) / REFERENCE_BYTES + random.below(20_000); // some block, by its reference
		default:
			return (FIRST_SPAN * SPAN_BYTES) / 4 + random.below(20) * 16; // some record, or page, by its word
	}
}

/** Overwrites a few words of some places, or many in a row. */
export function scribble(random: Random, places: readonly Place[]): void {
	const { arena } = family();
	if (places.length === 0) return;
	for (let left = 1 + random.below(8); left > 0; left--) {
		const { first, last } = places[random.below(places.length)]!;
		const at = first + random.below(last - first + 1);
		const many = random.below(12) === 0 ? random.below(64) : 0;
		for (let word = at; word <= Math.min(last, at + many); word++) {
			arena.store(word, hostileWord(random, arena.load(word)));
		}
	}
}
