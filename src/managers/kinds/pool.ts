/** Pool of a manager: its workers are children of the server, and its tasks are what its clients send. */
import type { MapOptions, TaskOptions } from '../../pool/options.ts';
import { Pool } from '../../pool/pool.ts';
import type { PoolOptions } from '../../pool/pool-options.ts';
import type { Task } from '../../pool/task.ts';
import { type Call, CalledOff } from '../server/call.ts';
import { type OwnKind, ownKind } from '../server/kind.ts';

type AnyFunction = (...args: unknown[]) => unknown;

/** A task that ends with the call it is made for. */
function forCall<R>(call: Call, task: Task<R>): Task<R> {
	call.onCallOff(() => void task.cancel(new CalledOff('the call was called off.')));
	return task;
}

export const POOL: OwnKind = {
	make: (processes?: number, options?: PoolOptions) => new Pool(processes, options),
	kind: ownKind<Pool>('Pool', {
		apply(this: Call, pool, fn: AnyFunction, args?: unknown[], options?: TaskOptions) {
			return forCall(this, pool.apply(fn, args ?? [], options));
		},
		map(this: Call, pool, fn: AnyFunction, items: Iterable<unknown>, options?: MapOptions) {
			return forCall(this, pool.map(fn, items, options));
		},
		starmap(this: Call, pool, fn: AnyFunction, items: Iterable<unknown[]>, options?: MapOptions) {
			return forCall(this, pool.starmap(fn, items, options));
		},
		imap: (pool, fn: AnyFunction, items: Iterable<unknown>, options?: MapOptions) => pool.imap(fn, items, options),
		imapUnordered: (pool, fn: AnyFunction, items: Iterable<unknown>, options?: MapOptions) =>
			pool.imapUnordered(fn, items, options),
		close: (pool) => pool.close(),
		terminate: (pool) => pool.terminate(),
		join: (pool, timeout?: number) => pool.join(timeout),
		ready: (pool) => pool.ready,
		processes: (pool) => pool.processes,
		pids: (pool) => pool.pids,
		stats: (pool) => pool.stats(),
	}),
};
