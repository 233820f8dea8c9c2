/**
 * Memory for shared objects out of the family's segment: small blocks many to a span, large ones as runs of spans (see
 * layout.ts). There is no lock: a block is taken by writing one's participant id over a 0, so a process killed anywhere
 * leaves only things marked with its own id, and `sweep` (run when a process was killed) frees what nobody holds.
 *
 * Invariant: a free block is all zeros behind its first word; an allocated one has its holders written before it is
 * marked in use, and is freed only by whoever has taken it back with nobody holding it.
 *
 * What is read here may have been written by anybody. A place is used only if it is that of a block by the span table, a
 * count only within it; and a new block is zeroed once more, so it is none the worse for what was written while it was free.
 *
 * It does not know what is stored in blocks.
 */
import type { Arena } from './arena.ts';
import { corrupted } from './corrupted.ts';
import { EXTENSION_HOLDERS, HolderList, type HolderWorld } from './holders.ts';
import {
	BLOCK,
	BLOCK_KIND,
	CLAIM,
	FIRST_SPAN,
	HEAD,
	INLINE_HOLDERS,
	REFERENCE_BYTES,
	SEGMENT_BYTES,
	SMALL_SIZES,
	SPAN,
	SPAN_BYTES,
	SPAN_KIND,
	spanEntry,
} from './layout.ts';
import { blocksOf, Spans, smallSize } from './spans.ts';

const HEADER_BYTES: number = BLOCK.body * 4;
/** What was on its way in a channel that died is found by a sweep only; one is made for every 16 MiB taken. */
const SPANS_BETWEEN_SWEEPS = 256;
/** Looks at whether a block is still being freed, which is done in a moment; each asks the system. */
const MOST_LOOKS = 10_000;
/** New spans that others may empty before who has made them gets a block of one. */
const MOST_SPANS = 100;
const EXTENSION_BYTES: number = (EXTENSION_HOLDERS * 2 + 1) * 4;

/** What the heap must know of the family. */
export interface HeapOwner {
	readonly me: number;
	isAlive(participant: number): boolean;
	knows(participant: number): boolean;
	/** Whether a participant, dead or alive, still has its record: nobody has tidied up after it. */
	hasRecord(participant: number): boolean;
}

/** A reference to a block as it is written in shared memory and in messages. */
export interface BlockReference {
	readonly offset: number;
	readonly generation: number;
}

export class Heap {
	readonly #arena: Arena;
	readonly #spans: Spans;
	readonly #owner: HeapOwner;
	/** The span each size class was last allocated from. */
	readonly #current: number[] = SMALL_SIZES.map(() => FIRST_SPAN);
	/** Where in that span the next free block is likely. */
	readonly #position: number[] = SMALL_SIZES.map(() => 0);
	readonly #world: HolderWorld;
	#spansSinceSweep = 0;

	constructor(arena: Arena, owner: HeapOwner) {
		this.#arena = arena;
		this.#spans = new Spans(arena);
		this.#owner = owner;
		this.#world = {
			me: owner.me,
			knows: (who) => owner.knows(who),
			holds: (who, sequence) => (who > 0 ? owner.isAlive(who) : this.#messageIsPending(-who, sequence)),
			extend: (list) => this.#extend(list),
			isExtension: (area, list) => this.#isExtension(area, list),
		};
	}

