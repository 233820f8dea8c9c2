/**
 * The start methods that every behaviour is checked under: a new one is done when these tests pass untouched. A program
 * that is forked must have been started for it, so the tests of that method are processes of their own (fork.test.ts).
 */
export type Method = 'spawn' | 'forkserver' | 'fork';

/** What a program that can be forked is started with. */
export const FORK_FLAGS: readonly string[] = ['--single-threaded', '--single-threaded-gc', '--v8-pool-size=0'];

const isForkable = process.execArgv.includes('--single-threaded');

/** For tests whose own process starts the children. */
export const methods: readonly Method[] = isForkable ? ['fork'] : ['spawn', 'forkserver'];

/** For tests that run programs. */
export const allMethods: readonly Method[] = isForkable ? [] : ['spawn', 'forkserver', 'fork'];

/** The Node options of a program that starts children by `method`. */
export function flagsFor(method: Method): readonly string[] {
	return method === 'fork' ? FORK_FLAGS : [];
}
