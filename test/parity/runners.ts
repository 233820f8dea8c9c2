/**
 * Who may run a target beside the test: a process of each start method, and a thread of this process. What is passed is
 * the same for all of them.
 */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { Worker } from 'node:worker_threads';
import { type Connection, getContext, Pipe, pickle } from 'polyproc';
import { type Method, methods } from './methods.ts';
import { END, serve } from './serving.ts';

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

/**
 * The same, but who has run a target runs the next one: for tests that need many at once, and of which none is about how
 * they begin. To be called before `checkLeaks`, which comes when they have been ended.
 */
export function lasting(runner: Runner): Runner {
	const everybody: Running[] = [];
	const idle: Running[] = [];
	after(async () => {
		for (const { line, join } of everybody) {
			await line.send(END);
			assert.equal(await join(), 0);
			line.close();
		}
	});

	async function another(): Promise<Running> {
		const running = await runner.start(serve);
		everybody.push(running);
		return running;
	}

	return {
		name: runner.name,
		async start(target, ...args) {
			const running = idle.pop() ?? (await another());
			const [line, theirs] = Pipe();
			await running.line.send([target, [...args, theirs]]);
			theirs.close();
			return {
				line,
				async join() {
					const code = (await running.line.recv()) as number;
					idle.push(running);
					return code;
				},
			};
		},
	};
}
