/** Connections with programs of Python, both ways round, over every kind of address. Skipped without python3. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { Client, type Connection, Listener, type ListenerOptions } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { noPython, python } from './python-peer.ts';
import { RawPeer } from './raw-peer.ts';

const skip = noPython;

checkLeaks(async () => {
	using listener = new Listener();
	await listener.ready;
	const [here, there] = await Promise.all([listener.accept(), Client(listener.address!)]);
	here.close();
	there.close();
	if (skip === false) await python('').ended();
});

const families: Record<string, () => ListenerOptions> = {
	AF_INET: () => ({ address: ['localhost', 0] }),
	AF_UNIX: () => ({}),
	abstract: () => ({ address: `\0polyproc-python-${process.pid}-${Math.random()}` }),
};

/** Connects, sends messages of many sizes, and gets them back. */
const CLIENT = `
with Client(at(sys.argv[1]), authkey=key(sys.argv[2])) as c:
    for size in [0, 1, 16384, 16385, 300000]:
        message = bytes(i % 251 for i in range(size))
        c.send_bytes(message)
        assert c.recv_bytes() == message, size
    c.send_bytes(b"abcdef", 2, 3)
    buffer = bytearray(10)
    assert c.recv_bytes_into(buffer, 4) == 3 and buffer[4:7] == b"cde"
say("done")
`;

/** Accepts one client and sends back what it sends, until it leaves. */
const LISTENER = `
with Listener(at(sys.argv[1]) if sys.argv[1] != "null" else None, authkey=key(sys.argv[2])) as l:
    address = l.address
    say(json.dumps(address.decode() if isinstance(address, bytes) else address))
    try:
        with l.accept() as c:
            while True:
                c.send_bytes(c.recv_bytes())
    except EOFError:
        say("the end")
    except AuthenticationError as e:
        say("refused")
`;

async function echo(connection: Connection): Promise<void> {
	try {
		for (;;) await connection.sendBytes(await connection.recvBytes());
	} catch (error) {
		assert.equal((error as Error).name, 'EOFError');
	}
}

async function askForEchoes(connection: Connection): Promise<void> {
	for (const size of [0, 1, 16_384, 16_385, 300_000]) {
		const message = Buffer.from(Uint8Array.from({ length: size }, (_, i) => i % 251));
		await connection.sendBytes(message);
		assert.ok(message.equals(await connection.recvBytes()), `${size} bytes`);
		connection.sendBytesSync(message);
		assert.ok(message.equals(connection.recvBytesSync()), `${size} bytes, blocking`);
	}
}

for (const [family, options] of Object.entries(families)) {
	for (const authkey of [undefined, Buffer.from('secret')]) {
		const how = `${family}, ${authkey === undefined ? 'no key' : 'the same key'}`;

		test(`${how}: Python's Client talks to our Listener`, { skip }, async () => {
			using listener = new Listener({ ...options(), authkey });
			await listener.ready;
			const peer = python(CLIENT, JSON.stringify(listener.address), authkey?.toString() ?? '-');
			using connection = await listener.accept();
			await echo(connection);
			assert.equal(await peer.ended(), '');
			assert.equal(await peer.line(), 'done');
		});

		test(`${how}: our Client talks to Python's Listener`, { skip }, async () => {
			const { address } = options();
			const peer = python(LISTENER, JSON.stringify(address ?? null), authkey?.toString() ?? '-');
			const connection = await Client(JSON.parse(await peer.line()), { authkey });
			await askForEchoes(connection);
			connection.close();
			assert.equal(await peer.line(), 'the end');
			assert.equal(await peer.ended(), '');
		});
	}

	test(`${family}: a wrong key is an authentication error on both sides, whoever listens`, { skip }, async () => {
		using listener = new Listener({ ...options(), authkey: Buffer.from('secret') });
		await listener.ready;
		const client = python(
			`
try:
    Client(at(sys.argv[1]), authkey=b"wrong")
except AuthenticationError:
    say("refused")
`,
			JSON.stringify(listener.address),
		);
		await assert.rejects(listener.accept(), { name: 'AuthenticationError' });
		assert.equal(await client.line(), 'refused');
		assert.equal(await client.ended(), '');
		const server = python(LISTENER, JSON.stringify(options().address ?? null), 'secret');
		const address = JSON.parse(await server.line());
		await assert.rejects(Client(address, { authkey: Buffer.from('wrong') }), { name: 'AuthenticationError' });
		assert.equal(await server.line(), 'refused');
		assert.equal(await server.ended(), '');
	});
}

