/** What the children of the tests of files and sockets run. */
import type { FileHandle } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Connection } from 'polyproc';

export async function writeAll(file: FileHandle, text: string): Promise<void> {
	await file.writeFile(text);
	await file.close();
}

/** Writes to each file that comes what comes with it, until `null`. */
export async function writeReceived(parent: Connection): Promise<void> {
	for await (const message of parent) {
		if (message === null) return;
		const { file, text } = message as { file: FileHandle; text: string };
		await writeAll(file, text);
		await parent.send('written');
	}
}

export function greetOverSocket(socket: Socket): void {
	socket.end('hello from the child');
}

export function answerOnce(server: Server): void {
	server.once('connection', (socket) => {
		socket.end('answered by the child');
		server.close();
	});
}

export function takeNothing(parent: Connection): void {
	parent.sendSync('here');
	for (;;);
}

/** Sends back what it reads from the socket that comes. */
export async function readReceived(parent: Connection): Promise<void> {
	await parent.send(await text((await parent.recv()) as Socket));
}

/** Closes what comes without a goodbye, and stays until the next message. */
export async function closeReceived(parent: Connection): Promise<void> {
	((await parent.recv()) as Socket).destroy();
	await parent.recv();
}
