/** Connections over sockets, where they are not as pipes are: half messages, limits, what cannot cross, and sharing one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as mp from 'polyproc';
import { Client, Connection, Listener, Pipe, Process } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { header, RawPeer } from './raw-peer.ts';
import * as targets from './stream-targets.ts';

/** More than the system keeps for a reader that does not read. */
const LARGE = Buffer.alloc(8 << 20, 'polyproc');

checkLeaks(async () => {
	const [here, there] = await pair();
	const child = new Process({ target: targets.echoSync, args: [there] });
	await child.start();
	await here.sendBytes(Buffer.alloc(0));
	await child.join();
	const [one, other] = Pipe();
	await mp.wait([one, here], 1);
	mp.waitSync([one], 1);
	for (const connection of [here, there, one, other]) connection.close();
});

async function pair(): Promise<[Connection, Connection]> {
	using listener = new Listener();
	await listener.ready;
	return await Promise.all([listener.accept(), Client(listener.address!)]);
}

async function withPeer(): Promise<{ connection: Connection; peer: RawPeer }> {
	using listener = new Listener();
	await listener.ready;
	const [connection, peer] = await Promise.all([listener.accept(), RawPeer.to(listener.address!)]);
	return { connection, peer };
}

test('it is a Connection with a descriptor of its own, which both sides can read from and write to', async () => {
	const [here, there] = await pair();
	assert.ok(here instanceof Connection && there instanceof Connection);
	assert.notEqual(here.fileno(), there.fileno());
	assert.deepEqual([here.readable, here.writable, here.closed], [true, true, false]);
	here.close();
	assert.throws(() => here.fileno(), { name: 'ClosedError' });
	await assert.rejects(here.send(1), { name: 'ClosedError' });
	assert.throws(() => here.recvSync(), { name: 'ClosedError' });
	await assert.rejects(there.recv(), { name: 'EOFError' });
	assert.equal(await there.poll(), true);
	assert.throws(() => there.recvBytesSync(), { name: 'EOFError' });
	const sending = async (): Promise<void> => {
		for (;;) await there.send('is anybody there?');
	};
	await assert.rejects(sending, { name: 'BrokenPipeError', code: 'ERR_MP_BROKEN_PIPE' });
	assert.throws(() => there.sendSync(1), { name: 'BrokenPipeError' });
	there.close();
});

test('values go both ways, many at once, in order, and iteration ends with the other side', async () => {
	const [here, there] = await pair();
	const values = [1, 'two', { three: [3n] }, new Map([[4, new Set([5])]]), undefined, new Date(6), LARGE];
	const sending = Promise.all(values.map((value) => there.send(value))).then(() => there.close());
	const received: unknown[] = [];
	for await (const value of here) received.push(value);
	await sending;
	assert.deepEqual(received, values);
	here.close();
});

test('functions and classes that can be imported cross as they do through a pipe', async () => {
	const [here, there] = await pair();
	await there.send([targets.echoSync, Math.max, new targets.Point(1, 2)]);
	const [echo, max, point] = (await here.recv()) as [unknown, unknown, targets.Point];
	assert.equal(echo, targets.echoSync);
	assert.equal(max, Math.max);
	assert.ok(point instanceof targets.Point);
	assert.equal(point.sum(), 3);
	here.close();
	there.close();
});

test('what is shared cannot leave the family', async () => {
	const [here, there] = await pair();
	const [one, other] = Pipe();
	for (const shared of [new mp.Lock(), one, here, new mp.Value('i', 1)]) {
		assert.throws(
			() => there.sendSync({ field: shared }),
			(error: mp.PicklingError) => {
				assert.equal(error.code, 'ERR_MP_PICKLING');
				assert.equal(error.path, 'message.field');
				assert.match(error.message, /it is a shared \w+, and this connection leads to a program/);
				return true;
			},
		);
	}
	await there.send('nothing was sent before');
	assert.equal(await here.recv(), 'nothing was sent before');
	await there.sendBytes(mp.pickle.dumps(new mp.Lock()));
	await assert.rejects(here.recv(), { name: 'UnpicklingError' });
	for (const connection of [here, there, one, other]) connection.close();
});

