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
import { answerOnce, greetOverSocket, writeAll, writeReceived } from './foreign-targets.ts';

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

test('a closed file cannot travel: the error names it', async () => {
	const file = await open(process.execPath);
	await file.close();
	const child = new Process({ target: writeAll, args: [file, 'x'] });
	await assert.rejects(child.start(), { name: 'PicklingError', path: 'args[0]' });
});
