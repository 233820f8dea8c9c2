/**
 * Who may run a target beside the test: a process of each start method, and a thread of this process. What is passed is
 * the same for all of them.
 */
import { Worker } from 'node:worker_threads';
import { type Connection, getContext, Pipe, pickle } from 'polyproc';
import { type Method, methods } from './methods.ts';

/** A target under way, with a line to it: the target's last argument is the other end. */
export interface Running {
	readonly line: Connection;
	/** What the target's thread or process ended with. */
	join(): Promise<number | null>;
}

export interface Runner {
	readonly name: string;
	start(target: (...args: never[]) => unknown, ...args: unknown[]): Promise<Running>;
}

function processRunner(method: Method): Runner {
	return {
		name: method,
		async start(target, ...args) {
			const [line, theirs] = Pipe();
			const child = new (getContext(method).Process)({
				target: target as (...args: unknown[]) => unknown,
				args: [...args, theirs],
			});
			await child.start();
			theirs.close();
			return { line, join: () => child.join() };
		},
	};
}

export const threadRunner: Runner = {
	name: 'worker thread',
	async start(target, ...args) {
		const [line, theirs] = Pipe();
		const worker = new Worker(new URL('thread-entry.js', import.meta.url), {
			workerData: pickle.dumps([target, ...args, theirs]),
		});
		const ended = new Promise<number>((resolve, reject) => {
			worker.once('exit', resolve);
			worker.once('error', reject);
		});
		await new Promise((resolve) => worker.once('message', resolve));
		theirs.close();
		return { line, join: () => ended };
	},
};

/** Threads are the same whatever the method; a process that is forked should have none. */
export const runners: readonly Runner[] = [
	...methods.map(processRunner),
	...(methods.includes('spawn') ? [threadRunner] : []),
];
