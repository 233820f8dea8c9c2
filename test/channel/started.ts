/** Children that say that they are there, for the tests of queues. */
import assert from 'node:assert/strict';
import { type Connection, Pipe, Process } from 'polyproc';

export interface Started {
	readonly child: Process;
	readonly line: Connection;
}

/** A child that has said that it is there, with a line to it. */
export async function starting(target: (...args: never[]) => unknown, ...args: unknown[]): Promise<Started> {
	const [line, theirs] = Pipe();
	const child = new Process({ target: target as () => void, args: [...args, theirs] as never });
	await child.start();
	theirs.close();
	assert.equal(await line.recv(), 'there');
	return { child, line };
}
