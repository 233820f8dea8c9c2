/**
 * A mutex in a block of its own, and the recursion depth and settings that Lock and RLock keep beside it. This is where
 * the algorithm (mutex.ts) meets memory and threads; the two public classes only differ in who may release and how often.
 */
import type { Deadline } from '../base/deadline.ts';
import { OwnerDiedError } from '../base/errors.ts';
import { Block } from '../memory/block.ts';
import type { BlockReference } from '../memory/heap.ts';
import { BLOCK_KIND } from '../memory/layout.ts';
import { type Acquired, acquireAsync, acquireSync } from './acquisition.ts';
import { BODY_BYTES, DEPTH, MUTEX, SETTING, SETTINGS } from './lock-layout.ts';
import { Mutex } from './mutex.ts';
import { type ThreadWaits, threadWaits } from './thread-waits.ts';

export class MutexBlock {
	readonly block: Block;
	readonly mutex: Mutex;
	readonly waits: ThreadWaits;
	readonly #name: string;

	constructor(block: Block, name: string) {
		this.block = block;
		this.waits = threadWaits();
		this.#name = name;
		this.mutex = new Mutex(block.words, MUTEX, block.firstWord + MUTEX, block.family.arena, this.waits);
	}

	static create(name: string, throws: boolean): MutexBlock {
		const block = Block.create(BODY_BYTES, BLOCK_KIND.mutex);
		block.words.store(SETTINGS, (throws ? SETTING.throws : 0) | (name === 'RLock' ? SETTING.recursive : 0));
		return new MutexBlock(block, name);
	}

	static attach(reference: BlockReference, name: string): MutexBlock {
		return new MutexBlock(Block.attach(reference, name, BLOCK_KIND.mutex, BODY_BYTES), name);
	}

	/** How often the owner has acquired it (RLock). Only the owner touches it. */
	get depth(): number {
		return this.block.words.load(DEPTH);
	}

	set depth(count: number) {
		this.block.words.store(DEPTH, count);
	}

	async acquire(deadline: Deadline, acquired?: Acquired): Promise<boolean> {
		return this.#checkOwnerDeath(await acquireAsync(this.mutex, this.waits, deadline, acquired));
	}

	acquireSync(deadline: Deadline): boolean {
		return this.#checkOwnerDeath(acquireSync(this.mutex, this.waits, deadline));
	}

	/** Whether who has just acquired it will be told of its last holder's death by an error. */
	isReported(): boolean {
		return this.mutex.ownerDied() && (this.block.words.load(SETTINGS) & SETTING.throws) !== 0;
	}

	#checkOwnerDeath(acquired: boolean): boolean {
		if (!acquired || !this.isReported()) return acquired;
		this.mutex.release();
		throw new OwnerDiedError(
			`The last holder of this ${this.#name} died while it held it: what it protects may be half changed. The ${this.#name} is free again; check the data, then acquire it anew.`,
		);
	}

	/** For people: who holds it, by process and thread. */
	ownerName(owner: number = this.mutex.owner()): string {
		if (owner === 0) return 'None';
		return this.block.family.isAlive(owner) ? this.block.family.participants.fullName(owner) : 'SomeDeadProcess';
	}

	/** The process of an owner. */
	ownerPid(owner: number): number {
		return this.block.family.participants.identity(owner).pid;
	}
}
