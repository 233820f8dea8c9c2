/**
 * The table of spans (see layout.ts): which spans are whose, taken and let go without a lock, and which block a byte is in.
 *
 * Any process of the family may have written anything into the table. So a kind that is none stands for a span without
 * blocks, and how long a run of spans is the kinds of its spans say, within the segment.
 */
import { ProcessError } from '../base/errors.ts';
import type { Arena } from './arena.ts';
import {
	FIRST_SPAN,
	HEAD,
	SEGMENT_BYTES,
	SMALL_SIZES,
	SPAN,
	SPAN_BYTES,
	SPAN_COUNT,
	SPAN_KIND,
	spanEntry,
} from './layout.ts';

/** Bytes of the blocks in a span of this kind, any number; undefined: there are no small ones in it. */
export function smallSize(kind: number): number | undefined {
	return SMALL_SIZES[kind - SPAN_KIND.small];
}

/** Byte offsets of the small blocks of a span; none in others. */
export function* blocksOf(span: number, kind: number): IterableIterator<number> {
	const size = smallSize(kind);
	if (size === undefined) return;
	const first = span * SPAN_BYTES;
	for (let offset = first; offset < first + SPAN_BYTES; offset += size) yield offset;
}

export class Spans {
	readonly #arena: Arena;

	constructor(arena: Arena) {
		this.#arena = arena;
	}

	/** Behind the last span that was ever used. */
	get end(): number {
		return Math.min(this.#arena.load(HEAD.spansUsed), SPAN_COUNT);
	}

	kind(span: number): number {
		return this.#arena.load(spanEntry(span) + SPAN.kind);
	}

	setKind(span: number, kind: number): void {
		this.#arena.store(spanEntry(span) + SPAN.kind, kind);
	}

	owner(span: number): number {
		return this.#arena.load(spanEntry(span) + SPAN.owner);
	}

	/** Spans of the run that begins with one. */
	runLength(first: number): number {
		let end = first + 1;
		while (end < SPAN_COUNT && this.kind(end) === SPAN_KIND.largeTail) end++;
		return end - first;
	}

	/** Where the block begins that a byte is in, whether or not it is in use; undefined: in none. Any number will do. */
	startOf(byte: number): number | undefined {
		if (!(byte >= FIRST_SPAN * SPAN_BYTES && byte < SEGMENT_BYTES)) return undefined;
		let span = Math.floor(byte / SPAN_BYTES);
		while (span > FIRST_SPAN && this.kind(span) === SPAN_KIND.largeTail) span--;
		const kind = this.kind(span);
		const start = span * SPAN_BYTES;
		if (kind === SPAN_KIND.largeHead) return start;
		const size = smallSize(kind);
		return size === undefined ? undefined : start + Math.floor((byte - start) / size) * size;
	}

	/** Bytes of the block that begins at an offset. */
	sizeOf(offset: number): number {
		const span = Math.floor(offset / SPAN_BYTES);
		return smallSize(this.kind(span)) ?? this.runLength(span) * SPAN_BYTES;
	}

	/**
	 * Takes so many free spans in a row, and returns the first; all zeros, whatever was written there meanwhile.
	 *
	 * @throws ProcessError if there are none
	 */
	claimRun(count: number, me: number): number {
		for (let first = FIRST_SPAN; first + count <= SPAN_COUNT; ) {
			const taken = this.#claimFrom(first, count, me);
			if (taken === count) {
				this.#raise(first + count);
				this.#arena.segment.discard(first * SPAN_BYTES, count * SPAN_BYTES);
				return first;
			}
			for (let span = first; span < first + taken; span++) this.#arena.store(spanEntry(span) + SPAN.owner, 0);
			first += taken + 1;
		}
		throw new ProcessError(
			`Shared memory is full: no ${count * SPAN_BYTES} bytes in one piece are left of ${SPAN_COUNT * SPAN_BYTES}. Close what is not needed any more.`,
			{ code: 'ERR_MP_MEMORY' },
		);
	}

	#claimFrom(first: number, count: number, me: number): number {
		let taken = 0;
		while (taken < count && this.#claimSpan(first + taken, me)) taken++;
		return taken;
	}

	#claimSpan(span: number, me: number): boolean {
		const owner = spanEntry(span) + SPAN.owner;
		return this.#arena.load(owner) === 0 && this.#arena.compareExchange(owner, 0, me) === 0;
	}

	#raise(end: number): void {
		for (;;) {
			const used = this.#arena.load(HEAD.spansUsed);
			if (used >= end || this.#arena.compareExchange(HEAD.spansUsed, used, end) === used) return;
		}
	}

	/** The spans of a run are free from now on. */
	freeRun(first: number): void {
		const count = this.runLength(first);
		this.#arena.segment.discard(first * SPAN_BYTES, count * SPAN_BYTES);
		this.setKind(first, SPAN_KIND.none);
		for (let span = first + count - 1; span >= first; span--) this.free(span);
	}

	free(span: number): void {
		this.setKind(span, SPAN_KIND.none);
		this.#arena.store(spanEntry(span) + SPAN.used, 0);
		this.#arena.store(spanEntry(span) + SPAN.owner, 0);
	}
}
