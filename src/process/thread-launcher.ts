/**
 * Threads of this process that run a function, as processes do: the function and its arguments are pickled, modules are
 * imported, and what ends a process ends the thread.
 */
import { inspect } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { gates } from '../os/gates.ts';
import { encode } from '../wire/codec.ts';
import { threadEntry } from './child-entry.ts';
import type { Job } from './payload.ts';

/** What a thread says, and is told. */
export const THREAD = { hasArguments: 'has its arguments', runs: 'runs', end: 'end' } as const;

/**
 * Milliseconds that a thread has to end by itself, and to let go of what it shares: one that has just begun, and one that runs.
 */
const PATIENCE = { beginning: 1000, running: 30 } as const;

/** A thread that has been started. */
export class Thread {
	readonly id: number;
	/** Resolves with the exit code when it has ended. */
	readonly exited: Promise<number>;
	readonly #worker: Worker;
	#patience: number = PATIENCE.beginning;
	#isEnding = false;

	constructor(worker: Worker, exited: Promise<number>) {
		this.#worker = worker;
		this.id = worker.threadId;
		this.exited = exited;
		worker.on('message', (said) => {
			if (said === THREAD.runs) this.#patience = PATIENCE.running;
		});
	}

	/** Ends it, if it must be in the middle of what it does. */
	kill(): void {
		if (this.#isEnding) return;
		this.#isEnding = true;
		this.#worker.postMessage(THREAD.end);
		const late = setTimeout(() => void this.#worker.terminate(), this.#patience).unref();
		void this.exited.then(() => clearTimeout(late));
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
	gates.tellThreads();
	const worker = new Worker(threadEntry, { workerData, name });
	const exited = new Promise<number>((resolve) => worker.once('exit', resolve));
	await new Promise<void>((resolve, reject) => {
		worker.once('message', resolve);
		worker.once('error', reject);
		worker.once('exit', (code) => reject(new Error(`the thread ended with exit code ${code}`)));
	});
	// An error that nobody caught: it ends the thread, and is told as a process tells it.
	worker.on('error', (error) => process.stderr.write(`Uncaught:\n${inspect(error)}\n`));
	const thread = new Thread(worker, exited);
	thread.hold(false);
	return thread;
}
