/** Node's sockets among the things that are waited for. Their own readers are not to notice. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, createServer, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { Event, Pipe, Process, type WaitObject, wait, waitSync } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { sendWhenTold } from './wait-targets.ts';

checkLeaks(async () => {
	const { here, end } = await connected();
	const { child, finish } = await starting();
	assert.deepEqual(await wait([here, child], 1), []);
	await finish();
	await end();
});

type WaitFor = (objects: WaitObject[], timeout?: number) => Promise<WaitObject[]>;

const forms: readonly [string, WaitFor][] = [
	['awaiting', wait],
	['blocking', async (objects, timeout) => waitSync(objects, timeout)],
];

interface Connected {
	/** The accepted side. Nothing reads it. */
	readonly here: Socket;
	readonly there: Socket;
	end(): Promise<void>;
}

/** @param pauseOnConnect whether what arrives stays with the system, or goes to the stream's buffer by itself */
async function connected(pauseOnConnect = true): Promise<Connected> {
	const server = createServer({ pauseOnConnect });
	await once(server.listen(0, '127.0.0.1'), 'listening');
	const there = connect((server.address() as { port: number }).port, '127.0.0.1');
	const [here] = (await once(server, 'connection')) as [Socket];
	if (there.connecting) await once(there, 'connect');
	return {
		here,
		there,
		async end() {
			here.destroy();
			there.destroy();
			server.close();
			await once(server, 'close');
		},
	};
}

async function starting() {
	const [orders, told] = Pipe({ duplex: false });
	const [reader, writer] = Pipe({ duplex: false });
	const child = new Process({ target: sendWhenTold, args: [orders, writer] });
	await child.start();
	orders.close();
	writer.close();
	const finish = async (): Promise<void> => {
		if (child.exitCode === null) told.sendSync('go');
		await child.join();
		child.close();
		told.close();
		reader.close();
	};
	return { child, reader, told, finish };
}

/** Writes so that the other side's system has it when this resolves. */
function write(socket: Socket, words: string): Promise<void> {
	return new Promise((resolve, reject) => socket.write(words, (error) => (error ? reject(error) : resolve())));
}

function openFiles(): number {
	return readdirSync('/proc/self/fd').length;
}

for (const [form, waitFor] of forms) {
	for (const [where, pauseOnConnect] of [
		['with the system', true],
		['in the stream', false],
	] as const) {
		test(`${form}: a socket is ready when it has something to read, ${where}, and when it has ended`, async () => {
			const { here, there, end } = await connected(pauseOnConnect);
			assert.deepEqual(await waitFor([here], 20), []);
			assert.deepEqual(await waitFor([here], 0), []);
			await write(there, 'hello');
			assert.deepEqual(await waitFor([here]), [here]);
			assert.deepEqual(await waitFor([here], 0), [here]);
			there.end();
			assert.equal(await text(here), 'hello');
			assert.deepEqual(await waitFor([here]), [here]);
			await end();
			assert.deepEqual(await waitFor([here, there]), [here, there]); // destroyed
		});
	}

	test(`${form}: sockets, connections, processes, sentinels and events are waited for together`, async () => {
		const { here, there, end } = await connected();
		const { child, reader, told, finish } = await starting();
		const event = new Event();
		const all = [event, reader, here, child, child.sentinel];
		assert.deepEqual(await waitFor(all, 20), []);
		event.set();
		assert.deepEqual(await waitFor(all), [event]);
		event.clear();
		await write(there, 'hello');
		assert.deepEqual(await waitFor(all), [here]);
		event.set();
		assert.deepEqual(await waitFor(all), [event, here]);
		told.sendSync('go');
		assert.deepEqual(await waitFor([reader]), [reader]);
		assert.deepEqual(await waitFor([child]), [child]);
		assert.deepEqual(await waitFor(all), all);
		await finish();
		await end();
	});

	test(`${form}: a socket that nobody has told to connect is an error, as is one of which the system cannot tell`, async () => {
		const call = form === 'awaiting' ? 'wait' : 'waitSync';
		await assert.rejects(waitFor([new Socket()]), {
			code: 'ERR_MP_NOT_CONNECTED',
			message: `${call}: objects[0] is a Socket that nobody has told to connect. Connect it first.`,
		});
		const { here, end } = await connected();
		const encrypted = new TLSSocket(here);
		await assert.rejects(waitFor([here, encrypted]), {
			name: 'TypeError',
			message: `${call}: objects[1] is a TLSSocket, of which the system cannot tell whether there is something to read; wait for its own events`,
		});
		encrypted.destroy();
		await end();
	});
}

