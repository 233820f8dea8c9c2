/**
 * Threads of this process that run a function, as processes do: the function and its arguments are pickled, modules are
 * imported, and what ends a process ends the thread.
 */
import type { Worker } from 'node:worker_threads';
import { encode } from '../wire/codec.ts';
import { threadEntry } from './child-entry.ts';
import type { Job } from './payload.ts';

/** A thread that has been started. */
export class Thread {
	readonly id: number;
	/** Resolves with the exit code when it has ended. */
	readonly exited: Promise<number>;
	readonly #worker: Worker;

	constructor(worker: Worker, exited: Promise<number>) {
		this.#worker = worker;
		this.id = worker.threadId;
		this.exited = exited;
	}

	/** Ends it in the middle of what it does. */
	kill(): void {
		void this.#worker.terminate();
	}

	/** Whether this process waits for its end. */
	hold(on: boolean): void {
		if (on) this.#worker.ref();
		else this.#worker.unref();
	}
}

/** What a thread is given. */
export interface ThreadOrders {
	readonly name: string;
	readonly job: Uint8Array;
}

/**
 * Starts a thread. Resolves when it holds what it was given.
 *
 * @throws PicklingError
 */
export async function startThread(name: string, job: Job): Promise<Thread> {
	const workerData: ThreadOrders = { name, job: new Uint8Array(encode(job, { root: '', to: null })) };
	const { Worker } = process.getBuiltinModule('node:worker_threads');
	const worker = new Worker(threadEntry, { workerData, name });
	const exited = new Promise<number>((resolve) => worker.once('exit', resolve));
	await new Promise<void>((resolve, reject) => {
		worker.once('message', resolve);
		worker.once('error', reject);
		worker.once('exit', (code) => reject(new Error(`the thread ended with exit code ${code}`)));
	});
	worker.on('error', () => {}); // an error that nobody caught: it ends the thread
	const thread = new Thread(worker, exited);
	thread.hold(false);
	return thread;
}
