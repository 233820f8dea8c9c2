/** Counting the words of one file. The same function works in the sequential run and in every child. */
import { readFileSync } from 'node:fs';

const WORD = /\p{L}{2,}/gu;
const LOOKED_AT = 8000;

/** What has been counted so far. */
export interface Tally {
	/** Text files counted. */
	files: number;
	/** Binary files, and files that could not be read. */
	skipped: number;
	words: Map<string, number>;
}

export function emptyTally(): Tally {
	return { files: 0, skipped: 0, words: new Map() };
}

/** Adds the words of one file. */
export function countFile(path: string, tally: Tally): void {
	const text = readText(path);
	if (text === null) {
		tally.skipped++;
		return;
	}
	tally.files++;
	for (const [word] of text.matchAll(WORD)) add(tally.words, word.toLowerCase(), 1);
}

/** Adds what another process has counted. */
export function addTally(sum: Tally, part: Tally): void {
	sum.files += part.files;
	sum.skipped += part.skipped;
	for (const [word, count] of part.words) add(sum.words, word, count);
}

function add(words: Map<string, number>, word: string, count: number): void {
	words.set(word, (words.get(word) ?? 0) + count);
}

/** `null` for a file that is not text, or that nobody may read, or that has gone since it was found. */
function readText(path: string): string | null {
	try {
		const bytes = readFileSync(path);
		return bytes.subarray(0, LOOKED_AT).includes(0) ? null : bytes.toString();
	} catch {
		return null;
	}
}