test('a wait under way is told of what arrives, and leaves it to whoever reads the socket', async () => {
	const { here, there, end } = await connected(false);
	const received: string[] = [];
	here.setEncoding('utf8').on('data', (words: string) => received.push(words));
	for (const words of ['one', 'two']) {
		const waiting = wait([here]);
		await write(there, words);
		assert.deepEqual(await waiting, [here]);
		assert.deepEqual(await wait([here], 0), []); // it has been read
	}
	assert.deepEqual(received, ['one', 'two']);
	await end();
});

test('a socket whose data nobody reads is not set flowing, and can be read when the wait is over', async () => {
	const { here, there, end } = await connected(false);
	const waiting = wait([here]);
	await write(there, 'hello');
	await waiting;
	assert.equal(here.readableFlowing, null);
	assert.equal(String(here.read()), 'hello');
	await end();
});

test('who waits and reads again and again lets the event loop turn', async () => {
	const { here, there, end } = await connected();
	await write(there, 'hello');
	let chunk: Buffer | null = null;
	while (chunk === null) {
		await wait([here]);
		chunk = here.read(); // the first time it only begins to read
	}
	assert.equal(String(chunk), 'hello');
	await end();
});

test('a socket that is destroyed while somebody waits is ready, and closed for the other side at once', async () => {
	const { here, there, end } = await connected();
	const waiting = wait([here]);
	here.destroy();
	there.resume();
	await once(there, 'end');
	assert.deepEqual(await waiting, [here]);
	await end();
});

test('several waits for the same socket end together, and one that is aborted or has timed out leaves nothing open', async () => {
	const { here, there, end } = await connected();
	assert.deepEqual(await wait([here], 1), []);
	const before = openFiles();
	const abort = new AbortController();
	const aborted = wait([here], { signal: abort.signal });
	const late = wait([here], 10);
	const waiting = [wait([here]), wait([here])];
	assert.ok(openFiles() > before);
	abort.abort(new Error('changed my mind'));
	await assert.rejects(aborted, { message: 'changed my mind' });
	assert.deepEqual(await late, []);
	await write(there, 'hello');
	assert.deepEqual(await Promise.all(waiting), [[here], [here]]);
	assert.equal(openFiles(), before);
	assert.deepEqual([here.listenerCount('close'), here.listenerCount('connect')], [0, 0]);
	await end();
});

test('a socket that is still connecting is waited for: until there is something to read, or it has failed', async () => {
	const server = createServer((socket) => socket.end('welcome'));
	await once(server.listen(0, '127.0.0.1'), 'listening');
	const { port } = server.address() as { port: number };
	const socket = connect(port, '127.0.0.1');
	assert.throws(() => waitSync([socket]), {
		code: 'ERR_MP_NOT_CONNECTED',
		message:
			"waitSync: objects[0] is a Socket that is still connecting, for which it needs the event loop. Await once(socket, 'connect') first, or use wait().",
	});
	assert.deepEqual(await wait([socket]), [socket]);
	assert.equal(await text(socket), 'welcome');
	server.close();
	await once(server, 'close');
	const refused = connect(port, '127.0.0.1').on('error', () => undefined);
	assert.deepEqual(await wait([refused]), [refused]);
	assert.equal(refused.destroyed, true);
});
