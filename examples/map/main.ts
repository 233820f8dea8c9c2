// Counts the words of files on all cores: a few with the command, then many with a pool, and once more without one to
// say how much quicker that was.
//
//   npm start                       docs/*.md, then the text files of node_modules
//   npm start -- some/directory     docs/*.md, then the files of that directory
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMain, Pool } from 'polyproc';
import { findFiles } from '../word-count/find-files.ts';
import countWords, { type Words } from './words.ts';

const root = fileURLToPath(new URL('.', import.meta.resolve('polyproc/package.json')));
const TEXT = /\.(md|json|map|[cm]?[jt]s)$/;
const module = relative(root, fileURLToPath(import.meta.resolve('./words.js')));

/** What one would type. */
function runCommand(): void {
	const documents = readdirSync(`${root}docs`).filter((name) => name.endsWith('.md'));
	console.log(`$ npx polyproc map --files ${module} docs/*.md`);
	const files = documents.map((name) => `docs/${name}`);
	execFileSync(process.execPath, ['dist/cli.cjs', 'map', '--files', module, ...files], { cwd: root, stdio: 'inherit' });
}

async function timed(who: string, count: () => Promise<Words[]>): Promise<{ counts: Words[]; seconds: number }> {
	const start = performance.now();
	const counts = await count();
	const seconds = (performance.now() - start) / 1000;
	const words = counts.reduce((sum, one) => sum + one.words, 0);
	console.log(`${who}: ${counts.length} files, ${words} words, ${seconds.toFixed(2)} s`);
	return { counts, seconds };
}

async function compare(files: string[]): Promise<boolean> {
	await using pool = new Pool();
	const inParallel = await timed(`a pool of ${pool.processes}`, () =>
		pool.map(countWords, files, { chunksize: 4, progress: true }),
	);
	const inTurn = await timed('one by one', async () => {
		const counts: Words[] = [];
		for (const file of files) counts.push(await countWords(file));
		return counts;
	});
	console.log(`speed-up: ${(inTurn.seconds / inParallel.seconds).toFixed(2)} times`);
	return JSON.stringify(inTurn.counts) === JSON.stringify(inParallel.counts);
}

if (isMain(import.meta)) {
	runCommand();
	const [directory] = process.argv.slice(2);
	const files = findFiles(directory ?? `${root}node_modules`).filter((file) => directory || TEXT.test(file));
	console.log(`\n${files.length} files under ${directory ?? 'node_modules'}:`);
	if (!(await compare(files))) throw new Error('The two have counted differently. Did files change meanwhile?');
}
