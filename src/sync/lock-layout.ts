/**
 * What the block of a Lock or an RLock looks like.
 *
 * ```
 *  word of the body   0 … 5    6        7
 *                   +-------+--------+----------+
 *                   | mutex | depth  | settings |
 *                   +-------+--------+----------+
 *
 *  settings:  bit 0: an owner's death is reported by an error   bit 1: recursive
 * ```
 */
import { BLOCK } from '../memory/layout.ts';
import type { Words } from '../memory/words.ts';
import { MUTEX_WORDS } from './mutex.ts';

export const MUTEX: number = BLOCK.body;
export const DEPTH: number = MUTEX + MUTEX_WORDS;
export const SETTINGS: number = DEPTH + 1;
export const SETTING = { throws: 1, recursive: 2 } as const;
export const BODY_BYTES: number = (MUTEX_WORDS + 2) * 4;

/** The class of the lock in a block. */
export function lockClass(words: Words, block: number): 'Lock' | 'RLock' {
	return (words.load(block + SETTINGS) & SETTING.recursive) === 0 ? 'Lock' : 'RLock';
}

/** The mutex in a block, by the indices of their first words. */
export function mutexIn(block: number): number {
	return block + MUTEX;
}
