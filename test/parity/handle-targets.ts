/** What the children of the tests of handles run. */
import type { FileHandle } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Connection, Process } from 'polyproc';

/** Answers the first thing that comes, and ends. */
function answer(socket: Socket, greeting: string): void {
	socket.once('data', (question) => socket.end(`${greeting}, ${question}`));
}

export function answerAsArgument(socket: Socket): void {
	answer(socket, 'from the child');
}

export function answerNested({ sockets: [first, again] }: { sockets: [Socket, Socket] }): void {
	answer(first, first === again ? 'the same' : 'another');
}

export class Answering extends Process {
	readonly socket: Socket;

	constructor(socket: Socket) {
		super();
		this.socket = socket;
	}

	override run(): void {
		answer(this.socket, 'from a field');
	}
}

/** Answers on every socket that comes, until `null`. (By fork it has the other end of the pipe, too: that one stays open.) */
export async function answerReceived(parent: Connection): Promise<void> {
	for await (const socket of parent) {
		if (socket === null) return;
		answer(socket as Socket, 'received');
		parent.sendSync('taken');
	}
}

export async function readAll(socket: Socket, parent: Connection): Promise<void> {
	await parent.send(await text(socket));
}

/** Answers when the other side has said all it had to say, and closed its half of the connection. */
export function answerAtTheEnd(socket: Socket): void {
	let words = '';
	socket.setEncoding('utf8').on('data', (more) => {
		words += more;
	});
	socket.on('end', () => setImmediate(() => socket.end(`at the end, ${words}`)));
}

/** The same for whoever comes first; says what the server was made with. */
export function serveAtTheEnd(server: Server, line: Connection): void {
	const { allowHalfOpen, pauseOnConnect, noDelay, keepAlive } = server as never;
	line.sendSync({ allowHalfOpen, pauseOnConnect, noDelay, keepAlive });
	server.once('connection', (socket) => {
		answerAtTheEnd(socket);
		server.close();
	});
}

export function serveOnce(server: Server): void {
	server.once('connection', (socket) => {
		answer(socket, 'served');
		server.close();
	});
}

export async function serveOnceReceived(parent: Connection): Promise<void> {
	serveOnce((await parent.recv()) as Server);
}

export async function append(file: FileHandle, words: string): Promise<void> {
	await file.writeFile(words);
	await file.close();
}

/** Does nothing until it is told to end. */
export function stay(parent: Connection): void {
	parent.recvSync();
}
