/** Listeners and clients beyond what CPython's tests say: time, keys, strangers, addresses, and what is left behind. */
import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import * as mp from 'polyproc';
import { type Address, Client, type Connection, getContext, Listener } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';
import { RawPeer } from './raw-peer.ts';

const authkey = Buffer.from('secret');
const refused = { name: 'AuthenticationError', code: 'ERR_MP_AUTHENTICATION' };
const HANDSHAKE = 5000;

checkLeaks(async () => {
	using listener = new Listener({ authkey });
	const [here, there] = await Promise.all([listener.accept(), Client(await addressOf(listener), { authkey })]);
	const [one, other] = mp.Pipe();
	await one.poll(1);
	closeAll(here, there, one, other);
});

async function addressOf(listener: Listener): Promise<Address> {
	await listener.ready;
	return listener.address!;
}

function closeAll(...connections: Connection[]): void {
	for (const connection of connections) connection.close();
}

test('the default address is a file in a folder of its own, for this user only, and gone after close', async () => {
	const listener = new Listener();
	assert.equal(listener.address, null);
	const path = (await addressOf(listener)) as string;
	assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
	assert.ok(existsSync(path));
	listener.close();
	assert.ok(!existsSync(dirname(path)));
});

test('the file of a given path is removed at close, and one that is in the way is left alone', async () => {
	const address = join(tmpdir(), `polyproc-listener-${process.pid}.socket`);
	const listener = new Listener({ address });
	await listener.ready;
	assert.ok(existsSync(address));
	listener.close();
	assert.ok(!existsSync(address));
	writeFileSync(address, 'somebody’s');
	const second = new Listener({ address });
	await assert.rejects(second.ready, {
		code: 'ERR_MP_LISTEN',
		message: `Listener: cannot listen at ${JSON.stringify(address)}: address already in use (EADDRINUSE).`,
	});
	second.close();
	assert.ok(existsSync(address));
	await rm(address);
});

for (const [how, code] of [
	['end', 0],
	['exit', 3],
	['throw', 1],
] as const) {
	test(`an idle listener does not keep a program alive and leaves no file behind: ${how}`, async () => {
		const { lines, code: ended } = await runProgram(fixturePath('network/idle.mjs'), { args: [how] });
		assert.equal(ended, code);
		assert.ok(lines[0]!.endsWith('listener'), lines[0]);
		assert.ok(!existsSync(dirname(lines[0]!)));
	});
}

test('a pending accept keeps a program alive, an accepted connection does not', async () => {
	const { lines, stderr, code } = await runProgram(fixturePath('network/accepting.mjs'));
	assert.deepEqual([lines, stderr, code], [['hello'], '', 0]);
});

test('threads that are terminated while they accept do not end the program', async () => {
	const { lines, code } = await runProgram(fixturePath('network/terminated.mjs'));
	assert.deepEqual([lines, code], [['survived'], 0]);
});

test('what accept waited for and was called off goes to the next accept', async () => {
	using listener = new Listener({ authkey });
	const address = await addressOf(listener);
	const off = new AbortController();
	const called = listener.accept({ signal: off.signal });
	const accepting = listener.accept();
	off.abort(new Error('changed my mind'));
	await assert.rejects(called, { message: 'changed my mind' });
	await assert.rejects(listener.accept({ signal: AbortSignal.abort(new Error('before')) }), { message: 'before' });
	const client = await Client(address, { authkey });
	const accepted = await accepting;
	await client.send('for the second');
	assert.equal(await accepted.recv(), 'for the second');
	closeAll(client, accepted);
});

test('with a key, a client is connected before anybody accepts', async () => {
	using listener = new Listener({ authkey });
	const clients = [];
	for (let i = 0; i < 5; i++) clients.push(await Client(await addressOf(listener), { authkey }));
	for (const client of clients) {
		const accepted = await listener.accept();
		await accepted.send('welcome');
		assert.equal(await client.recv(), 'welcome');
		accepted.close();
	}
	closeAll(...clients);
});

