/** Shared objects in the items of a queue live on, whoever has put them and whatever became of that one. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { getContext, Lock, Pipe, Process, Queue, type StartMethod, wait } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './queue-targets.ts';

const METHODS: readonly StartMethod[] = ['forkserver', 'spawn'];
const path = join(tmpdir(), `polyproc-queue-${process.pid}.txt`);

checkLeaks(async () => {
	for (const method of METHODS) await fromOneThatIsGone(method, 'ends');
	await foreign('lives');
});

/** A child puts what can be shared, and is gone before it is taken. */
async function fromOneThatIsGone(method: StartMethod, how: 'ends' | 'is killed'): Promise<void> {
	const queue = new Queue<targets.SharedThings>();
	const child = new (getContext(method).Process)({ target: targets.putShared, args: [queue, how] });
	await child.start();
	if (how === 'is killed') {
		await wait([queue]);
		child.kill();
	}
	assert.equal(await child.join(), how === 'ends' ? 0 : -9);
	child.close();
	const { lock, theirs, inner } = await queue.get();
	assert.equal(lock.acquireSync({ block: false }), true);
	assert.equal(lock.acquireSync({ block: false }), false);
	lock.release();
	assert.equal(await theirs.recv(), 'said before');
	await assert.rejects(theirs.recv(), { name: 'EOFError' });
	theirs.close();
	const { deeper } = await inner.get();
	using _held = await deeper.hold();
	assert.equal(deeper.locked(), true);
}

for (const method of METHODS) {
	for (const how of ['ends', 'is killed'] as const) {
		test(`${method}: a lock, a pipe and a queue with a lock live on in an item when who has put it ${how}`, () =>
			fromOneThatIsGone(method, how));
	}
}

/** A child puts a file and a socket, and lives until they have been taken, or not. */
async function foreign(sender: 'lives' | 'is gone'): Promise<void> {
	await writeFile(path, 'before, ');
	try {
		await passForeign(sender);
	} finally {
		await rm(path);
	}
}

async function passForeign(sender: 'lives' | 'is gone'): Promise<void> {
	const server = createServer();
	await once(server.listen(0, '127.0.0.1'), 'listening');
	const { port } = server.address() as { port: number };
	const connected = once(server, 'connection') as Promise<[Socket]>;
	const queue = new Queue<FileHandle | Socket | string>();
	const [line, theirs] = Pipe();
	const child = new Process({ target: targets.putForeign, args: [queue as Queue, theirs, path, port] });
	await child.start();
	theirs.close();
	const [accepted] = await connected;
	while (queue.qsize() < 3) await wait([child], 1);
	if (sender === 'is gone') {
		child.kill();
		await child.join();
		for (const _ of [1, 2]) await assert.rejects(queue.get(), { name: 'UnpicklingError', message: /has ended/ });
	} else {
		await write((await queue.get()) as FileHandle);
		await talk((await queue.get()) as Socket, accepted);
		await line.send('taken');
		assert.equal(await child.join(), 0);
	}
	assert.equal(await queue.get(), 'after them');
	accepted.destroy();
	line.close();
	server.close();
	child.close();
}

async function write(file: FileHandle): Promise<void> {
	await file.writeFile('after');
	await file.close();
	assert.equal(await readFile(path, 'utf8'), 'before, after');
}

async function talk(socket: Socket, accepted: Socket): Promise<void> {
	socket.end('hello');
	const [bytes] = (await once(accepted, 'data')) as [Buffer];
	assert.equal(bytes.toString(), 'hello');
}

test('a file and a socket come over while who has put them lives', () => foreign('lives'));

test('when it is gone they are an error that says so, and what is behind them comes', () => foreign('is gone'));

test('an item that nobody has taken holds what is in it; who takes it has it', async () => {
	const queue = new Queue<{ lock: Lock; padding: string }>();
	for (const padding of ['', 'x'.repeat(100_000)]) {
		const lock = new Lock();
		await lock.acquire();
		await queue.put({ lock, padding });
		const { lock: same } = await queue.get();
		assert.equal(same.locked(), true);
		same.release();
		assert.equal(lock.locked(), false);
	}
});

test('a queue can be put into itself, and into a queue that is put into another', async () => {
	const queue = new Queue<unknown>();
	await queue.put(queue);
	const same = (await queue.get()) as Queue<unknown>;
	same.putNowait('through the other');
	assert.equal(queue.getNowait(), 'through the other');
	const [outer, middle, inner] = [new Queue<Queue<Queue>>(), new Queue<Queue>(), new Queue()];
	const child = new Process({ target: targets.putNumbered, args: [inner, 1, 1] });
	await child.start();
	middle.putNowait(inner);
	outer.putNowait(middle);
	assert.deepEqual(await (await (await outer.get()).get()).get(), [1, 0]);
	await child.join();
});
