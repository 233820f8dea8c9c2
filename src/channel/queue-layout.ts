/**
 * A queue in shared memory: one block for itself, a list of segments for its items, and a block of its own for each item
 * that does not fit into a segment or has shared objects in it.
 *
 * ```
 *  word of the block
 *   15      16                 32          40           48          56           64              80
 *  +-------+------------------+-----------+------------+-----------+------------+----------------+
 *  | taken | closed, limits … | put, ends | putters    | ends      | takers     | ahead, signals |
 *  +-------+------------------+-----------+------------+-----------+------------+----------------+
 *
 *  word of a segment
 *   16     17    20                                                        16384
 *  +------+-----+-----------------------------------------------------------+
 *  | next | end | items: a header word, then bytes, padded to 4; one by one |
 *  +------+-----+-----------------------------------------------------------+
 * ```
 *
 * `put` counts the items ever put and `taken` those ever taken, wrapping at 2³²; the queue has `put − taken`. Either is
 * changed by one store, which is what commits it: who is killed before it has done nothing, afterwards everything.
 * Where the next item goes, and where the next one is taken from, is written for *both* values of the counter, the
 * present one and the next: of the two places (`ends`) the counter's last bit chooses. So nothing is ever half moved.
 *
 * `taken` is the block header's `consumed` word: what the n-th item holds it holds until n have been taken (see
 * memory/layout.ts). Segments are held so as well, by the items that are in them.
 *
 * **A `JoinableQueue`** has, behind that, two words for each participant there can be: `[who, left]`, the items that this
 * one has taken and is not done with. `ahead` is the number of the first item that was not said to be done before it was
 * taken, if that is more than `taken`. See tally.ts.
 *
 * **An item's header** is its length in bytes, or −1: then the next two words are the block it is in and its length.
 * A segment that is full says where its items `end`, and then which is the `next`; from then on nothing is added to it.
 */
import { BLOCK, PARTICIPANT_COUNT, SPAN_BYTES } from '../memory/layout.ts';
import { SIGNAL_WORDS } from '../sync/signal.ts';
import { TURNSTILE_WORDS } from '../sync/turnstile.ts';

const PUT_LINE = 32;
const TAKE_LINE = 48;
const JOIN_LINE = 64;

/** Words of a place where an item begins. */
export const END_WORDS = 3;
/** `bytes`: of all items before, wrapping at 2³². */
export const END = { segment: 0, at: 1, bytes: 2 } as const;

export const QUEUE = {
	taken: BLOCK.consumed,
	closed: BLOCK.body,
	maxItems: BLOCK.body + 1,
	maxBytes: BLOCK.body + 2,
	/** The segment of the very first item. */
	firstSegment: PUT_LINE + 7,
	put: PUT_LINE,
	putEnds: PUT_LINE + 1,
	putters: PUT_LINE + 8,
	takeEnds: TAKE_LINE,
	takers: TAKE_LINE + 8,
	ahead: JOIN_LINE,
	allDone: JOIN_LINE + 4,
	activity: JOIN_LINE + 8,
	words: JOIN_LINE + 16,
} as const;

if (
	QUEUE.putEnds + 2 * END_WORDS > QUEUE.firstSegment ||
	QUEUE.putters + TURNSTILE_WORDS > TAKE_LINE ||
	QUEUE.takeEnds + 2 * END_WORDS > QUEUE.takers ||
	QUEUE.takers + TURNSTILE_WORDS > JOIN_LINE ||
	QUEUE.activity + SIGNAL_WORDS > QUEUE.words
) {
	throw new Error('the queue layout overlaps');
}

/** Words of what a participant has left to do. */
export const COUNT = { who: 0, left: 1 } as const;
export const COUNT_WORDS = 2;
/** Words of a queue that has such counts, and where they begin. */
export const JOINABLE = { counts: QUEUE.words, words: QUEUE.words + PARTICIPANT_COUNT * COUNT_WORDS } as const;

/** Words of a segment. */
export const SEGMENT = {
	next: BLOCK.body,
	end: BLOCK.body + 1,
	items: BLOCK.body + 4,
	words: SPAN_BYTES / 4,
} as const;

/** The header of an item in a block of its own, and how many words it has in the segment. */
export const IN_PARCEL = -1;
export const PARCEL_WORDS = 3;
/** Items a queue can have, so that its counts of them stay comparable. */
export const MOST_ITEMS: number = 2 ** 30;
/** Longest item in bytes that goes into a segment. */
export const MOST_INLINE: number = 8 * 1024;
/** Longest item in bytes. */
export const MOST_ITEM_BYTES: number = 256 * 1024 * 1024;
/** Bytes a queue can be told to hold at most, so that its counts of bytes stay comparable. */
export const MOST_BYTES: number = 2 ** 31 - 1;
