/** What a connection says to those who use it wrongly: class, code and text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Connection, Pipe } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';

checkLeaks(async () => {
	const [here, there] = Pipe();
	await here.poll(1);
	here.close();
	there.close();
});

const type = { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' };
const range = { name: 'RangeError', code: 'ERR_MP_ARGUMENT_RANGE' };

test('Pipe and Connection are made one way only', () => {
	assert.throws(() => Pipe(false as never), {
		...type,
		message: 'Pipe: options must be an object {duplex}; write Pipe({duplex: false}) for a one-way pipe',
	});
	assert.throws(() => Pipe({ duplex: 1 as never }), { ...type, message: 'Pipe: duplex must be true or false' });
	assert.throws(() => Pipe({ duplx: false } as never), {
		...type,
		message: 'Pipe: unknown option "duplx"; there is only duplex',
	});
	assert.throws(() => new Connection(undefined as never), {
		...type,
		message: 'Connection: connections are made by Pipe(), Client() and Listener.accept(), not by new',
	});
});

test('bytes, offsets, sizes and lengths are checked, in both forms', async () => {
	const [here, there] = Pipe();
	const buffer = Buffer.alloc(10);
	const cases: [() => Promise<unknown>, () => unknown, object][] = [
		[() => here.sendBytes('text' as never), () => here.sendBytesSync('text' as never), type],
		[() => here.sendBytes(buffer, 1.5), () => here.sendBytesSync(buffer, 1.5), type],
		[() => here.sendBytes(buffer, 11), () => here.sendBytesSync(buffer, 11), range],
		[() => here.sendBytes(buffer, 0, 0.5), () => here.sendBytesSync(buffer, 0, 0.5), type],
		[() => here.sendBytes(buffer, 5, 6), () => here.sendBytesSync(buffer, 5, 6), range],
		[() => here.recvBytes('1' as never), () => here.recvBytesSync('1' as never), type],
		[() => here.recvBytes(-1), () => here.recvBytesSync(-1), range],
		[() => here.recvBytesInto([] as never), () => here.recvBytesIntoSync([] as never), type],
		[() => here.recvBytesInto(buffer, -1), () => here.recvBytesIntoSync(buffer, -1), range],
		[() => here.poll('1' as never), () => here.pollSync('1' as never), type],
		[() => here.poll(Number.NaN), () => here.pollSync(Number.NaN), range],
		[() => here.poll({ signal: 1 as never }), () => here.pollSync({ signal: 1 as never }), type],
	];
	for (const [promise, call, expected] of cases) {
		await assert.rejects(promise, expected);
		assert.throws(call, expected);
	}
	assert.throws(() => here.sendBytesSync('text' as never), {
		message:
			'Connection.sendBytesSync: bytes must be a Buffer, typed array, DataView or ArrayBuffer, not string; encode text with Buffer.from(text)',
	});
	assert.throws(() => here.sendBytesSync(buffer, 5, 6), {
		message: "Connection.sendBytesSync: size 6 from offset 5 is outside of the buffer's 10 bytes",
	});
	assert.throws(() => here.recvBytesSync(-1), {
		message: 'Connection.recvBytesSync: maxLength is -1; it must not be negative',
	});
	const signal = { signal: 1 as never };
	await assert.rejects(here.send(1, signal), { ...type, message: 'Connection.send: signal must be an AbortSignal' });
	await assert.rejects(here.send(1, 5 as never), {
		...type,
		message: 'Connection.send: options must be an object {signal}, not 5',
	});
	await assert.rejects(here.recv(signal), type);
	await assert.rejects(here.recv({ sginal: undefined } as never), {
		...type,
		message: 'Connection.recv: unknown option "sginal"; there is only signal',
	});
	await assert.rejects(here.poll({ timout: 1 } as never), {
		...type,
		message: 'Connection.poll: unknown option "timout"; there are timeout, signal',
	});
	await assert.rejects(here.sendBytes(buffer, 0, 1, signal), type);
	await assert.rejects(here.recvBytes(1, signal), type);
	await assert.rejects(here.recvBytesInto(buffer, 0, signal), type);
	assert.equal(await there.poll(), false); // nothing of it was sent
	here.close();
	there.close();
});

test('a message longer than maxLength or the buffer is in the error, whole, and gone, in both forms', async () => {
	const [here, there] = Pipe();
	const bytes = Buffer.from('too long');
	for (const [call, message] of [
		[
			() => here.recvBytes(3),
			"Connection.recvBytes: the message has 8 bytes, more than maxLength (3). It was taken; it is this error's data.",
		],
		[async () => here.recvBytesSync(3), /^Connection\.recvBytesSync: .*maxLength \(3\)/],
		[
			() => here.recvBytesInto(Buffer.alloc(9), 2),
			"Connection.recvBytesInto: the message has 8 bytes, the buffer room for 7. The whole message is this error's data.",
		],
		[async () => here.recvBytesIntoSync(Buffer.alloc(9), 2), /^Connection\.recvBytesIntoSync: .*room for 7/],
	] as const) {
		await there.sendBytes(bytes);
		await assert.rejects(
			call as () => Promise<unknown>,
			{
				name: 'BufferTooShort',
				code: 'ERR_MP_BUFFER_TOO_SHORT',
				message,
				size: 8,
			} as never,
		);
		assert.equal(await here.poll(), false);
	}
	await there.sendBytes(bytes);
	assert.deepEqual(await here.recvBytes(8), bytes);
	const target = new Uint16Array(8);
	await there.sendBytes(bytes);
	assert.equal(here.recvBytesIntoSync(target, 3), 8);
	assert.equal(Buffer.from(target.buffer, 3, 8).toString(), 'too long');
	here.close();
	there.close();
});

test('the wrong direction and a closed connection are errors with a code, in both forms', async () => {
	const [reader, writer] = Pipe({ duplex: false });
	for (const call of ['send', 'sendSync', 'sendBytes', 'sendBytesSync'] as const) {
		await assert.rejects(async () => reader[call](Buffer.alloc(1)), {
			code: 'ERR_MP_NOT_WRITABLE',
			message: `Connection.${call}: this end of a one-way pipe can only receive. Use the other one.`,
		});
	}
	for (const call of ['recv', 'recvSync', 'recvBytes', 'recvBytesSync', 'poll', 'pollSync'] as const) {
		await assert.rejects(async () => writer[call](), {
			code: 'ERR_MP_NOT_READABLE',
			message: `Connection.${call}: this end of a one-way pipe can only send. Use the other one.`,
		});
	}
	assert.equal(inspect(reader), '<Connection readable>');
	reader.close();
	assert.equal(inspect(reader), '<Connection closed>');
	for (const call of ['recv', 'recvSync', 'recvBytes', 'poll', 'pollSync', 'fileno'] as const) {
		await assert.rejects(async () => reader[call](), {
			name: 'ClosedError',
			message: `Connection.${call}: this connection is closed.`,
		});
	}
	await assert.rejects(writer.send(reader), { name: 'PicklingError' });
	writer.close();
});

test('poll looks once for 0 and less, waits for ever for Infinity, and takes nothing', async () => {
	const [here, there] = Pipe();
	for (const timeout of [0, -1, Number.NEGATIVE_INFINITY]) {
		assert.equal(await here.poll(timeout), false);
		assert.equal(here.pollSync({ timeout }), false);
	}
	const start = performance.now();
	assert.equal(here.pollSync(30), false);
	assert.ok(performance.now() - start >= 30);
	const polling = here.poll(Number.POSITIVE_INFINITY);
	there.sendSync('there');
	assert.equal(await polling, true);
	assert.equal(here.pollSync(Number.POSITIVE_INFINITY), true);
	assert.equal(here.recvSync(), 'there');
	here.close();
	there.close();
});
