// A thousand rounds of hostile writes into shared memory, or as many as there is time for: into queues, rings, locks and
// all other objects, into the heap, the tables and the records of who waits, and by another process meanwhile.
import { runBatch, type What } from '../hostile/batches.ts';
import { DURATION, SEED } from './random.ts';

const ROUNDS = 1000;
/** What a batch is of, and how many rounds it has: a family whose tables were overwritten does not last long. */
const BATCHES: readonly (readonly [what: What, count: number])[] = [
	['objects', 60],
	['bookkeeping', 20],
	['bookkeeping', 16],
	['another', 4],
];

const end = performance.now() + DURATION;
let rounds = 0;
for (let batch = 0; rounds < ROUNDS && performance.now() < end; batch++) {
	const [what, count] = BATCHES[batch % BATCHES.length]!;
	await runBatch(what, SEED, rounds, count);
	rounds += count;
}
console.log(`  ${rounds} rounds of hostile writes`);
