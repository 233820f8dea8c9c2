/** What every child does: take batches of paths from the pipe, count, and hand over everything at the end. */
import { type Connection, currentProcess, type Lock } from 'polyproc';
import { countFile, emptyTally, type Tally } from './count.ts';

/** To the child: paths to count, or `null`: there are no more. */
export type Batch = string[] | null;

/** From the child: how many files of a batch it has dealt with, and at the very end what it has counted. */
export type Answer = number | Tally;

export async function countBatches(parent: Connection, printing: Lock): Promise<void> {
	const tally = emptyTally();
	for (;;) {
		const batch = (await parent.recv()) as Batch;
		if (batch === null) break;
		for (const path of batch) countFile(path, tally);
		await parent.send(batch.length satisfies Answer);
	}
	const turn = await printing.hold();
	const { name, pid } = currentProcess();
	console.log(`  ${name} (${pid}): ${tally.files} files, ${tally.words.size} different words`);
	turn[Symbol.dispose]();
	await parent.send(tally satisfies Answer);
}
