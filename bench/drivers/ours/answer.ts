/** The child's half of handing over a socket. */
import type { Socket } from 'node:net';
import type { Connection } from 'polyproc';

export async function answerAll(sockets: Connection): Promise<void> {
	for await (const socket of sockets) (socket as Socket).end('answer');
}
