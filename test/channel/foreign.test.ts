/** Files, sockets and servers of Node as arguments and as messages. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { open, readFile, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { Pipe, Process } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';
import {
	answerOnce,
	closeReceived,
	greetOverSocket,
	readReceived,
	takeNothing,
	writeAll,
	writeReceived,
} from './foreign-targets.ts';

checkLeaks(async () => {
	const [here, there] = Pipe();
	const child = new Process({ target: writeReceived, args: [there] });
	await child.start();
	await here.send(null);
	assert.equal(await child.join(), 0);
	here.close();
	there.close();
	child.close();
});

const path = join(tmpdir(), `polyproc-foreign-${process.pid}.txt`);

test('a child writes to a file that its parent has opened, where the parent left off', async () => {
	const file = await open(path, 'w+');
	await file.write('parent, ');
	const child = new Process({ target: writeAll, args: [file, 'child'] });
	await child.start();
	assert.equal(await child.join(), 0);
	await file.write(', parent again');
	await file.close();
	assert.equal(await readFile(path, 'utf8'), 'parent, child, parent again');
	await rm(path);
	child.close();
});

test('a worker thread sends files without a warning about descriptors', async () => {
	const { stdout, stderr, code } = await runProgram(fixturePath('process/file-from-thread.mjs'));
	assert.deepEqual([stdout, stderr, code], ['took FileHandle\n', '', 0]);
});

test('a file can be sent through a pipe, also one with a large descriptor number', async () => {
	const handles = [await open(path, 'w+')];
	while (handles.at(-1)!.fd <= 256) handles.push(await open(path, 'r+'));
	const file = handles.at(-1)!;
	const [here, there] = Pipe();
	const child = new Process({ target: writeReceived, args: [there] });
	await child.start();
	there.close();
	await here.send({ file, text: 'through the pipe' });
	assert.equal(await here.recv(), 'written');
	await here.send(null);
	assert.equal(await child.join(), 0);
	here.close();
	child.close();
	await Promise.all(handles.map((handle) => handle.close()));
	assert.equal(await readFile(path, 'utf8'), 'through the pipe');
	await rm(path);
});

async function listening(): Promise<{ server: Server; port: number }> {
	const server = createServer();
	await once(server.listen(0, '127.0.0.1'), 'listening');
	return { server, port: (server.address() as { port: number }).port };
}

test('a child talks over a socket that its parent has accepted', async () => {
	const { server, port } = await listening();
	const client = connect(port, '127.0.0.1');
	const [accepted] = (await once(server, 'connection')) as [Socket];
	accepted.pause();
	const child = new Process({ target: greetOverSocket, args: [accepted] });
	await child.start();
	accepted.destroy();
	assert.equal(await text(client), 'hello from the child');
	assert.equal(await child.join(), 0);
	server.close();
	child.close();
});

test('a child serves on a server that its parent listens with', async () => {
	const { server, port } = await listening();
	const child = new Process({ target: answerOnce, args: [server] });
	await child.start();
	server.close();
	assert.equal(await text(connect(port, '127.0.0.1')), 'answered by the child');
	assert.equal(await child.join(), 0);
	child.close();
});

/** Writes so that the other side's system has it when this resolves. */
function write(socket: Socket, words: string): Promise<void> {
	return new Promise((resolve, reject) => socket.write(words, (error) => (error ? reject(error) : resolve())));
}

async function turns(): Promise<void> {
	for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function accepting(): Promise<{ accepted: Socket; client: Socket }> {
	const { server, port } = await listening();
	const client = connect(port, '127.0.0.1');
	const [accepted] = (await once(server, 'connection')) as [Socket];
	server.close();
	return { accepted, client };
}

test('what arrives after a socket was sent is left to its receiver, until the sender begins to read it', async () => {
	const { accepted, client } = await accepting();
	const [here, there] = Pipe();
	const sent = new Promise<void>((resolve, reject) => {
		accepted.once('readable', () => {
			assert.equal(String(accepted.read()), 'header\n');
			here.send(accepted).then(resolve, reject); // at once: Node is about to read on
		});
	});
	await write(client, 'header\n');
	await sent;
	await write(client, 'for the receiver');
	await turns();
	assert.equal(accepted.readableLength, 0);
	const child = new Process({ target: readReceived, args: [there] });
	await child.start();
	client.end();
	assert.equal(await here.recv(), 'for the receiver');
	assert.equal(await child.join(), 0);
	assert.equal(await text(accepted), ''); // it reads again, and finds the end
	here.close();
	there.close();
	child.close();
});

test('who reads a socket goes on reading it when it was sent', async () => {
	const { accepted, client } = await accepting();
	const all = text(accepted);
	const [here, there] = Pipe();
	await here.send(accepted);
	client.end('for the sender');
	assert.equal(await all, 'for the sender');
	here.close();
	there.close();
});

test('the other side is told when the receiver closes a socket, though its sender lives on', async () => {
	const [here, there] = Pipe();
	const child = new Process({ target: closeReceived, args: [there] });
	await child.start();
	const { accepted, client } = await accepting();
	await here.send(accepted);
	accepted.destroy();
	assert.equal(await text(client), '');
	await here.send('end');
	assert.equal(await child.join(), 0);
	here.close();
	there.close();
	child.close();
});

test('a receiver that is killed before it has taken a socket leaves nothing open when the pipe is closed', async () => {
	const { accepted, client } = await accepting();
	const [here, there] = Pipe();
	const child = new Process({ target: takeNothing, args: [there] });
	await child.start();
	there.close();
	assert.equal(await here.recv(), 'here');
	await here.send(accepted);
	accepted.destroy();
	child.kill();
	assert.equal(await child.join(), -9);
	here.close();
	assert.equal(await text(client), ''); // its other side is closed for good
	child.close();
});

test('a closed socket, and one that is not connected yet, cannot travel: the error names it', async () => {
	const { port, server } = await listening();
	const client = connect(port, '127.0.0.1');
	const [here, there] = Pipe();
	const error = {
		name: 'PicklingError',
		path: 'message',
		message: 'Cannot pickle message: the Socket is closed, or not connected yet',
	};
	await assert.rejects(here.send(client), error);
	await once(client, 'connect');
	client.destroy();
	await assert.rejects(here.send(client), error);
	server.close();
	here.close();
	there.close();
});

test('a closed file cannot travel: the error names it', async () => {
	const file = await open(process.execPath);
	await file.close();
	const child = new Process({ target: writeAll, args: [file, 'x'] });
	await assert.rejects(child.start(), { name: 'PicklingError', path: 'args[0]' });
});