test('clients that fail or say nothing stop nobody else, and each failure rejects one accept', async () => {
	using listener = new Listener({ authkey, backlog: 16 });
	const address = await addressOf(listener);
	const silent = await Promise.all([RawPeer.to(address), RawPeer.to(address)]);
	const start = performance.now();
	const wrong = Client(address, { authkey: Buffer.from('wrong') });
	await Promise.all([assert.rejects(wrong, refused), assert.rejects(listener.accept(), refused)]);
	const [accepted, client] = await Promise.all([listener.accept(), Client(address, { authkey })]);
	assert.ok(performance.now() - start < HANDSHAKE, 'nobody waited for the silent ones');
	await client.send('hello');
	assert.equal(await accepted.recv(), 'hello');
	for (const peer of silent) {
		await assert.rejects(listener.accept(), refused);
		await peer.closed();
	}
	assert.ok(performance.now() - start >= HANDSHAKE - 1);
	closeAll(accepted, client);
});

test('a key on one side only is an authentication error on both', async () => {
	using keyed = new Listener({ authkey });
	const keyless = await Client(await addressOf(keyed));
	await keyless.send('hello');
	await assert.rejects(keyed.accept(), refused);
	await assert.rejects(keyless.recv(), refused);
	assert.equal(keyless.closed, true);

	using open = new Listener();
	const client = Client(await addressOf(open), { authkey });
	const accepted = await open.accept();
	await Promise.all([assert.rejects(client, refused), assert.rejects(accepted.recv(), refused)]);
	assert.equal(accepted.closed, true);
});

test('a keyed client of somebody who just talks is refused at once', async () => {
	using open = new Listener();
	const start = performance.now();
	const client = Client(await addressOf(open), { authkey });
	const accepted = await open.accept();
	await accepted.send('good morning');
	await assert.rejects(client, refused);
	assert.ok(performance.now() - start < HANDSHAKE);
	await assert.rejects(accepted.recv(), refused);
});

test('the two halves of the handshake work by themselves, over sockets and pipes', async () => {
	using listener = new Listener();
	const [here, there] = await Promise.all([listener.accept(), Client(await addressOf(listener))]);
	for (const [one, other] of [[here, there], mp.Pipe()] as const) {
		await Promise.all([mp.deliverChallenge(one, authkey), mp.answerChallenge(other, authkey)]);
		await Promise.all([
			assert.rejects(mp.deliverChallenge(other, authkey), refused),
			assert.rejects(mp.answerChallenge(one, Buffer.from('wrong')), refused),
		]);
		await one.send('still open');
		assert.equal(await other.recv(), 'still open');
		closeAll(one, other);
	}
});

test('close rejects what waits, cuts off those who were not accepted, and ends listening', async () => {
	const listener = new Listener({ authkey, address: ['localhost', 0] });
	const address = await addressOf(listener);
	const client = await Client(address, { authkey });
	const peer = await RawPeer.to(address);
	await peer.message();
	const accepted = await listener.accept();
	const waiting = listener.accept();
	const second = await Client(address, { authkey });
	const third = listener.accept();
	await (await waiting).send('the second');
	assert.equal(await second.recv(), 'the second');
	listener.close();
	await assert.rejects(third, { name: 'ClosedError' });
	await peer.closed();
	await assert.rejects(Client(address), { code: 'ERR_MP_CONNECT' });
	await client.send('accepted ones live on');
	assert.equal(await accepted.recv(), 'accepted ones live on');
	closeAll(client, accepted, second, await waiting);
	const early = new Listener();
	early.close();
	await assert.rejects(early.ready, { name: 'ClosedError' });
});

test('lastAccepted tells where the last one came from', async () => {
	using listener = new Listener({ address: ['127.0.0.1', 0] });
	assert.equal(listener.lastAccepted, null);
	const [accepted, client] = await Promise.all([listener.accept(), Client(await addressOf(listener))]);
	assert.match(String(listener.lastAccepted), /^127\.0\.0\.1,[1-9]\d*$/);
	closeAll(accepted, client);
	using local = new Listener();
	const pair = await Promise.all([local.accept(), Client(await addressOf(local))]);
	assert.equal(local.lastAccepted, '');
	closeAll(...pair);
});

