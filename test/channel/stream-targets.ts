/** What the other processes of the tests of connections over sockets run. */
import { type Connection, Listener } from 'polyproc';

/** Sends every byte message back until an empty one comes, without an event loop. */
export function echoSync(connection: Connection): void {
	for (let message = connection.recvBytesSync(); message.length > 0; message = connection.recvBytesSync()) {
		connection.sendBytesSync(message);
	}
	connection.close();
}

/** Takes a connection and tells the first message that comes over it. */
export async function receiveOverWhatCame(line: Connection): Promise<void> {
	const connection = (await line.recv()) as Connection;
	await line.send((await connection.recvBytes()).toString());
	connection.close();
}

export async function sendAfter(connection: Connection): Promise<void> {
	await connection.send('from the child');
	connection.close();
}

export class Point {
	readonly x: number;
	readonly y: number;

	constructor(x: number, y: number) {
		this.x = x;
		this.y = y;
	}

	sum(): number {
		return this.x + this.y;
	}
}

/** Listens in a folder of its own until it is killed. */
export async function listenForEver(line: Connection): Promise<void> {
	const listener = new Listener({ family: 'AF_UNIX' });
	await listener.ready;
	line.sendSync(listener.address);
	await listener.accept();
}
