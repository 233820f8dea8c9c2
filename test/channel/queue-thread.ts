/** A worker thread that passes items on from one queue to another until the first one ends. */
import { workerData } from 'node:worker_threads';
import { pickle, type Queue } from 'polyproc';

const [queue, answers] = (await pickle.loadsAsync(workerData as Uint8Array)) as [Queue<number>, Queue<number>];
for await (const item of queue) answers.putSync(item);
