/** One function in a process of its own, its result back. */
import { type RunOptions, runBy } from './run-call.ts';
import type { Task } from './task.ts';

/**
 * Calls `fn(...args)` in a process of its own; a task that is a promise of what it returns. When it is called off, or
 * takes too long, the process is killed.
 *
 * @example
 * const n = await run(() => fib(40));
 * const m = await run(fib, [40], { timeout: 10_000 });
 */
export function run<Args extends readonly unknown[], R>(
	fn: (...args: Args) => R,
	...rest: [] extends Args
		? [args?: readonly [...Args] | undefined, options?: RunOptions | undefined]
		: [args: readonly [...Args], options?: RunOptions | undefined]
): Task<Awaited<R>> {
	return runBy(undefined, fn as never, rest[0], rest[1]) as Task<Awaited<R>>;
}
