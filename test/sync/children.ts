/** Children of the tests of this folder: started with a line to them, and ended by force. */
import assert from 'node:assert/strict';
import { type Connection, Pipe, Process } from 'polyproc';

export interface Started {
	readonly child: Process;
	readonly report: Connection;
}

/** Starts `target(...args, line, ...more)`. */
export async function start(
	target: (...args: never[]) => unknown,
	args: unknown[],
	more: unknown[] = [],
): Promise<Started> {
	const [report, theirs] = Pipe();
	const child = new Process({ target: target as () => void, args: [...args, theirs, ...more] as never });
	await child.start();
	theirs.close();
	return { child, report };
}

export async function end({ child, report }: Started): Promise<void> {
	child.kill();
	await child.join();
	report.close();
}

/** What `wait` gives, which must not take longer than `limit` milliseconds. */
export async function within<T>(limit: number, wait: () => T | Promise<T>): Promise<T> {
	const begin = performance.now();
	const result = await wait();
	assert.ok(performance.now() - begin < limit, `it took ${performance.now() - begin} ms`);
	return result;
}
