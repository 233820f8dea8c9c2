// Counts the words of every text file under a directory, in as many processes as there are cores, then once more
// without any, and says how much quicker the first was.
//
//   npm start                       the files of node_modules
//   npm start -- some/directory     those of another one
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuCount, isMain } from 'polyproc';
import { countFile, emptyTally, type Tally } from './count.ts';
import { findFiles } from './find-files.ts';
import { countInParallel } from './parallel.ts';
import { Status } from './status.ts';

const TOP = 10;
const FILES_PER_TURN = 16;

async function main(directory: string): Promise<number> {
	const files = lookFor(directory);
	if (files === null) return 1;
	const processes = cpuCount();
	console.log(`${files.length} files under ${directory}; ${processes} processes count:`);
	const parallel = await timed('in parallel', files, (status) =>
		countInParallel(files, processes, (done) => status.advance(done)),
	);
	const sequential = await timed('one after another', files, (status) => countInTurn(files, status));
	printTop(parallel.tally);
	printSpeed(`${processes} processes`, parallel.tally, parallel.seconds);
	printSpeed('one process', sequential.tally, sequential.seconds);
	console.log(`speed-up: ${(sequential.seconds / parallel.seconds).toFixed(2)} times`);
	return sameCounts(parallel.tally, sequential.tally) ? 0 : 1;
}

/** The files there are, or `null` and a word about what is wrong. */
function lookFor(directory: string): string[] | null {
	try {
		const files = findFiles(directory);
		if (files.length > 0) return files;
		console.error(`There is no file under ${directory}: nothing to count.`);
	} catch (error) {
		console.error(`Cannot look for files in ${directory}: ${(error as Error).message}`);
	}
	return null;
}

async function timed(
	what: string,
	files: readonly string[],
	count: (status: Status) => Promise<Tally>,
): Promise<{ tally: Tally; seconds: number }> {
	using status = new Status(what, files.length);
	const start = performance.now();
	const tally = await count(status);
	return { tally, seconds: (performance.now() - start) / 1000 };
}

/** The same work in this process; now and then the event loop gets a turn, for the status line. */
async function countInTurn(files: readonly string[], status: Status): Promise<Tally> {
	const tally = emptyTally();
	for (const [index, file] of files.entries()) {
		countFile(file, tally);
		status.advance(1);
		if (index % FILES_PER_TURN === 0) await turn();
	}
	return tally;
}

function printTop({ words }: Tally): void {
	const top = [...words].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, TOP);
	console.log(`most frequent: ${top.map(([word, count]) => `${word} ${count}`).join(', ')}`);
}

function printSpeed(who: string, { files, skipped }: Tally, seconds: number): void {
	const rate = Math.round((files + skipped) / seconds);
	console.log(`${who}: ${files} text files, ${skipped} skipped, ${seconds.toFixed(2)} s, ${rate} files/s`);
}

function sameCounts(one: Tally, other: Tally): boolean {
	const same = one.words.size === other.words.size && [...one.words].every(([word, n]) => other.words.get(word) === n);
	if (!same) console.error('The two runs have counted differently. Did files change meanwhile?');
	return same;
}

if (isMain(import.meta)) {
	const installed = new URL('node_modules', import.meta.resolve('polyproc/package.json'));
	process.exitCode = await main(process.argv[2] ?? fileURLToPath(installed));
}
