/** CPython's _TestConnection, _TestPoll and the part of _TestPicklingConnections that needs no Listener. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, getContext, Pipe, Process } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './connection-targets.ts';
import { methods } from './methods.ts';

const SIXTEEN_MIB = 16 * 2 ** 20;

checkLeaks(async () => {
	const [here, there] = Pipe();
	const child = new Process({ target: targets.echoBytes, args: [there] });
	await child.start();
	await here.sendBytes(Buffer.alloc(0));
	await child.join();
	await here.poll(0);
	here.close();
	there.close();
});

test('a one-way pipe tells which end is which and refuses the wrong direction', async () => {
	const [reader, writer] = Pipe({ duplex: false });
	assert.deepEqual([reader.readable, reader.writable], [true, false]);
	assert.deepEqual([writer.readable, writer.writable], [false, true]);
	await writer.send(1);
	assert.equal(await reader.recv(), 1);
	await assert.rejects(reader.send(2), { name: 'ProcessError' });
	await assert.rejects(writer.recv(), { name: 'ProcessError' });
	await assert.rejects(writer.poll(), { name: 'ProcessError' });
	assert.throws(() => reader.sendSync(2), { name: 'ProcessError' });
	assert.throws(() => writer.recvSync(), { name: 'ProcessError' });
	reader.close();
	writer.close();
});

test('leaving the block closes a connection, and using it afterwards is an error', async () => {
	const [here, there] = Pipe();
	{
		using connection = here;
		await connection.send('in the block');
		assert.equal(await there.recv(), 'in the block');
	}
	assert.equal(here.closed, true);
	await assert.rejects(here.recv(), { name: 'ClosedError' });
	assert.throws(() => here.sendSync(1), { name: 'ClosedError' });
	here.close(); // twice is allowed
	there.close();
});

test('at the end there is an error, for the receiver and for the sender, and poll says that it can be had', async () => {
	const [reader, writer] = Pipe({ duplex: false });
	writer.close();
	assert.equal(await reader.poll(), true);
	await assert.rejects(reader.recv(), { name: 'EOFError' });
	assert.throws(() => reader.recvBytesSync(), { name: 'EOFError' });
	reader.close();
	const [other, sender] = Pipe({ duplex: false });
	other.close();
	await assert.rejects(sender.send(1), { name: 'BrokenPipeError' });
	sender.close();
});

test('poll is false without a message, waits at least as long as it is told, and never waits for less than nothing', async () => {
	const [here, there] = Pipe();
	assert.equal(await here.poll(), false);
	assert.equal(await here.poll(-1), false);
	assert.equal(here.pollSync(0), false);
	const start = performance.now();
	assert.equal(await here.poll(100), false);
	assert.ok(performance.now() - start >= 99);
	await there.send(null);
	assert.equal(await here.poll(-1), true);
	assert.equal(await here.recv(), null);
	here.close();
	there.close();
});

test('slices of bytes arrive as they were asked for, and impossible slices are range errors', async () => {
	const [reader, writer] = Pipe({ duplex: false });
	const bytes = Buffer.from('abcdefghijklmnopqrstuvwxyz');
	for (const [offset, size] of [[], [5], [7, 8], [26], [26, 0]] as const) {
		await writer.sendBytes(bytes, offset, size);
		const end = size === undefined ? undefined : (offset ?? 0) + size;
		assert.deepEqual(await reader.recvBytes(), bytes.subarray(offset, end));
	}
	for (const [offset, size] of [[27], [22, 5], [26, 1], [-1], [4, -1]] as const) {
		await assert.rejects(writer.sendBytes(bytes, offset, size), { name: 'RangeError' });
		assert.throws(() => writer.sendBytesSync(bytes, offset, size), { name: 'RangeError' });
	}
	reader.close();
	writer.close();
});

test('bytes are received into a buffer, at an offset; one that is too short loses nothing', async () => {
	const [reader, writer] = Pipe({ duplex: false });
	const buffer = Buffer.alloc(12, '.');
	await writer.sendBytes(Buffer.from('message'));
	assert.equal(await reader.recvBytesInto(buffer, 3), 7);
	assert.equal(buffer.toString(), '...message..');
	await writer.sendBytes(Buffer.from('a message that is too long'));
	await assert.rejects(reader.recvBytesInto(buffer), (error: Error & { data: Uint8Array }) => {
		assert.equal(error.name, 'BufferTooShort');
		assert.equal(Buffer.from(error.data).toString(), 'a message that is too long');
		return true;
	});
	await writer.sendBytes(Buffer.from('longer than four'));
	await assert.rejects(reader.recvBytes(4), { name: 'BufferTooShort', size: 16 });
	await writer.send('the connection lives on');
	assert.equal(await reader.recv(), 'the connection lives on');
	reader.close();
	writer.close();
});

test('an empty message makes poll true, as often as one asks, and is still there', async () => {
	const [here, there] = Pipe();
	await there.sendBytes(Buffer.alloc(0));
	for (let i = 0; i < 3; i++) assert.equal(await here.poll(), true);
	assert.equal((await here.recvBytes()).length, 0);
	assert.equal(await here.poll(), false);
	here.close();
	there.close();
});

test('three messages stay three messages, however often one polls', async () => {
	const [here, there] = Pipe();
	const messages = ['one', 'two', 'three'];
	for (const text of messages) await there.sendBytes(Buffer.from(text));
	for (const text of messages) {
		for (let i = 0; i < 3; i++) assert.equal(await here.poll(), true);
		assert.equal((await here.recvBytes()).toString(), text);
	}
	assert.equal(await here.poll(), false);
	here.close();
	there.close();
});

for (const method of methods) {
	const { Process } = getContext(method);

	test(`${method}: values, bytes and a message of 16 MiB go to a child and back`, async () => {
		const [here, there] = Pipe();
		const values = new Process({ target: targets.echoValues, args: [there] });
		await values.start();
		for (const value of [[1, 2.25, -0, null], 'text', { a: new Map([[1, new Set([2n])]]) }, undefined, Number.NaN]) {
			await here.send(value);
			assert.deepEqual(await here.recv(), value);
		}
		await here.send(null);
		assert.equal(await values.join(), 0);

		const bytes = new Process({ target: targets.echoBytes, args: [there] });
		await bytes.start();
		there.close();
		const large = Buffer.alloc(SIXTEEN_MIB, 'polyproc');
		for (const message of [Buffer.from('x'), large]) {
			const [back] = await Promise.all([here.recvBytes(), here.sendBytes(message)]);
			assert.ok(message.equals(back));
		}
		await here.sendBytes(Buffer.alloc(0));
		assert.equal(await bytes.join(), 0);
		await assert.rejects(here.recvBytes(), { name: 'EOFError' });
		here.close();
	});

	test(`${method}: the parent may close the child's end right after the start`, async () => {
		const [here, there] = Pipe();
		const child = new Process({ target: targets.echoValues, args: [there] });
		await child.start();
		there.close();
		here.sendSync('hello');
		assert.equal(here.recvSync(), 'hello');
		here.sendSync(null);
		assert.equal(await child.join(), 0);
		here.close();
	});

	test(`${method}: empty and other messages arrive one by one under polling`, async () => {
		const [messages, theirs] = Pipe();
		const [answer, theirAnswer] = Pipe();
		const sent = ['hello', '', 'a', 'b', '', 'bye', '', 'lop'];
		const child = new Process({ target: targets.pollAndTake, args: [theirs, sent.length, theirAnswer] });
		await child.start();
		for (const text of sent) await messages.sendBytes(Buffer.from(text));
		assert.deepEqual(await answer.recv(), sent);
		await child.join();
		for (const connection of [messages, theirs, answer, theirAnswer]) connection.close();
	});

	test(`${method}: polling in one process never swallows part of a message that another one reads`, async () => {
		const [reader, writer] = Pipe({ duplex: false });
		const [control, theirControl] = Pipe();
		const child = new Process({ target: targets.pollUntilTold, args: [reader, theirControl] });
		await child.start();
		assert.equal(await control.recv(), 'polling');
		for (const size of [0, 1, 100, 5000, 70_000]) {
			const message = Buffer.alloc(size, 'abc');
			const [got] = await Promise.all([reader.recvBytes(), writer.sendBytes(message)]);
			assert.ok(message.equals(got));
		}
		await control.send('enough');
		assert.equal(typeof (await control.recv()), 'number');
		await child.join();
		for (const connection of [reader, writer, control, theirControl]) connection.close();
	});

	test(`${method}: one-way ends sent to another process keep their direction`, async () => {
		const [here, there] = Pipe();
		const [reader, writer] = Pipe({ duplex: false });
		await withChild(there, async () => {
			await here.send(writer);
			assert.deepEqual(await reader.recv(), ['written in the child', false]);
		});
		await withChild(there, async () => {
			await here.send(reader);
			await writer.send('hello');
			assert.deepEqual(await here.recv(), ['read in the child', 'hello', false]);
		});
		for (const connection of [here, there, reader, writer]) connection.close();
	});

	/** A child that waits for a connection to come over `there`, while `use` goes on. */
	async function withChild(there: Connection, use: () => Promise<void>): Promise<void> {
		const child = new Process({ target: targets.useConnectionThatCameOver, args: [there] });
		await child.start();
		await use();
		assert.equal(await child.join(), 0);
	}
}
