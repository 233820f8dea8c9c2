import { type Connection, currentProcess } from 'polyproc';

/** Tells what this process has for a key, and whether it can be sent from here. */
export async function tellKey(line: Connection): Promise<void> {
	const { authkey } = currentProcess();
	const failure = await line.send(authkey).catch((error: Error) => error.name);
	await line.send([authkey.constructor.name, Buffer.from(authkey), failure]);
}

/** Stays until the other end is closed. */
export async function stay(line: Connection): Promise<void> {
	await line.send(process.pid);
	await line.recv().catch(() => {});
}

export function tellNothing(): void {}