test('a message larger than what the system keeps is written while it is read, awaiting and blocking', async () => {
	const [here, there] = await pair();
	const child = new Process({ target: targets.echoSync, args: [there] });
	await child.start();
	there.close();
	here.sendBytesSync(LARGE);
	assert.ok(LARGE.equals(here.recvBytesSync()));
	const [back] = await Promise.all([here.recvBytes(), here.sendBytes(LARGE)]);
	assert.ok(LARGE.equals(back));
	await here.sendBytes(Buffer.alloc(0));
	assert.equal(await child.join(), 0);
	here.close();
});

test('a receive that is called off leaves the message, also half of it, to the next one', async () => {
	const { connection, peer } = await withPeer();
	const message = Buffer.from('a message in pieces');
	const bytes = Buffer.concat([header(message.length), message]);
	for (let cut = 0; cut < bytes.length; cut += 3) {
		const off = new AbortController();
		const target = Buffer.alloc(40, '.');
		peer.write(bytes.subarray(0, cut));
		if (cut > 0) await connection.poll(Infinity);
		const called = connection.recvBytesInto(target, 0, { signal: off.signal }); // takes what is there at once
		off.abort(new Error('called off'));
		await assert.rejects(called, { message: 'called off' });
		const before = target.toString();
		peer.write(bytes.subarray(cut));
		assert.deepEqual(await connection.recvBytes(), message);
		assert.equal(target.toString(), before, 'the buffer of who gave up is left alone');
	}
	connection.close();
	await peer.leave();
});

test('a send that is called off before its turn sends nothing; one that has begun goes on', async () => {
	const [here, there] = await pair();
	const off = new AbortController();
	const large = there.sendBytes(LARGE, undefined, undefined, { signal: off.signal });
	const small = there.send('never', { signal: off.signal });
	off.abort(new Error('called off'));
	await assert.rejects(small, { message: 'called off' });
	await assert.rejects(there.send('nor this', { signal: off.signal }), { message: 'called off' });
	assert.ok(LARGE.equals(await here.recvBytes()));
	await large;
	await there.send('the next');
	assert.equal(await here.recv(), 'the next');
	here.close();
	there.close();
});

test('what waits when a connection is closed is rejected', async () => {
	const [here, there] = await pair();
	const off = new AbortController();
	await assert.rejects(here.poll({ signal: AbortSignal.abort(new Error('before')) }), { message: 'before' });
	const polled = here.poll({ signal: off.signal });
	off.abort(new Error('called off'));
	await assert.rejects(polled, { message: 'called off' });
	const waiting = [here.recv(), here.recvBytes(), here.sendBytes(LARGE), here.send('behind it'), here.poll(Infinity)];
	const rejected = Promise.all(waiting.map((promise) => assert.rejects(promise, { name: 'ClosedError' })));
	here.close();
	await rejected;
	there.close();
});

test('a message above the limit is not read, and the next one is', async () => {
	const { connection, peer } = await withPeer();
	peer.write(header(1 << 30), Buffer.alloc(100));
	await assert.rejects(connection.recvBytes(1000), { code: 'ERR_MP_BUFFER_TOO_SHORT', size: 1 << 30 });
	connection.close();
	await peer.leave();
	const [here, there] = await pair();
	const sending = there.sendBytes(LARGE);
	await assert.rejects(here.recvBytes(10), (error: mp.BufferTooShort) => {
		assert.deepEqual([error.size, error.data.length], [LARGE.length, 0]);
		return true;
	});
	const next = there.send('next');
	assert.equal(here.pollSync(0), false, 'what is dropped is nothing to receive');
	assert.equal(await here.poll(10_000), true);
	assert.equal(await here.recv(), 'next');
	await Promise.all([sending, next]);
	await there.sendBytes(Buffer.from('too long for the buffer'));
	await assert.rejects(here.recvBytesInto(Buffer.alloc(3)), (error: mp.BufferTooShort) => {
		assert.equal(Buffer.from(error.data).toString(), 'too long for the buffer');
		return true;
	});
	here.close();
	there.close();
});