test('a client is told that nobody listens', async () => {
	const nowhere = join(tmpdir(), `polyproc-nobody-${process.pid}`);
	await assert.rejects(Client(nowhere), {
		name: 'ProcessError',
		code: 'ERR_MP_CONNECT',
		message: `Client: cannot connect to ${JSON.stringify(nowhere)}: no such file or directory (ENOENT). Does anybody listen there?`,
	});
	const server = createServer();
	const port = await new Promise<number>((resolve) => {
		server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
	});
	await new Promise((resolve) => server.close(resolve));
	await assert.rejects(Client(['127.0.0.1', port]), {
		message: `Client: cannot connect to 127.0.0.1:${port}: connection refused (ECONNREFUSED). Does anybody listen there?`,
	});
	await assert.rejects(Client('\0nobody-is-here'), { code: 'ERR_MP_CONNECT' });
	await assert.rejects(Client(['no.such.host.invalid', 1]), { code: 'ERR_MP_CONNECT' });
});

test('a client gives up after its timeout, and when it is told to', async () => {
	const server = createServer((socket) => socket.on('error', () => {}).resume());
	const path = join(tmpdir(), `polyproc-silent-${process.pid}.socket`);
	await new Promise<void>((resolve) => server.listen(path, resolve));
	const start = performance.now();
	await assert.rejects(Client(path, { authkey, timeout: 50 }), { name: 'TimeoutError', code: 'ERR_MP_TIMEOUT' });
	assert.ok(performance.now() - start >= 50);
	const off = new AbortController();
	const client = Client(path, { authkey, signal: off.signal });
	off.abort(new Error('enough'));
	await assert.rejects(client, { message: 'enough' });
	await new Promise((resolve) => server.close(resolve));
});

test('a client waits while too many others do', async () => {
	using listener = new Listener({ backlog: 0 });
	const address = await addressOf(listener);
	const clients = Array.from({ length: 6 }, () => Client(address));
	await assert.rejects(Client(address, { timeout: 30 }), { name: 'TimeoutError' });
	const accepted = [];
	while (accepted.length < clients.length) accepted.push(await listener.accept()); // in whatever order they got a place
	closeAll(...accepted, ...(await Promise.all(clients)));
});

test('what cannot be right is refused by name', async () => {
	const type = { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' };
	const range = { name: 'RangeError', code: 'ERR_MP_ARGUMENT_RANGE' };
	const cases: [unknown, object][] = [
		[{ address: 5 }, type],
		[{ address: ['localhost'] }, type],
		[{ address: ['localhost', '80'] }, type],
		[{ address: ['localhost', 65_536] }, range],
		[{ address: ['localhost', 1.5] }, range],
		[{ address: '' }, range],
		[{ address: 'a\0b' }, range],
		[{ address: 'x'.repeat(108) }, range],
		[{ address: 'a path', family: 'AF_INET' }, range],
		[{ family: 'AF_INET6' }, range],
		[{ backlog: -1 }, range],
		[{ backlog: 'many' }, type],
		[{ authkey: 'text' }, type],
		[{ adress: 'a path' }, type],
		[null, type],
	];
	for (const [options, expected] of cases) assert.throws(() => new Listener(options as never), expected);
	await assert.rejects(Client('a path', { authkey: 'text' as never }), {
		...type,
		message: 'Client: authkey must be a Buffer or Uint8Array, not string; for text write Buffer.from(text)',
	});
	await assert.rejects(Client(undefined as never), type);
	await assert.rejects(Client('a path', { timeout: Number.NaN }), range);
	await assert.rejects(mp.deliverChallenge({} as never, authkey), type);
	await assert.rejects(mp.answerChallenge({} as never, 'key' as never), type);
});

test('a context has them, too', () => {
	const context = getContext('spawn');
	assert.equal(context.Listener, Listener);
	assert.equal(context.Client, Client);
	assert.equal(context.deliverChallenge, mp.deliverChallenge);
	assert.equal(context.answerChallenge, mp.answerChallenge);
});
