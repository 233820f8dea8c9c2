/** What is timed when a socket is handed over: from its acceptance until its client has the new owner's answer. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { medianOf } from './measure.ts';

/** Median milliseconds. `handOver` gives the accepted socket to somebody who answers on it and closes it. */
export async function handoverTime(handOver: (socket: Socket) => void): Promise<number> {
	let accepted = 0;
	const server = createServer({ pauseOnConnect: true }, (socket) => {
		accepted = performance.now();
		handOver(socket);
	});
	await once(server.listen(0, '127.0.0.1'), 'listening');
	const { port } = server.address() as AddressInfo;
	const time = await medianOf(async () => {
		const client = connect(port, '127.0.0.1');
		await once(client, 'data');
		const taken = performance.now() - accepted;
		client.destroy();
		return taken;
	});
	server.close();
	return time;
}
