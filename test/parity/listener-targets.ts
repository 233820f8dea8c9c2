/** What the other side of the listener tests runs; the last argument of those for a runner is its line. */
import { type Address, Client, type Connection } from 'polyproc';

/** Connects and says hello. */
export async function sayHello(address: Address, line: Connection): Promise<void> {
	const connection = await Client(address);
	await connection.send('hello');
	await line.recv();
	connection.close();
}

/** Connects, writes and closes before anybody accepts. */
export async function sayAndLeave(address: Address, line: Connection): Promise<void> {
	const connection = await Client(address);
	await connection.send('I am gone');
	connection.close();
	await line.send('gone');
	await line.recv();
}

/** Connects and tells over its line that something has come, before it receives it. */
export async function pollFirst(address: Address, line: Connection): Promise<void> {
	const connection = await Client(address);
	const came = await connection.poll(10_000);
	await line.send([came, (await connection.recvBytes()).toString()]);
	connection.close();
}

/** Takes connections over the line and answers over each of them, in capitals. */
export async function answerOverWhatCame(line: Connection): Promise<void> {
	for (let arrived = await line.recv(); arrived !== null; arrived = await line.recv()) {
		const connection = arrived as Connection;
		await connection.send(String(await connection.recv()).toUpperCase());
		connection.close();
	}
}

/** Answers over a connection that it was given, without an event loop. */
export function answerOver(connection: Connection): void {
	connection.sendSync(String(connection.recvSync()).toUpperCase());
	connection.close();
}

/** Only polls, so that nothing but polling could swallow a part of a message. */
export async function pollOnly(connection: Connection, line: Connection): Promise<void> {
	await line.send('polling');
	while (!(await line.poll())) await connection.poll(1);
	await line.recv();
	connection.close();
	await line.send('done');
}

/** Connects once it is told to; a signal has come to the listener by then. */
export async function connectWhenTold(address: Address, line: Connection): Promise<void> {
	await line.recv();
	const connection = await Client(address);
	await connection.send('after the signals');
	connection.close();
	await line.recv();
}