	/** A zeroed block with room for `bytes` behind its header, held by this participant. Returns its byte offset. */
	allocate(bytes: number, kind: number): number {
		const size = bytes + HEADER_BYTES;
		const sizeClass = SMALL_SIZES.findIndex((candidate) => size <= candidate);
		const offset = sizeClass === -1 ? this.#takeSpans(Math.ceil(size / SPAN_BYTES)) : this.#takeSmall(sizeClass);
		const header = offset / 4;
		if (sizeClass !== -1) this.#zero(offset, SMALL_SIZES[sizeClass]!);
		this.#arena.store(header + BLOCK.kind, kind);
		this.#arena.store(header + BLOCK.words, size / 4);
		this.#arena.store(header + BLOCK.generation, this.#arena.add(HEAD.nextGeneration, 1) + 1);
		this.holders(offset).add(this.#owner.me);
		this.#arena.store(header + BLOCK.claim, CLAIM.inUse);
		return offset;
	}

	/** The holders of a block. */
	holders(offset: number): HolderList {
		return this.listAt(offset / 4 + BLOCK.holders);
	}

	/** A list of holders inside a block, of the same shape as the one in its header. */
	listAt(word: number): HolderList {
		return new HolderList(this.#arena, word, INLINE_HOLDERS, this.#world);
	}

	#extend(list: number): number {
		const offset = this.allocate(EXTENSION_BYTES, BLOCK_KIND.holders);
		this.#arena.store(offset / 4 + BLOCK.consumed, list);
		return offset / 4 + BLOCK.body;
	}

	#isExtension(area: number, list: number): boolean {
		const offset = (area - BLOCK.body) * 4;
		return this.isBlock(offset, BLOCK_KIND.holders) && this.#arena.load(offset / 4 + BLOCK.consumed) === list;
	}

