/** What the children of the fork tests run. */
import { type Connection, Process } from 'polyproc';

/** The process that has really forked this one. */
export async function tellParent(to: Connection): Promise<void> {
	await to.send(process.ppid);
}

/** Says who forked it, then waits to be told to end. */
export async function tellParentAndWait(to: Connection): Promise<void> {
	await tellParent(to);
	await to.recv();
	await to.send('finished');
}

/** The same of a child of its own. */
export async function tellParents(to: Connection): Promise<void> {
	await tellParent(to);
	const child = new Process({ target: tellParent, args: [to] });
	await child.start();
	await child.join();
}

export function doNothing(): void {}
