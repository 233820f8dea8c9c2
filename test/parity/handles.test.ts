/** CPython's _TestPicklingConnections for sockets, and what it inherits by fork: Node's handles with every start method. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { open, readFile, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type ServerOpts, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { type Connection, getContext, Pipe, setStartMethod, wait } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './handle-targets.ts';
import { methods } from './methods.ts';

checkLeaks(async () => {
	for (const method of methods) {
		const { accepted, server, client } = await accept();
		const child = new (getContext(method).Process)({ target: targets.answerAsArgument, args: [accepted] });
		await child.start();
		accepted.destroy();
		client.end('warm-up');
		await text(client);
		await child.join();
		child.close();
		await close(server);
	}
});

async function listen(options: ServerOpts = {}): Promise<{ server: Server; port: number }> {
	const server = createServer(options);
	await once(server.listen(0, '127.0.0.1'), 'listening');
	return { server, port: (server.address() as { port: number }).port };
}

async function close(server: Server): Promise<void> {
	server.close();
	await once(server, 'close');
}

interface Accepted {
	readonly server: Server;
	readonly accepted: Socket;
	readonly client: Socket;
}

async function accept(options: ServerOpts = { pauseOnConnect: true }): Promise<Accepted> {
	const { server, port } = await listen(options);
	const client = connect(port, '127.0.0.1');
	const [accepted] = (await once(server, 'connection')) as [Socket];
	if (client.connecting) await once(client, 'connect');
	return { server, accepted, client };
}

/** Writes so that the other side's system has it when this resolves. */
function write(socket: Socket, words: string): Promise<void> {
	return new Promise((resolve, reject) => socket.write(words, (error) => (error ? reject(error) : resolve())));
}

