/** Pools of every kind. */
import assert from 'node:assert/strict';
import { Lock, Pool, type PoolOptions, ThreadPool } from 'polyproc';
import { promptly } from '../house/promptly.ts';
import { methods } from '../parity/methods.ts';

export type AnyPool = Pool | ThreadPool;

export interface Kind {
	readonly name: string;
	readonly isThreads: boolean;
	make(size: number, options?: PoolOptions): AnyPool;
}

const threads: Kind = {
	name: 'threads',
	isThreads: true,
	make: (size, options) => new ThreadPool(size, options),
};

function processes(method: (typeof methods)[number]): Kind {
	return {
		name: method,
		isThreads: false,
		make: (size, options) => new Pool(size, { ...options, context: method }),
	};
}

/** One of processes and one of threads: what does not depend on how a process is started. */
export const kinds: readonly Kind[] = [processes(methods.at(-1)!), threads];

/** All of them. A process that is forked should have no threads. */
export const allKinds: readonly Kind[] = [...methods.map(processes), ...(methods.includes('spawn') ? [threads] : [])];

/** Closes a pool and waits for its end. */
export async function finish(pool: AnyPool): Promise<void> {
	pool.close();
	assert.equal(await promptly(pool.join()), true);
}

/** Everything used once, before what there is is counted. */
export async function warmUp(): Promise<void> {
	for (const kind of allKinds) {
		const pool = kind.make(1);
		await pool.apply(Math.sqrt, [4]);
		await finish(pool);
	}
}

/** Many short tasks: from then on the pool sends short tasks ahead of time. */
export async function train(pool: AnyPool): Promise<void> {
	for (let i = 0; i < 10; i++) {
		await promptly(Promise.all(Array.from({ length: 50 }, () => pool.apply(Math.sqrt, [4]))));
	}
}

/** A lock that somebody has. */
export function closedGate(): Lock {
	const gate = new Lock();
	gate.acquireSync();
	return gate;
}

/** What a promise rejects with. */
export function failureOf(promise: PromiseLike<unknown>): Promise<Error & { code?: string; index?: number }> {
	return promptly(
		promise.then(
			(value) => assert.fail(`it did not fail: ${String(value)}`),
			(error: Error) => error,
		),
	);
}
