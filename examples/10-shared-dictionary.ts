// Four processes count the words of four texts into one dictionary. `get` and then `set` would lose what others count in
// between; `update` runs its function where the dictionary is, and while it runs nobody else uses the dictionary.
import { type DictProxy, isMain, Manager, Process } from 'polyproc';

const TEXTS = [
	'the sun went down and the moon came up',
	'the moon went behind the hill',
	'up the hill went the sun',
	'and the sea came up and the sea went down',
];

/** Runs in the manager's server: here the dictionary is a Map. */
export function add(counts: Map<string, number>, word: string): void {
	counts.set(word, (counts.get(word) ?? 0) + 1);
}

/** What each worker does. None of the updates waits for the one before it. */
export async function countWords(text: string, counts: DictProxy<string, number>): Promise<void> {
	await Promise.all(text.split(' ').map((word) => counts.update(add, word)));
}

if (isMain(import.meta)) {
	await using manager = await Manager();
	const counts = await manager.dict<string, number>();

	const workers = TEXTS.map((text) => new Process({ target: countWords, args: [text, counts] }));
	await Promise.all(workers.map((worker) => worker.start()));
	await Promise.all(workers.map((worker) => worker.join()));

	const sorted = [...(await counts.getValue())].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
	for (const [word, count] of sorted) console.log(`${count} ${word}`);
	console.log(`${await counts.size()} words, ${sorted.reduce((sum, [, count]) => sum + count, 0)} in all`);
}