for (const method of methods) {
	const { Process } = getContext(method);
	type Started = InstanceType<typeof Process>;

	async function expectEnd(child: Started): Promise<void> {
		assert.equal(await child.join(), 0);
		child.close();
	}

	test(`${method}: a socket that may be half open still may be where it arrives`, async () => {
		const { server, accepted, client } = await accept({ allowHalfOpen: true, pauseOnConnect: true });
		const child = new Process({ target: targets.answerAtTheEnd, args: [accepted] });
		await child.start();
		accepted.destroy();
		client.end('goodbye');
		assert.equal(await text(client), 'at the end, goodbye');
		await expectEnd(child);
		await close(server);
	});

	test(`${method}: a server keeps the options that it was made with`, async () => {
		const options = { allowHalfOpen: true, pauseOnConnect: false, noDelay: true, keepAlive: true };
		const { server, port } = await listen(options);
		const [line, theirs] = Pipe();
		const child = new Process({ target: targets.serveAtTheEnd, args: [server, theirs] });
		await child.start();
		await close(server);
		assert.deepEqual(await line.recv(), options);
		const client = connect(port, '127.0.0.1');
		client.end('goodbye');
		assert.equal(await text(client), 'at the end, goodbye');
		await expectEnd(child);
		for (const end of [line, theirs]) end.close();
	});

	for (const pauseOnConnect of [true, false]) {
		const how = pauseOnConnect ? 'paused' : 'as Node reads it';
		test(`${method}: a child serves what its parent has accepted (${how}), which closes its own at once`, async () => {
			const { server, accepted, client } = await accept({ pauseOnConnect });
			const child = new Process({ target: targets.answerAsArgument, args: [accepted] });
			await child.start();
			accepted.destroy();
			client.write('please');
			assert.equal(await text(client), 'from the child, please');
			await expectEnd(child);
			await close(server);
		});

		test(`${method}: accepted sockets (${how}) are handed over through a pipe, and closed when they are sent`, async () => {
			const [here, there] = Pipe();
			const child = new Process({ target: targets.answerReceived, args: [there] });
			await child.start();
			there.close();
			for (const question of ['one', 'two', 'three']) {
				const { server, accepted, client } = await accept({ pauseOnConnect });
				await here.send(accepted);
				accepted.destroy();
				client.write(question);
				assert.equal(await text(client), `received, ${question}`);
				assert.equal(await here.recv(), 'taken');
				await close(server);
			}
			await here.send(null);
			await expectEnd(child);
			here.close();
		});
	}

	test(`${method}: what arrives before a socket is sent, and before it is taken, is the receiver's`, async () => {
		const [here, there] = Pipe();
		const { server, accepted, client } = await accept();
		await write(client, 'early, ');
		const child = new Process({ target: targets.readAll, args: [accepted, there] });
		const starting = child.start();
		await write(client, 'meanwhile, ');
		await starting;
		accepted.destroy();
		client.end('late');
		assert.equal(await here.recv(), 'early, meanwhile, late');
		await expectEnd(child);
		here.close();
		there.close();
		client.destroy();
		await close(server);
	});

	test(`${method}: a socket of which something has been read already cannot travel; the error says what to do`, async () => {
		const [here, there] = Pipe();
		const { server, accepted, client } = await accept({});
		await write(client, 'hello');
		while (accepted.readableLength === 0) await new Promise((resolve) => setImmediate(resolve));
		const why =
			'the Socket has 5 bytes that have been read here and would be missing there; read() them and send them along, or take it from createServer({ pauseOnConnect: true }), which reads nothing';
		await assert.rejects(here.send({ accepted }), {
			name: 'PicklingError',
			code: 'ERR_MP_PICKLING',
			path: 'message.accepted',
			message: `Cannot pickle message.accepted: ${why}`,
		});
		const child = new Process({ target: targets.answerNested, args: [{ sockets: [accepted, accepted] }] });
		await assert.rejects(child.start(), {
			name: 'PicklingError',
			path: 'args[0].sockets[0]',
			message: `Cannot pickle args[0].sockets[0]: ${why}`,
		});
		assert.equal(String(accepted.read()), 'hello');
		await child.start();
		accepted.destroy();
		client.write('again');
		assert.equal(await text(client), 'the same, again');
		await expectEnd(child);
		here.close();
		there.close();
		await close(server);
	});

	test(`${method}: a child keeps nothing open of a socket that its parent has sent to somebody, and is waiting for`, async () => {
		const { server, accepted, client } = await accept();
		const [here, there] = Pipe();
		const [line, theirs] = Pipe();
		await here.send(accepted);
		const abort = new AbortController();
		const waiting = wait([accepted], { signal: abort.signal });
		const child = new Process({ target: targets.stay, args: [theirs] });
		await child.start();
		abort.abort();
		await assert.rejects(waiting, { name: 'AbortError' });
		((await there.recv()) as Socket).destroy();
		accepted.destroy();
		for (const connection of [here, there]) connection.close();
		assert.equal(await text(client), '');
		assert.equal(child.isAlive(), true);
		line.sendSync('end');
		await expectEnd(child);
		for (const connection of [line, theirs]) connection.close();
		await close(server);
	});

	test(`${method}: a socket may be a field of a Process subclass`, async () => {
		setStartMethod(method, { force: true });
		const { server, accepted, client } = await accept();
		const child = new targets.Answering(accepted);
		await child.start();
		accepted.destroy();
		client.write('please');
		assert.equal(await text(client), 'from a field, please');
		assert.equal(await child.join(), 0);
		child.close();
		await close(server);
	});

	for (const [way, start] of [
		['as an argument', async (server: Server): Promise<Started> => startServing(targets.serveOnce, server)],
		[
			'through a pipe',
			async (server: Server): Promise<Started> => {
				const [here, there] = Pipe();
				const child = await startServing(targets.serveOnceReceived, there);
				there.close();
				await here.send(server);
				here.close();
				return child;
			},
		],
	] as const) {
		test(`${method}: a child accepts on a server that its parent listens with, given ${way}`, async () => {
			const { server, port } = await listen();
			const child = await start(server);
			await close(server);
			const client = connect(port, '127.0.0.1');
			client.write('please');
			assert.equal(await text(client), 'served, please');
			await expectEnd(child);
		});
	}

	async function startServing(target: (given: never) => unknown, given: Server | Connection): Promise<Started> {
		const child = new Process({ target: target as (given: unknown) => unknown, args: [given] });
		await child.start();
		return child as unknown as Started;
	}

	test(`${method}: a child writes where its parent has stopped writing to a file`, async () => {
		const path = join(tmpdir(), `polyproc-handles-${method}-${process.pid}.txt`);
		const file = await open(path, 'w+');
		await file.write('parent, ');
		const child = new Process({ target: targets.append, args: [file, 'child'] });
		await child.start();
		await expectEnd(child as unknown as Started);
		await file.write(', parent again');
		await file.close();
		assert.equal(await readFile(path, 'utf8'), 'parent, child, parent again');
		await rm(path);
	});
}