test('a Client of Python without a key is refused by a Listener with one', { skip }, async () => {
	using listener = new Listener({ authkey: Buffer.from('secret') });
	await listener.ready;
	const peer = python(
		`
c = Client(at(sys.argv[1]))
c.send_bytes(b"hello")
say(c.recv_bytes()[:11].decode(), c.recv_bytes().decode())
`,
		JSON.stringify(listener.address),
	);
	await assert.rejects(listener.accept(), { name: 'AuthenticationError' });
	assert.equal(await peer.line(), '#CHALLENGE# #FAILURE#');
	assert.equal(await peer.ended(), '');
});

test('a Client without a key that meets a Listener of Python with one is told so', { skip }, async () => {
	const peer = python(LISTENER, 'null', 'secret');
	using connection = await Client(JSON.parse(await peer.line()));
	await assert.rejects(connection.recvBytes(), { name: 'AuthenticationError' });
	assert.equal(connection.closed, true);
	assert.equal(await peer.line(), 'the end');
	await peer.ended();
});

test('a Client with a key that meets a Listener of Python without one gives up in time, and says so', {
	skip,
}, async () => {
	const program = `
with Listener() as l:
    say(json.dumps(l.address))
    with l.accept() as c:
        say(c.recv_bytes().decode())
`;
	const peer = python(program);
	const address = JSON.parse(await peer.line());
	const start = performance.now();
	await assert.rejects(Client(address, { authkey: Buffer.from('secret') }), { name: 'AuthenticationError' });
	assert.ok(performance.now() - start >= 4999);
	assert.equal(await peer.line(), '#FAILURE#');
	assert.equal(await peer.ended(), '');
});

/** Python's side of the newer protocol, where the machine's Python may be older: answers with a digest of its own choice. */
const CHOOSES_DIGEST = `
import hmac, hashlib, os
name = sys.argv[2]
c = Client(at(sys.argv[1]))
challenge = c.recv_bytes(256)[len(b"#CHALLENGE#"):]
assert challenge.startswith(b"{sha256}") and len(challenge) == 48, challenge
c.send_bytes(b"{%s}" % name.encode() + hmac.new(b"secret", challenge, name).digest())
assert c.recv_bytes(256) == b"#WELCOME#"
mine = b"{%s}" % name.encode() + os.urandom(40)
c.send_bytes(b"#CHALLENGE#" + mine)
answer = c.recv_bytes(256)
assert answer == b"{%s}" % name.encode() + hmac.new(b"secret", mine, name).digest(), answer
c.send_bytes(b"#WELCOME#")
say(c.recv_bytes().decode())
`;

for (const digest of ['md5', 'sha256', 'sha384', 'sha3_256', 'sha3_384']) {
	test(`a client that prefers ${digest} is answered in kind`, { skip }, async () => {
		using listener = new Listener({ authkey: Buffer.from('secret') });
		await listener.ready;
		const peer = python(CHOOSES_DIGEST, JSON.stringify(listener.address), digest);
		using connection = await listener.accept();
		await connection.sendBytes(Buffer.from('welcome'));
		assert.equal(await peer.line(), 'welcome');
		assert.equal(await peer.ended(), '');
	});
}

test('a client that answers as Python up to 3.11 does, and asks so, is accepted', async () => {
	const key = Buffer.from('secret');
	using listener = new Listener({ authkey: key });
	await listener.ready;
	const peer = await RawPeer.to(listener.address!);
	const challenge = (await peer.message()).subarray('#CHALLENGE#'.length);
	peer.send(createHmac('md5', key).update(challenge).digest());
	assert.equal((await peer.message()).toString(), '#WELCOME#');
	const mine = Buffer.alloc(20, 'r');
	peer.send(Buffer.concat([Buffer.from('#CHALLENGE#'), mine]));
	assert.deepEqual(await peer.message(), createHmac('md5', key).update(mine).digest());
	peer.send('#WELCOME#');
	using accepted = await listener.accept();
	await accepted.sendBytes(Buffer.from('hello'));
	assert.equal((await peer.message()).toString(), 'hello');
	await peer.leave();
});
