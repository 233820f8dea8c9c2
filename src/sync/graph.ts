/**
 * Who waits for whom, read from shared memory. Nothing is written down for it: waiters' records say who waits for what,
 * locks say who has them. So it costs nothing until somebody looks: `waitGraph()`, and every wait that has lasted for a
 * tick, which looks for a circle that leads back to it.
 *
 * Others go on while it is read, so a circle may be made of what was never true together. It counts when it is still
 * there, the same waits for the same locks, some time later: who waits synchronously in one and the same wait has done
 * nothing in between, so all of it was true together.
 */
import type { DeadlockEdge } from '../base/errors.ts';
import { BLOCK_KIND } from '../memory/layout.ts';
import { lockClass, mutexIn } from './lock-layout.ts';
import { holderOf, mutexOfTarget } from './mutex.ts';
import type { ThreadWaits } from './thread-waits.ts';
import { WAITER, WAITER_MODE, WAITER_STATE } from './waiter.ts';

const KIND_NAMES: Readonly<Record<number, string>> = {
	[BLOCK_KIND.pipe]: 'Pipe',
	[BLOCK_KIND.semaphore]: 'Semaphore',
	[BLOCK_KIND.event]: 'Event',
	[BLOCK_KIND.condition]: 'Condition',
	[BLOCK_KIND.barrier]: 'Barrier',
	[BLOCK_KIND.queue]: 'Queue',
};

/** One wait: somebody waits for something, which somebody else may hold. */
export interface WaitEdge extends Omit<DeadlockEdge, 'heldBy'> {
	/** Name of the process (or `process|thread`) that holds it; `null` when it is not held by anybody in particular. */
	readonly heldBy: string | null;
	/** Whether the thread is blocked. */
	readonly form: 'sync' | 'async';
}

/** A lock that somebody holds. */
export interface HeldLock {
	readonly lock: string;
	/** Name of the process; of a worker thread, `process|thread`. */
	readonly process: string;
	readonly pid: number;
}

export interface WaitGraph {
	readonly waits: WaitEdge[];
	readonly held: HeldLock[];
}

/** A wait as it is in shared memory. */
export interface Wait {
	readonly participant: number;
	readonly record: number;
	/** Which of all waits of the family it is: the greater, the younger. */
	readonly number: number;
	readonly isSync: boolean;
	readonly isLimited: boolean;
	readonly target: number;
	/** The participant that has the lock it waits for; 0: nobody, or it is no lock. */
	readonly holder: number;
}

export class Graph {
	readonly #waits: ThreadWaits;

	constructor(waits: ThreadWaits) {
		this.#waits = waits;
	}

	read(record: number): Wait {
		const arena = this.#waits.family.arena;
		const target = arena.load(record + WAITER.target);
		return {
			participant: arena.load(record + WAITER.participant),
			record,
			number: arena.load(record + WAITER.number),
			isSync: arena.load(record + WAITER.mode) === WAITER_MODE.sync,
			isLimited: arena.load(record + WAITER.limited) === 1,
			target,
			holder: this.#holderOf(target),
		};
	}

	#holderOf(target: number): number {
		const { arena, heap } = this.#waits.family;
		const block = heap.blockAt(target * 4);
		if (block?.kind !== BLOCK_KIND.mutex || mutexOfTarget(target) !== mutexIn(block.offset / 4)) return 0;
		return holderOf(arena, mutexOfTarget(target));
	}

	/** What a participant waits for: if it is blocked, the one thing it is blocked by. */
	waitsOf(participant: number): Wait[] {
		const all = [...this.#waits.queuedOf(participant)].filter((record) => this.#isWaiting(record));
		const waits = all.map((record) => this.read(record));
		const blocked = waits.filter(({ isSync }) => isSync);
		return blocked.length > 0 ? blocked : waits;
	}

	#isWaiting(record: number): boolean {
		const state = this.#waits.family.arena.load(record + WAITER.state);
		return state === WAITER_STATE.waiting || state === WAITER_STATE.nudged;
	}

	/** A circle of waits that begins with this one. */
	circle(first: Wait): Wait[] | undefined {
		return this.#follow([first], new Set([first.participant]));
	}

	#follow(path: Wait[], seen: Set<number>): Wait[] | undefined {
		const last = path[path.length - 1]!;
		if (last.holder === 0 || last.isLimited) return undefined;
		// Tasks of one thread wait for each other, which is no harm.
		if (last.holder === last.participant) return last.isSync && path.length === 1 ? path : undefined;
		if (last.holder === path[0]!.participant) return path;
		if (seen.has(last.holder)) return undefined;
		seen.add(last.holder);
		for (const next of this.waitsOf(last.holder)) {
			const found = this.#follow([...path, next], seen);
			if (found !== undefined) return found;
		}
		return undefined;
	}

	/** For people: what a wait is for. */
	nameOf(target: number): string {
		const { arena, heap } = this.#waits.family;
		const block = heap.blockAt(target * 4);
		if (block === undefined) return 'something that is gone';
		const isLock = block.kind === BLOCK_KIND.mutex;
		const name = isLock ? lockClass(arena, block.offset / 4) : (KIND_NAMES[block.kind] ?? 'Object');
		return `${name}-${block.generation}`;
	}

	describe(wait: Wait): WaitEdge {
		return {
			...this.who(wait.participant),
			waitsFor: this.nameOf(wait.target),
			heldBy: wait.holder === 0 ? null : this.who(wait.holder).process,
			form: wait.isSync ? 'sync' : 'async',
		};
	}

	who(participant: number): { process: string; pid: number } {
		const { participants } = this.#waits.family;
		return { process: participants.fullName(participant), pid: participants.identity(participant).pid };
	}

	whole(): WaitGraph {
		const { participants, heap, arena } = this.#waits.family;
		const living = [...participants.ids()].filter((id) => this.#waits.isAlive(id));
		const waits = living.flatMap((id) => this.waitsOf(id)).map((wait) => this.describe(wait));
		const held: HeldLock[] = [];
		for (const block of heap.smallBlocks(BLOCK_KIND.mutex)) {
			const holder = holderOf(arena, mutexIn(block / 4));
			if (living.includes(holder)) held.push({ lock: this.nameOf(block / 4), ...this.who(holder) });
		}
		return { waits, held };
	}
}
