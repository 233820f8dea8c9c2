/** What a worker thread of the tests begins with: its target and arguments come as pickled bytes. */
import { parentPort, workerData } from 'node:worker_threads';
import { pickle } from 'polyproc';

const [target, ...args] = (await pickle.loadsAsync(workerData as Uint8Array)) as [
	(...args: unknown[]) => unknown,
	...unknown[],
];
parentPort?.postMessage('has its arguments');
await target(...args);
