/** Pools: many calls, few processes. The public faces; what they do is in crew.ts, map.ts and imap.ts. */
import type { WaitOptions } from '../base/deadline.ts';
import { ProcessError, typeError } from '../base/errors.ts';
import { handoff } from '../wire/handoff.ts';
import { Unpicklable } from '../wire/unpicklable.ts';
import { Engine, type PoolKind } from './engine.ts';
import type { MapOptions, TaskOptions } from './options.ts';
import type { PoolOptions } from './pool-options.ts';
import type { PoolStats } from './stats.ts';
import { Task } from './task.ts';

/** Arguments for a function with these parameters. */
type ArgumentsFor<Args extends readonly unknown[]> = readonly [...Args];

export type AnyIterable<T> = Iterable<T> | AsyncIterable<T>;

const engines = new WeakMap<object, Engine>();

function engineOf(pool: object, call: string): Engine {
	const engine = engines.get(pool);
	if (engine === undefined) throw typeError(`${call}: this is no pool that a constructor has made`);
	if (engine.owner === process.pid) return engine;
	throw new ProcessError(`${call}: this pool belongs to the process that made it; make one here.`, {
		code: 'ERR_MP_PROCESS_STATE',
	});
}

/** What pools of processes and pools of threads have in common. */
abstract class BasePool implements AsyncDisposable {
	/** @internal */
	protected constructor(kind: PoolKind, processes: number | undefined, options: PoolOptions) {
		const engine = new Engine(kind, processes, options);
		engines.set(this, engine);
		Engine.endWhenCollected(this, engine);
	}

	/** Resolves when all workers are there and initialized. Rejects with what an initializer threw. */
	get ready(): Promise<void> {
		return engineOf(this, 'ready').ready;
	}

	/** How many workers there are to be. */
	get processes(): number {
		return engineOf(this, 'processes').size;
	}

	/** Of the workers that there are now; of threads their thread ids. */
	get pids(): number[] {
		return engineOf(this, 'pids').pids;
	}

	/**
	 * Calls `fn(...args)` in a worker. The task is a promise of what it returns, and rejects with what it throws.
	 *
	 * @example
	 * const task = pool.apply(add, [1, 2], { timeout: 1000 });
	 * console.log(await task); // 3
	 */
	apply<Args extends readonly unknown[], R>(
		fn: (...args: Args) => R,
		...rest: [] extends Args
			? [args?: ArgumentsFor<Args> | undefined, options?: TaskOptions | undefined]
			: [args: ArgumentsFor<Args>, options?: TaskOptions | undefined]
	): Task<Awaited<R>> {
		const [args, options] = rest;
		return Task.guarded(() => engineOf(this, 'apply').apply(fn as never, args as never, options)) as Task<Awaited<R>>;
	}

	/**
	 * Calls `fn(item)` for every item; a promise of all results, in their order. Rejects with the error of the first item
	 * that failed (`error.index` says which), once all have been dealt with; with `failFast`, at once.
	 */
	map<T, R>(fn: (item: T) => R, items: AnyIterable<T>, options?: MapOptions): Task<Awaited<R>[]> {
		return Task.guarded(() => engineOf(this, 'map').map(fn as never, items, options, 'map')) as Task<Awaited<R>[]>;
	}

	/** As `map`, for a function of several parameters: each item is the list of its arguments. */
	starmap<Args extends readonly unknown[], R>(
		fn: (...args: Args) => R,
		items: AnyIterable<ArgumentsFor<Args>>,
		options?: MapOptions,
	): Task<Awaited<R>[]> {
		return Task.guarded(() => engineOf(this, 'starmap').map(fn as never, items, options, 'starmap')) as Task<
			Awaited<R>[]
		>;
	}

	/**
	 * The results one after the other, in the order of their items. The input is read as the results are, so it may be
	 * endless, or larger than memory.
	 *
	 * @example
	 * for await (const page of pool.imap(render, pages())) write(page);
	 */
	imap<T, R>(fn: (item: T) => R, items: AnyIterable<T>, options?: MapOptions): AsyncIterableIterator<Awaited<R>> {
		return engineOf(this, 'imap').imap(fn as never, items, options, 'imap') as AsyncIterableIterator<Awaited<R>>;
	}

	/** As `imap`, each result as soon as it is there. */
	imapUnordered<T, R>(
		fn: (item: T) => R,
		items: AnyIterable<T>,
		options?: MapOptions,
	): AsyncIterableIterator<Awaited<R>> {
		return engineOf(this, 'imapUnordered').imap(fn as never, items, options, 'imapUnordered') as AsyncIterableIterator<
			Awaited<R>
		>;
	}

	/** No more tasks are taken on; the workers end when those there are have been done. */
	close(): void {
		engineOf(this, 'close').close();
	}

	/** Ends all workers, whatever they do. Tasks that are not settled reject with a ClosedError. Resolves when they have ended. */
	async terminate(): Promise<void> {
		await engineOf(this, 'terminate').terminate();
	}

	/**
	 * Waits until all workers have ended, after `close()` or `terminate()`. False: not within `timeout` ms.
	 *
	 * @throws ProcessError if the pool is open
	 */
	async join(options?: WaitOptions): Promise<boolean> {
		return await engineOf(this, 'join').join(options);
	}

	/** What the pool has done, and what it is doing. */
	stats(): PoolStats {
		return engineOf(this, 'stats').stats();
	}

	/** Terminates, and waits for the end. */
	async [Symbol.asyncDispose](): Promise<void> {
		await this.terminate();
	}

	/** Never crosses. */
	[handoff](): never {
		throw new Unpicklable('it is a pool, which only the process that made it can use; make one there');
	}
}

/**
 * Worker processes that call functions: all processors with one line.
 *
 * @example
 * await using pool = new Pool();
 * const pages = await pool.map(render, files);
 */
export class Pool extends BasePool {
	/**
	 * @param processes how many workers; by default as many as there are usable processors
	 * @throws RangeError, TypeError for options that make no sense
	 */
	constructor(processes?: number, options: PoolOptions = {}) {
		super('process', processes, options);
	}
}

/** As `Pool`, with threads of this process. What they share with it is what processes share; a fault ends them all. */
export class ThreadPool extends BasePool {
	constructor(threads?: number, options: PoolOptions = {}) {
		super('thread', threads, options);
	}
}
