/**
 * Which named memory the family has to remove in the end: a table of 64-bit ids in the family's segment. An id is put in
 * by one compare-and-exchange before its name can be seen, and taken out by one after the name is gone; so a process may
 * be killed anywhere.
 *
 * Who removes what is left: the last process of the family that ends by itself, with a warning; and when there is no such
 * process, because the last ones were killed, the system's watch over the segment (`Platform.watchOver`), without one.
 */
import { ProcessError } from '../base/errors.ts';
import { platform } from '../os/platform.ts';
import type { Arena } from './arena.ts';
import { needFarewell } from './inheritance.ts';
import { HEAD, NAMED_COUNT, NAMED_TABLE } from './layout.ts';
import type { Participants } from './participants.ts';
import { cellAtomics } from './words.ts';

const NONE = 0n;
const ID_BYTES = 8;
/** Places that are looked at for a free one before the table grows. */
const FEW = 32;

export class NamedIds {
	readonly #arena: Arena;
	readonly #ids: BigUint64Array;
	/** Where a free place is likely. */
	#next = 0;

	constructor(arena: Arena) {
		this.#arena = arena;
		const { buffer, byteOffset } = arena.window(NAMED_TABLE, NAMED_COUNT * ID_BYTES);
		this.#ids = new BigUint64Array(buffer, byteOffset, NAMED_COUNT);
	}

	add(id: bigint): void {
		needFarewell();
		const known = this.#arena.load(HEAD.custodian);
		const custodian = platform.watchOver(this.#arena.segment, NAMED_TABLE, NAMED_COUNT * ID_BYTES, known);
		if (custodian !== known) this.#arena.store(HEAD.custodian, custodian);
		if (!this.#put(id, FEW) && !this.#append(id) && !this.#put(id, NAMED_COUNT)) {
			throw new ProcessError(
				`SharedMemory: ${NAMED_COUNT} segments of this family are tracked already. Unlink what is not needed, or pass {track: false}.`,
				{ code: 'ERR_MP_MEMORY' },
			);
		}
	}

	remove(id: bigint): void {
		const place = this.#ids.subarray(0, this.#used).indexOf(id);
		if (place === -1) return;
		cellAtomics.compareExchange(this.#ids, place, id, NONE);
		this.#next = place;
	}

	/** All that are in the table. */
	all(): Set<bigint> {
		return new Set(this.#ids.subarray(0, this.#used).filter((id) => id !== NONE));
	}

	/** Places that have ever been used; pages behind are never touched, not even to look. */
	get #used(): number {
		return Math.min(Math.max(0, this.#arena.load(HEAD.namedUsed)), NAMED_COUNT);
	}

	/** Puts it in one of the next `tries` places, if one is free. */
	#put(id: bigint, tries: number): boolean {
		const used = this.#used;
		for (let i = 0; i < Math.min(tries, used); i++) {
			const place = (this.#next + i) % used;
			if (cellAtomics.compareExchange(this.#ids, place, NONE, id) !== NONE) continue;
			this.#next = place + 1;
			return true;
		}
		return false;
	}

	#raise(used: number): void {
		for (;;) {
			const known = this.#arena.load(HEAD.namedUsed);
			if (known >= used || this.#arena.compareExchange(HEAD.namedUsed, known, used) === known) return;
		}
	}

	#append(id: bigint): boolean {
		for (let place = this.#used; place < NAMED_COUNT; place++) {
			this.#raise(place + 1);
			if (cellAtomics.compareExchange(this.#ids, place, NONE, id) === NONE) return true;
		}
		return false;
	}
}

/**
 * Called by a process that has just left the family: if it was the last, removes what nobody unlinked, and says so.
 * Threads of its own that still run end with it.
 */
export function removeIfLast(arena: Arena, participants: Participants): void {
	if (arena.load(HEAD.namedUsed) <= 0) return;
	for (const id of participants.ids()) {
		if (participants.identity(id).pid !== process.pid && participants.isAlive(id)) return;
	}
	const removed = platform.removeNamedById(new NamedIds(arena).all());
	if (removed.length === 0) return;
	const what = removed.length === 1 ? 'segment was' : 'segments were';
	process.stderr.write(
		`polyproc: ${removed.length} shared memory ${what} never unlinked, and removed now: ${removed.join(', ')}\n`,
	);
}
