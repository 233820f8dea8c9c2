/**
 * What a program that can be forked needs from its beginning on: to know its worker threads, which will not exist in a
 * child, and random numbers that can be made different there. Nothing in any other program.
 */
import type { Worker } from 'node:worker_threads';
import { makeRandomRenewable } from '../base/randomness.ts';

const running = new Set<Worker>();

/** Whether worker threads are running. */
export function hasWorkers(): boolean {
	return running.size > 0;
}

if (process.execArgv.includes('--single-threaded')) {
	makeRandomRenewable();
	process.on('worker', (worker: Worker) => {
		running.add(worker);
		worker.once('exit', () => running.delete(worker));
	});
}