test('an impossible length closes the connection, whoever waits', async () => {
	for (const bytes of [header(-2), Buffer.from('80000000', 'hex'), Buffer.from('ffffffffffffffffffffffff', 'hex')]) {
		const { connection, peer } = await withPeer();
		const second = connection.recv();
		peer.write(bytes);
		await assert.rejects(second, { name: 'ProcessError', code: 'ERR_MP_FRAME' });
		assert.equal(connection.closed, true);
		await peer.closed();
	}
	const { connection, peer } = await withPeer();
	peer.write(header(-5));
	assert.throws(() => connection.recvSync(), { code: 'ERR_MP_FRAME' });
	assert.equal(connection.closed, true);
	await peer.leave();
});

test('the long form of a length is understood', async () => {
	const { connection, peer } = await withPeer();
	peer.write(Buffer.from('ffffffff0000000000000005', 'hex'), 'hello');
	assert.equal((await connection.recvBytes()).toString(), 'hello');
	connection.close();
	await peer.leave();
});

test('an end in the middle of a message is an end', async () => {
	const { connection, peer } = await withPeer();
	peer.write(header(100), 'half of');
	await peer.leave();
	await assert.rejects(connection.recv(), {
		name: 'EOFError',
		message: 'Connection.recv: the other end is closed, in the middle of a message, of which nothing is left.',
	});
	connection.close();
});

test('a connection is not sent away with half a message in it, nor are the bytes behind a message taken', async () => {
	const { connection, peer } = await withPeer();
	const [here, there] = Pipe();
	const child = new Process({ target: targets.receiveOverWhatCame, args: [there] });
	await child.start();
	peer.write(header(5), 'he');
	await connection.poll(Infinity);
	const off = new AbortController();
	const called = connection.recvBytes(undefined, { signal: off.signal }); // takes what is there at once
	off.abort();
	await assert.rejects(called);
	assert.throws(
		() => here.sendSync(connection),
		(error: mp.PicklingError) => {
			assert.equal((error.cause as mp.ProcessError).code, 'ERR_MP_AMID_MESSAGE');
			return true;
		},
	);
	peer.write('llo', header(5), 'first', header(6), 'second');
	assert.equal((await connection.recvBytes()).toString(), 'hello');
	assert.equal((await connection.recvBytes()).toString(), 'first');
	await here.send(connection);
	assert.equal(await here.recv(), 'second');
	assert.equal(await child.join(), 0);
	for (const one of [connection, here, there]) one.close();
	await peer.leave();
});

test('wait and waitSync take connections over sockets beside pipes and processes', async () => {
	const [here, there] = await pair();
	const [one, other] = Pipe();
	assert.deepEqual(await mp.wait([here, one], 0), []);
	assert.deepEqual(mp.waitSync([here, one], 10), []);
	const waiting = mp.wait([one, here]);
	await there.send('over the socket');
	assert.deepEqual(await waiting, [here]);
	assert.deepEqual(mp.waitSync([one, here]), [here]);
	await other.send('through the pipe');
	assert.deepEqual(mp.waitSync([one, here], 1000), [one, here]);
	assert.equal(await here.recv(), 'over the socket');
	const child = new Process({ target: targets.sendAfter, args: [there] });
	await child.start();
	assert.equal(await one.recv(), 'through the pipe');
	assert.deepEqual(mp.waitSync([one, here]), [here]);
	assert.equal(await here.recv(), 'from the child');
	await child.join();
	for (const connection of [here, there, one, other]) connection.close();
});

test('receiving and sending at the same time, while others poll, share the one descriptor', async () => {
	const [here, there] = await pair();
	const polls = [there.poll(10_000), there.poll(10_000), mp.wait([there], 10_000)];
	const both = Promise.all([here.recvBytes(), here.sendBytes(LARGE), there.recvBytes(), there.sendBytes(LARGE)]);
	await Promise.all(polls);
	const [received, , receivedThere] = await both;
	assert.ok(LARGE.equals(received) && LARGE.equals(receivedThere));
	here.close();
	there.close();
});
