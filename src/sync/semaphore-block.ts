/** Permits in a block of their own: where the algorithm (permits.ts) meets memory and threads. */
import { rangeError, typeError } from '../base/errors.ts';
import { Block } from '../memory/block.ts';
import type { BlockReference } from '../memory/heap.ts';
import { BLOCK, BLOCK_KIND } from '../memory/layout.ts';
import { MOST_PERMITS, PERMITS_WORDS, Permits } from './permits.ts';
import { type ThreadWaits, threadWaits } from './thread-waits.ts';

export class SemaphoreBlock {
	readonly block: Block;
	readonly permits: Permits;
	readonly waits: ThreadWaits;
	/** The class of the object. */
	readonly name: string;

	constructor(block: Block, name: string) {
		this.block = block;
		this.name = name;
		this.waits = threadWaits();
		this.permits = new Permits(block.words, BLOCK.body, block.firstWord + BLOCK.body, block.family.arena, this.waits);
	}

	/** `value` as a user passed it to the constructor of `name`. */
	static create(name: string, value: unknown, bounded?: 'bounded'): SemaphoreBlock {
		const permits = checked(name, value);
		const made = new SemaphoreBlock(Block.create(PERMITS_WORDS * 4, BLOCK_KIND.semaphore), name);
		made.permits.begin(permits, bounded === undefined ? MOST_PERMITS : permits);
		return made;
	}

	static attach(reference: BlockReference, name: string): SemaphoreBlock {
		return new SemaphoreBlock(Block.attach(reference, name, BLOCK_KIND.semaphore, PERMITS_WORDS * 4), name);
	}
}

function checked(name: string, value: unknown): number {
	if (typeof value !== 'number') throw typeError(`new ${name}: value must be a number of permits, not ${typeof value}`);
	if (Number.isInteger(value) && value >= 0 && value <= MOST_PERMITS) return value;
	throw rangeError(`new ${name}: value must be a whole number from 0 to ${MOST_PERMITS}, not ${value}`);
}
