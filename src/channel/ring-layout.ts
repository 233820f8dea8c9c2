/**
 * One direction of a pipe: a ring of bytes in shared memory, with the state of its two sides.
 *
 * ```
 *  word of the block
 *   15            32          48          64                 96                  128
 *  +------+-----+-----------+-----------+------------------+-------------------+-----------------------+
 *  | tail | …   | head, …   | writers   | readers          | signals           | capacity bytes        |
 *  +------+-----+-----------+-----------+------------------+-------------------+-----------------------+
 * ```
 *
 * `head` counts the bytes ever written and `tail` the bytes ever read, in units of 4 bytes, wrapping at 2³²; the ring
 * holds `head − tail`. `tail` is the block header's `consumed` word, which is what ends the hold that a message has on
 * the shared objects in it (see memory/layout.ts).
 *
 * **A message** is a header word, its length in bytes, then its bytes, padded to 4. One that fits is published by one
 * store to `head`; so a writer killed before it leaves nothing, and a reader killed before its store to `tail` leaves
 * the message to the next.
 *
 * **A message larger than the ring** is streamed: `streaming` is 1 while it is being written. A writer that finds the
 * write mutex's owner dead and `streaming` still 1 (or that gives up half-way; or a reader that waits in vain) writes `cutAt` = head and `cut` = 1: the
 * reader drops the message if it is not complete at that place. A reader that finds the read mutex's owner dead skips to
 * `messageEnd`, which is where the message ends that was being read, if it has not got there yet.
 *
 * `head` and `tail` are on different cache lines: each is written by one side only.
 */
import { BLOCK } from '../memory/layout.ts';
import { MUTEX_WORDS } from '../sync/mutex.ts';
import { SIGNAL_WORDS } from '../sync/signal.ts';

const WRITER_LINE = 32;
const READER_LINE = 48;
const HOLDERS_LINE = 64;
const HOLDER_LIST_WORDS = 12;
const SIGNAL_LINE = 96;

export const RING = {
	tail: BLOCK.consumed,
	head: WRITER_LINE,
	streaming: WRITER_LINE + 1,
	cut: WRITER_LINE + 2,
	cutAt: WRITER_LINE + 3,
	writeMutex: WRITER_LINE + 4,
	messageEnd: READER_LINE,
	reading: READER_LINE + 1,
	readMutex: READER_LINE + 4,
	writers: HOLDERS_LINE,
	readers: HOLDERS_LINE + HOLDER_LIST_WORDS,
	dataSignal: SIGNAL_LINE,
	roomSignal: SIGNAL_LINE + 16,
	data: 128,
} as const;

if (RING.writeMutex + MUTEX_WORDS > READER_LINE || RING.dataSignal + SIGNAL_WORDS > RING.roomSignal) {
	throw new Error('the ring layout overlaps');
}

/** Bytes a ring holds; a power of two. */
export const RING_CAPACITY: number = 128 * 1024;
/** Longest message in bytes: positions stay comparable. */
export const MAX_MESSAGE_BYTES: number = 2 ** 31 - 1;
export const HEADER_BYTES = 4;

/** Bytes a message of `length` takes in the ring. */
export function frameBytes(length: number): number {
	return HEADER_BYTES + ((length + 3) & ~3);
}
