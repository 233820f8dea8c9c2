/** The end of a pipe: whoever waits at it learns of it within a second, however the other side went. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, Pipe, Process } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './targets.ts';

/** Milliseconds within which an end is seen. */
const LIMIT = 1000;

checkLeaks(async () => {
	const [here, there] = Pipe();
	const child = new Process({ target: targets.useOnce, args: [there] });
	await child.start();
	there.close();
	assert.equal(await here.recv(), 'once');
	await assert.rejects(here.recv(), { name: 'EOFError' });
	here.close();
	await child.join();
});

const ends: [targets.Blocking, string][] = [
	['recv', 'EOFError'],
	['recvSync', 'EOFError'],
	['poll', 'ended'],
	['pollSync', 'ended'],
	['sendBytes', 'BrokenPipeError'],
	['sendBytesSync', 'BrokenPipeError'],
];

for (const [what, outcome] of ends) {
	test(`${what} in a child ends with ${outcome} when the other end is closed, and when its holder is killed`, async () => {
		for (const how of ['close', 'kill'] as const) {
			const [here, there] = Pipe();
			const [report, theirReport] = Pipe();
			const [holderReport, theirs] = Pipe();
			const blocked = new Process({ target: targets.blockIn, args: [what, there, theirReport] });
			const holder = new Process({ target: targets.hold, args: [here, theirs] });
			await Promise.all([blocked.start(), holder.start()]);
			assert.deepEqual([await report.recv(), await holderReport.recv()], ['there', 'there']);
			there.close();
			theirReport.close();
			theirs.close();
			if (how === 'kill') here.close();
			holder.kill();
			if (how === 'close') await holder.join();
			const start = performance.now();
			here.close();
			assert.equal(await report.recv(), outcome);
			assert.ok(performance.now() - start < LIMIT, `${how}: after ${performance.now() - start} ms`);
			assert.deepEqual([await blocked.join(), await holder.join()], [0, -9]);
			for (const connection of [report, holderReport]) connection.close();
		}
	});
}

test('recv, recvSync and poll here end within a second after the peer was killed', async () => {
	for (const wait of [
		(here: Connection) => assert.rejects(here.recv(), { name: 'EOFError', code: 'ERR_MP_EOF' }),
		(here: Connection) => assert.throws(() => here.recvSync(), { name: 'EOFError' }),
		async (here: Connection) => assert.equal(await here.poll(Number.POSITIVE_INFINITY), true),
		(here: Connection) => assert.equal(here.pollSync({ timeout: Number.POSITIVE_INFINITY }), true),
	]) {
		const [here, there] = Pipe();
		const [report, theirs] = Pipe();
		const child = new Process({ target: targets.hold, args: [there, theirs] });
		await child.start();
		await report.recv();
		there.close();
		theirs.close();
		child.kill();
		const start = performance.now();
		await wait(here);
		assert.ok(performance.now() - start < LIMIT);
		await child.join();
		here.close();
		report.close();
	}
});

test('right after joinSync of a killed child, sending to it is a broken pipe and receiving is the end', async () => {
	const [here, there] = Pipe();
	const [report, theirs] = Pipe();
	const child = new Process({ target: targets.hold, args: [there, theirs] });
	await child.start();
	assert.equal(report.recvSync(), 'there');
	there.close();
	theirs.close();
	child.kill();
	assert.equal(child.joinSync(), -9);
	assert.throws(() => here.sendSync(1), {
		name: 'BrokenPipeError',
		code: 'ERR_MP_BROKEN_PIPE',
		message:
			'Connection.sendSync: nobody is left to receive: every process that had the other end has closed it or ended.',
	});
	await assert.rejects(here.send(1), { name: 'BrokenPipeError' });
	assert.throws(() => here.recvSync(), {
		name: 'EOFError',
		message:
			'Connection.recvSync: the other end is closed: every process that had it has closed it or ended, and all it sent has been received.',
	});
	for (const call of ['send', 'sendBytes', 'sendBytesSync'] as const) {
		await assert.rejects(async () => here[call](Buffer.alloc(1)), {
			message: new RegExp(`^Connection\\.${call}: nobody`),
		});
	}
	for (const call of ['recv', 'recvBytes', 'recvBytesSync'] as const) {
		await assert.rejects(async () => here[call](), { message: new RegExp(`^Connection\\.${call}: the other end`) });
	}
	for (const call of ['recvBytesInto', 'recvBytesIntoSync'] as const) {
		await assert.rejects(async () => here[call](Buffer.alloc(1)), {
			message: new RegExp(`^Connection\\.${call}: the other end`),
		});
	}
	assert.equal(here.pollSync(0), true);
	here.close();
	report.close();
});

test('what was sent before the end is received first, then it is the end, again and again', async () => {
	const [here, there] = Pipe();
	for (const value of [1, 2]) there.sendSync(value);
	there.close();
	assert.deepEqual([await here.recv(), here.recvSync()], [1, 2]);
	await assert.rejects(here.recv(), { name: 'EOFError' });
	assert.throws(() => here.recvSync(), { name: 'EOFError' });
	here.close();
});

test('iteration ends at the end of the pipe, and leaving it early takes nothing extra', async () => {
	const [here, there] = Pipe();
	for (const value of [1, 2, 3]) there.sendSync(value);
	for await (const value of here) if (value === 1) break;
	there.close();
	const rest: unknown[] = [];
	for await (const value of here) rest.push(value);
	assert.deepEqual(rest, [2, 3]);
	here.close();
});

test('a writer killed in the middle of a large message leaves none of it, and what another one sends is whole', async () => {
	const [reader, writer] = Pipe({ duplex: false });
	const child = new Process({ target: targets.sendLarge, args: [writer, 64 * 2 ** 20] });
	await child.start();
	await reader.poll(Number.POSITIVE_INFINITY);
	const receiving = reader.recvBytes();
	child.kill();
	await child.join();
	await writer.sendBytes(Buffer.from('whole'));
	assert.equal((await receiving).toString(), 'whole');
	writer.close();
	await assert.rejects(reader.recvBytes(), { name: 'EOFError' });
	reader.close();
});

test('a reader killed in the middle of a large message costs that one; the next comes whole to another reader', async () => {
	const [reader, writer] = Pipe({ duplex: false });
	const [report, theirs] = Pipe();
	const child = new Process({ target: targets.takeLarge, args: [reader, theirs] });
	await child.start();
	const sending = writer.sendBytes(targets.patterned(64 * 2 ** 20, 3));
	await report.recv();
	child.kill();
	await child.join();
	const next = writer.sendBytes(Buffer.from('next'));
	let got = await reader.recvBytes();
	if (got.length > 4) {
		assert.ok(got.equals(targets.patterned(64 * 2 ** 20, 3)), 'it was killed before it began, or the message is torn');
		got = await reader.recvBytes();
	}
	assert.equal(got.toString(), 'next');
	await Promise.all([sending, next]);
	for (const connection of [reader, writer, report, theirs]) connection.close();
});

test('an idle connection does not keep a process alive; a pending recv does', async () => {
	const [here, there] = Pipe();
	const [report, theirs] = Pipe();
	const idle = new Process({ target: targets.useOnce, args: [there] });
	await idle.start();
	assert.equal(await idle.join(), 0);
	assert.equal(await here.recv(), 'once');
	const waiting = new Process({ target: targets.recvLater, args: [there, theirs] });
	await waiting.start();
	assert.equal(await waiting.join(100), null);
	await here.send('later');
	assert.equal(await report.recv(), 'later');
	assert.equal(await waiting.join(), 0);
	for (const connection of [here, there, report, theirs]) connection.close();
});