	/** Whether there is a block in use of a kind at a byte offset, which may be any number. */
	isBlock(offset: number, kind: number): boolean {
		if (this.#spans.startOf(offset) !== offset) return false;
		const header = offset / 4;
		return this.#arena.load(header + BLOCK.claim) === CLAIM.inUse && this.#arena.load(header + BLOCK.kind) === kind;
	}

	/** Words of a block, its header among them. */
	words(offset: number): number {
		const words = this.#arena.load(offset / 4 + BLOCK.words);
		if (words >= BLOCK.body && words * 4 <= this.#spans.sizeOf(offset)) return words;
		throw corrupted('A shared object');
	}

	/** Makes this participant a holder of a block it was told of. False: the block is gone. */
	attach({ offset, generation }: BlockReference): boolean {
		if (this.#spans.startOf(offset) !== offset) return false;
		const header = offset / 4;
		if (this.#arena.load(header + BLOCK.generation) !== generation) return false;
		const holders = this.holders(offset);
		holders.add(this.#owner.me);
		// Whoever frees it looks for holders after taking it; so either it sees us, or we see that it was taken.
		for (let looks = 0; looks < MOST_LOOKS && this.#isBeingFreed(header); looks++);
		const inUse = this.#arena.load(header + BLOCK.claim) === CLAIM.inUse;
		if (inUse && this.#arena.load(header + BLOCK.generation) === generation) return true;
		holders.remove(this.#owner.me);
		return false;
	}

	#isBeingFreed(header: number): boolean {
		const claim = this.#arena.load(header + BLOCK.claim);
		return claim > 0 && claim !== this.#owner.me && this.#owner.isAlive(claim);
	}

	/** Whether anybody but this participant holds a block. */
	isHeldByOthers(offset: number): boolean {
		const holders = this.holders(offset);
		return holders.isHeld() && holders.some((who) => who !== this.#owner.me);
	}

	generation(offset: number): number {
		return this.#arena.load(offset / 4 + BLOCK.generation);
	}

	/** This participant lets go of a block; the last one frees it. */
	release(offset: number): void {
		const holders = this.holders(offset);
		holders.remove(this.#owner.me);
		if (!holders.isHeld()) this.#free(offset);
	}

	/** Frees everything whose holders are all gone. Walks the whole heap: after a process was killed, and now and then. */
	sweep(): void {
		this.#spansSinceSweep = 0;
		const end = this.#spans.end;
		for (let span = FIRST_SPAN; span < end; ) span += this.#sweepSpan(span);
	}

	/** The block in use that a byte is in; for people and diagnoses. */
	blockAt(byte: number): { readonly offset: number; readonly kind: number; readonly generation: number } | undefined {
		const offset = this.#spans.startOf(byte);
		if (offset === undefined) return undefined;
		if (this.#arena.load(offset / 4 + BLOCK.claim) !== CLAIM.inUse) return undefined;
		return { offset, kind: this.#arena.load(offset / 4 + BLOCK.kind), generation: this.generation(offset) };
	}

	/** Byte offsets of all small blocks of a kind. Walks the whole heap. */
	*smallBlocks(kind: number): IterableIterator<number> {
		for (let span = FIRST_SPAN; span < this.#spans.end; span++) {
			const spanKind = this.#spans.kind(span);
			for (const block of blocksOf(span, spanKind)) {
				const inUse = this.#arena.load(block / 4 + BLOCK.claim) === CLAIM.inUse;
				if (inUse && this.#arena.load(block / 4 + BLOCK.kind) === kind) yield block;
			}
		}
	}

	/** Bytes in blocks that are in use, with their headers. */
	bytesInUse(): number {
		let bytes = 0;
		for (let span = FIRST_SPAN; span < this.#spans.end; span++) {
			const kind = this.#spans.kind(span);
			if (kind === SPAN_KIND.largeHead || kind === SPAN_KIND.largeTail) bytes += SPAN_BYTES;
			for (const block of blocksOf(span, kind)) {
				if (this.#arena.load(block / 4 + BLOCK.claim) !== CLAIM.free) bytes += smallSize(kind)!;
			}
		}
		return bytes;
	}

	#messageIsPending(reference: number, sequence: number): boolean {
		if (reference * REFERENCE_BYTES >= SEGMENT_BYTES) return false;
		const header = (reference * REFERENCE_BYTES) / 4;
		if (this.#arena.load(header + BLOCK.claim) !== CLAIM.inUse) return false;
		return ((sequence - this.#arena.load(header + BLOCK.consumed)) | 0) > 0;
	}

	// --- small blocks ---

	#takeSmall(sizeClass: number): number {
		const kind = SPAN_KIND.small + sizeClass;
		let block = this.#takeFromAny(sizeClass, kind);
		for (let spans = 0; block === undefined && spans < MOST_SPANS; spans++) {
			block = this.#takeFrom(this.#newSmallSpan(kind), kind);
		}
		if (block !== undefined) return block;
		throw corrupted('The heap of shared memory');
	}

	#takeFromAny(sizeClass: number, kind: number): number | undefined {
		const perSpan = SPAN_BYTES / SMALL_SIZES[sizeClass]!;
		const end = Math.max(this.#spans.end, FIRST_SPAN);
		const start = this.#current[sizeClass]!;
		for (let i = 0; i < end - FIRST_SPAN; i++) {
			const span = FIRST_SPAN + ((start - FIRST_SPAN + i) % (end - FIRST_SPAN));
			const entry = spanEntry(span);
			if (this.#arena.load(entry + SPAN.kind) !== kind || this.#arena.load(entry + SPAN.used) >= perSpan) continue;
			const block = this.#takeFrom(span, kind);
			if (block !== undefined) return block;
		}
		return undefined;
	}

	#takeFrom(span: number, kind: number): number | undefined {
		const sizeClass = kind - SPAN_KIND.small;
		const size = SMALL_SIZES[sizeClass]!;
		const perSpan = SPAN_BYTES / size;
		for (let i = 0; i < perSpan; i++) {
			const position = (this.#position[sizeClass]! + i) % perSpan;
			const block = span * SPAN_BYTES + position * size;
			const claim = block / 4 + BLOCK.claim;
			if (this.#arena.load(claim) !== CLAIM.free) continue;
			if (this.#arena.compareExchange(claim, CLAIM.free, this.#owner.me) !== CLAIM.free) continue;
			this.#arena.add(spanEntry(span) + SPAN.used, 1);
			this.#current[sizeClass] = span;
			this.#position[sizeClass] = position + 1;
			return block;
		}
		return undefined;
	}

	#newSmallSpan(kind: number): number {
		const span = this.#claimRun(1);
		this.#spans.setKind(span, kind);
		return span;
	}

	// --- runs of spans ---

	#takeSpans(count: number): number {
		const first = this.#claimRun(count);
		for (let span = first + count - 1; span > first; span--) {
			this.#spans.setKind(span, SPAN_KIND.largeTail);
		}
		this.#arena.store(spanEntry(first) + SPAN.used, count);
		this.#arena.store((first * SPAN_BYTES) / 4 + BLOCK.claim, this.#owner.me);
		this.#spans.setKind(first, SPAN_KIND.largeHead);
		return first * SPAN_BYTES;
	}

	#claimRun(count: number): number {
		this.#spansSinceSweep += count;
		if (this.#spansSinceSweep > SPANS_BETWEEN_SWEEPS) this.sweep();
		return this.#spans.claimRun(count, this.#owner.me);
	}

	/** A block this participant has taken is to be all zeros, as it was when it was freed. */
	#zero(offset: number, size: number): void {
		this.#arena.bytes(offset + 4, size - 4).fill(0);
	}

	// --- freeing ---

	#free(offset: number): void {
		const claim = offset / 4 + BLOCK.claim;
		if (this.#arena.compareExchange(claim, CLAIM.inUse, this.#owner.me) !== CLAIM.inUse) return;
		const holders = this.holders(offset);
		if (holders.isHeld()) {
			this.#arena.store(claim, CLAIM.inUse);
			return;
		}
		for (const area of [...holders.extensions()]) this.#freeExtension((area - BLOCK.body) * 4);
		this.#wipe(offset);
	}

	/** Nobody but the list holds it. */
	#freeExtension(offset: number): void {
		const claim = offset / 4 + BLOCK.claim;
		if (this.#arena.compareExchange(claim, CLAIM.inUse, this.#owner.me) === CLAIM.inUse) this.#wipe(offset);
	}

	/** A block this participant has taken becomes free. */
	#wipe(offset: number): void {
		const span = Math.floor(offset / SPAN_BYTES);
		const entry = spanEntry(span);
		const kind = this.#arena.load(entry + SPAN.kind);
		const size = smallSize(kind);
		if (size === undefined) {
			if (kind === SPAN_KIND.largeHead) this.#spans.freeRun(span);
			return;
		}
		this.#zero(offset, size);
		this.#arena.store(offset / 4 + BLOCK.claim, CLAIM.free);
		if (this.#arena.add(entry + SPAN.used, -1) === 1) this.#giveBack(span, kind);
	}

	/** An empty span's pages go back to the system: take all its blocks, and the zeros that come back free them. */
	#giveBack(span: number, kind: number): void {
		const taken: number[] = [];
		for (const block of blocksOf(span, kind)) {
			if (this.#arena.compareExchange(block / 4 + BLOCK.claim, CLAIM.free, this.#owner.me) !== CLAIM.free) {
				for (const mine of taken) this.#arena.store(mine / 4 + BLOCK.claim, CLAIM.free);
				return;
			}
			taken.push(block);
		}
		this.#arena.segment.discard(span * SPAN_BYTES, SPAN_BYTES);
	}

	// --- sweeping ---

	/** Returns how many spans it has dealt with. */
	#sweepSpan(span: number): number {
		const entry = spanEntry(span);
		const kind = this.#arena.load(entry + SPAN.kind);
		if (smallSize(kind) !== undefined) {
			for (const block of blocksOf(span, kind)) this.#sweepBlock(block);
			return 1;
		}
		const owner = this.#arena.load(entry + SPAN.owner);
		if (kind === SPAN_KIND.largeHead) {
			const count = this.#spans.runLength(span);
			this.#sweepBlock(span * SPAN_BYTES, owner);
			return count;
		}
		if (owner !== 0 && !this.#owner.isAlive(owner)) this.#spans.free(span);
		return 1;
	}

	/** Waiters' records stand in queues of others until somebody has tidied up after their thread. */
	#isLinked(offset: number): boolean {
		if (this.#arena.load(offset / 4 + BLOCK.kind) !== BLOCK_KIND.waiters) return false;
		return this.holders(offset).some((who) => this.#owner.hasRecord(who));
	}

	#sweepBlock(offset: number, spanOwner: number = 0): void {
		const claim = offset / 4 + BLOCK.claim;
		const state = this.#arena.load(claim);
		if (state === CLAIM.inUse) {
			if (!this.#isLinked(offset) && !this.holders(offset).isHeld()) this.#free(offset);
			return;
		}
		const abandoned = state > 0 ? !this.#owner.isAlive(state) : spanOwner !== 0 && !this.#owner.isAlive(spanOwner);
		if (abandoned && this.#arena.compareExchange(claim, state, this.#owner.me) === state) this.#wipe(offset);
	}
}
