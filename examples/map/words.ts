/** What is done with each file: its words are counted, and how small it can be made. The command calls it, and the pool, and the program itself. */
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

export interface Words {
	file: string;
	words: number;
	different: number;
	longest: string;
	gzipped: number;
}

export default async function countWords(file: string): Promise<Words> {
	const text = await readFile(file, 'utf8');
	const words = text.match(/\p{L}+/gu) ?? [];
	const different = new Set(words.map((word) => word.toLowerCase()));
	const longest = words.reduce((one, other) => (other.length > one.length ? other : one), '');
	return {
		file,
		words: words.length,
		different: different.size,
		longest,
		gzipped: gzipSync(text, { level: 9 }).length,
	};
}
