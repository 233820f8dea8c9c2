/**
 * A server as they used to be: one process accepts, children that were started beforehand serve. A connection is a value
 * like any other: it goes to a child through a pipe, and what the client sends meanwhile waits in it.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Connection, isMain, Pipe, Process } from 'polyproc';

const CHILDREN = 3;
const CLIENTS = 7;

/** What a child does: answers on every connection that it is handed, until there are no more. */
export async function serve(child: number, connections: Connection): Promise<void> {
	let served = 0;
	for await (const connection of connections) {
		const socket = connection as Socket;
		socket.once('data', (question) => socket.end(`${question} was answered by child ${child}`));
		served++;
	}
	console.log(`child ${child} has served ${served}`);
}

async function ask(port: number, question: string): Promise<string> {
	const socket = connect(port, '127.0.0.1');
	socket.write(question);
	return text(socket);
}

async function startChild(child: number) {
	const [connections, handOver] = Pipe({ duplex: false });
	const process = new Process({ target: serve, args: [child, connections] });
	await process.start();
	connections.close();
	return { process, handOver };
}

if (isMain(import.meta)) {
	const children = await Promise.all(Array.from({ length: CHILDREN }, (_, index) => startChild(index + 1)));
	let accepted = 0;
	// Paused: what this process would read of a connection, a child could not read any more.
	const server = createServer({ pauseOnConnect: true }, async (socket) => {
		await children[accepted++ % CHILDREN]?.handOver.send(socket);
		socket.destroy(); // the parent's copy: the connection stays open
	});
	await once(server.listen(0, '127.0.0.1'), 'listening');

	const { port } = server.address() as AddressInfo;
	for (let client = 1; client <= CLIENTS; client++) console.log(await ask(port, `question ${client}`));
	server.close();
	for (const { process, handOver } of children) {
		handOver.close();
		await process.join();
	}
}
