/**
 * Where everything is in the family's segment. Offsets are 32-bit words unless a name says bytes. This file is the
 * format: two processes of a family run the same copy of it, which `LAYOUT_VERSION` makes certain.
 *
 * ```
 *  byte 0          4 KiB        1028 KiB             1540 KiB            2 MiB                             4 GiB
 *  +---------------+------------+--------------------+-------------------+---------------------------------+
 *  | segment head  | span table | participant table  | ids of named      | spans of 64 KiB: the heap       |
 *  |               |            |                    | memory, 64 bits   |                                 |
 *  +---------------+------------+--------------------+-------------------+---------------------------------+
 * ```
 *
 * **Span table**: four words a span, `[owner, kind, used, –]`. A free span is all zeros. A process takes one by writing
 * its participant id over a 0 in `owner`, then says in `kind` what it is. Killed in between, it leaves an owner who is
 * dead and no kind: free. `used` is how many small blocks are in use (a hint, made exact by a sweep), or how many spans
 * a large block has.
 *
 * **Blocks** are what is allocated: at least 128 bytes, in small ones many to a span, from 64 KiB on a run of spans.
 * Every block starts with a header of 16 words; what follows belongs to the object.
 *
 * ```
 *  word  0      1     2         3           4 … 13                          14         15
 *      +-------+-----+---------+-----------+-------------------------------+----------+----------+
 *      | claim | kind| words   | generation| five holders: [who, sequence] | overflow | consumed |
 *      +-------+-----+---------+-----------+-------------------------------+----------+----------+
 * ```
 *
 * - `claim`: 0 free; N > 0 participant N is building or freeing it (N dead: it is free); −1 in use.
 * - `generation` is given out once per allocation, so that an old reference is recognised.
 * - a holder is a participant (`who` > 0), or a message that has not been received yet (`who` = −(byte offset of the
 *   channel's block / 64), `sequence` = which message). See holders.ts.
 * - `consumed`: of a channel, how many messages have been received: what makes a message's hold end by itself. Of an
 *   extension of a list of holders, the first word of that list.
 */

export const LAYOUT_MAGIC = 0x706f6c79; // "poly"
export const LAYOUT_VERSION = 5;

/** Address space of the family's segment, in bytes. Only touched pages are memory. */
export const SEGMENT_BYTES: number = 4 * 1024 ** 3;

/** Words of the segment head. */
export const HEAD = {
	magic: 0,
	version: 1,
	nextParticipant: 2,
	nextGeneration: 3,
	spansUsed: 4,
	custodian: 5,
	namedUsed: 6,
	/** How many waits there have been. */
	waits: 7,
	/** The family's fork server, see fork-server-notice.ts: who is starting one, how often one was, its address. */
	serverClaim: 32,
	serverGeneration: 33,
	serverAddress: 34,
} as const;
/** Words. */
export const SERVER_ADDRESS_WORDS = 24;

export const SPAN_BYTES: number = 64 * 1024;
export const SPAN_COUNT: number = SEGMENT_BYTES / SPAN_BYTES;
/** The first span of the heap; the ones before hold the tables. */
export const FIRST_SPAN = 32;
const SPAN_TABLE = 1024;
/** First word of the entry of span `n`. */
export function spanEntry(span: number): number {
	return SPAN_TABLE + span * 4;
}
/** Words of a span's entry. */
export const SPAN = { owner: 0, kind: 1, used: 2 } as const;

/** What a span is: `SMALL + class` for small blocks, `LARGE_HEAD` for the first of a run, `LARGE_TAIL` for the rest. */
export const SPAN_KIND = { none: 0, largeHead: 1, largeTail: 2, small: 16 } as const;

/** Participants there can be at the same time: JS threads of all processes of the family. */
export const PARTICIPANT_COUNT = 4096;
const PARTICIPANT_TABLE: number = (4 + 1024) * 256;
const PARTICIPANT_WORDS = 32;
/** First word of the record that participant `id` has or had. */
export function participantRecord(id: number): number {
	return PARTICIPANT_TABLE + (id % PARTICIPANT_COUNT) * PARTICIPANT_WORDS;
}

/** Byte offset of the ids of named memory that this family has to remove in the end; 0 where there is none. */
export const NAMED_TABLE: number = (PARTICIPANT_TABLE + PARTICIPANT_COUNT * PARTICIPANT_WORDS) * 4;
/** Ids there is room for. */
export const NAMED_COUNT: number = (FIRST_SPAN * SPAN_BYTES - NAMED_TABLE) / 8;

/** Words of a participant record. `name` is UTF-8, zero-padded, up to the end of the record. */
export const PARTICIPANT = {
	id: 0,
	state: 1,
	pid: 2,
	tid: 3,
	startTimeLow: 4,
	startTimeHigh: 5,
	parent: 6,
	/** 1 while the thread sleeps in its event loop and wants to be rung; see sync/thread-waits.ts. */
	bellArmed: 7,
	bellNumber: 8,
	/** Byte offset / 64 of its first block of waiter records. */
	waiters: 9,
	nameLength: 10,
	name: 11,
} as const;
export const PARTICIPANT_NAME_BYTES: number = (PARTICIPANT_WORDS - PARTICIPANT.name) * 4;

/** States of a participant. */
export const PARTICIPANT_STATE = { starting: 1, running: 2, ended: 3 } as const;

/** Words of a block header. */
export const BLOCK = {
	claim: 0,
	kind: 1,
	words: 2,
	generation: 3,
	holders: 4,
	overflow: 14,
	consumed: 15,
	/** Where the object's own words begin. */
	body: 16,
} as const;
export const INLINE_HOLDERS = 5;

export const CLAIM = { free: 0, inUse: -1 } as const;

/** What a block is, for whoever walks the heap. */
export const BLOCK_KIND = {
	holders: 1,
	waiters: 2,
	mutex: 3,
	pipe: 4,
	descriptor: 5,
	value: 6,
	semaphore: 10,
	event: 11,
	condition: 12,
	barrier: 13,
	queue: 14,
	/** Items of a queue, many to a block. */
	segment: 15,
	/** One item of a queue in a block of its own. */
	parcel: 16,
	/** Who has a proxy of an object of a manager. */
	ticket: 17,
} as const;

/** Sizes of small blocks in bytes; anything larger is a run of spans. */
export const SMALL_SIZES: readonly number[] = [128, 256, 512, 1024, 4096, 16384];

/** References to blocks are in units of 64 bytes, so that they fit a positive 32-bit word. */
export const REFERENCE_BYTES = 64;
