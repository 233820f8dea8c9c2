/** What pools are made with: the type, and the check of what was really passed. */
import { typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import { checkProcessLimits, PROCESS_LIMITS, type ProcessLimits } from '../process/limits.ts';
import type { StartMethod } from '../process/self.ts';
import type { PoolContext } from './kit.ts';
import { checkCount, describe } from './options.ts';

/** What `new Pool` takes besides the number of workers. */
export interface PoolOptions {
	/** Called in each worker before its first task. If it throws, the pool is broken. */
	readonly initializer?: ((...args: never[]) => unknown) | undefined;
	/** What it is called with. */
	readonly initargs?: readonly unknown[] | undefined;
	/** After so many calls or chunks a worker is replaced by a fresh one. */
	readonly maxTasksPerChild?: number | undefined;
	/** Bytes of resident memory; a worker that has more after a task is replaced by a fresh one. */
	readonly maxMemoryPerChild?: number | undefined;
	/** What each worker may use at most, from its start to its end; one that passes a limit is killed and replaced. */
	readonly limits?: ProcessLimits | undefined;
	/** How workers are started: what `getContext()` returned, or the name of a start method. */
	readonly context?: PoolContext | StartMethod | undefined;
	/** For messages and logs. Default: `Pool-1`. */
	readonly name?: string | undefined;
}

const KNOWN = ['initializer', 'initargs', 'maxTasksPerChild', 'maxMemoryPerChild', 'limits', 'context', 'name'];

/** @throws TypeError, RangeError */
export function checkPoolOptions(processes: unknown, options: unknown, call: string): void {
	if (processes !== undefined) checkCount(processes, `${call}: the number of workers`, 1);
	if (typeof options !== 'object' || options === null) {
		throw typeError(`${call}: options must be an object, not ${describe(options)}`);
	}
	checkKnown(options, KNOWN, call);
	const { initializer, initargs, maxTasksPerChild, maxMemoryPerChild, limits, name } = options as PoolOptions;
	if (initializer !== undefined && typeof initializer !== 'function') {
		throw typeError(`${call}: initializer must be a function, not ${describe(initializer)}`);
	}
	if (initargs !== undefined && !Array.isArray(initargs)) throw typeError(`${call}: initargs must be an array`);
	if (maxTasksPerChild !== undefined) checkCount(maxTasksPerChild, `${call}: maxTasksPerChild`, 1);
	if (maxMemoryPerChild !== undefined) checkCount(maxMemoryPerChild, `${call}: maxMemoryPerChild`, 1);
	if (limits !== undefined) checkProcessLimits(limits, call, PROCESS_LIMITS);
	if (name !== undefined && typeof name !== 'string') throw typeError(`${call}: name must be a string`);
}
