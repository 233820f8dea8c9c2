/** The parallel run: one process a core, a pipe to each, batches of paths as each of them gets through the last one. */
import { Lock, Pipe, Process } from 'polyproc';
import { type Answer, type Batch, countBatches } from './child.ts';
import { addTally, emptyTally, type Tally } from './count.ts';

const BATCHES_PER_PROCESS = 32;

/** Counts `files` in `processes` processes; `onProgress` hears how many more files are done. */
export async function countInParallel(
	files: readonly string[],
	processes: number,
	onProgress: (files: number) => void,
): Promise<Tally> {
	const batches = split(files, processes * BATCHES_PER_PROCESS);
	const printing = new Lock();
	const sum = emptyTally();
	const child = async (_: unknown, index: number): Promise<void> => {
		const [connection, theirs] = Pipe();
		const counter = new Process({ target: countBatches, args: [theirs, printing], name: `counter ${index + 1}` });
		await counter.start();
		theirs.close();
		for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
			await connection.send(batch satisfies Batch);
			onProgress((await connection.recv()) as Extract<Answer, number>);
		}
		await connection.send(null satisfies Batch);
		addTally(sum, (await connection.recv()) as Extract<Answer, Tally>);
		await counter.join();
		connection.close();
	};
	await Promise.all(Array.from({ length: processes }, child));
	return sum;
}

/** Every n-th file to the n-th batch: neighbours are alike, batches should be too. */
function split(files: readonly string[], count: number): string[][] {
	const batches: string[][] = Array.from({ length: Math.min(count, files.length) }, () => []);
	files.forEach((file, index) => {
		batches[index % batches.length]?.push(file);
	});
	return batches;
}
