/**
 * CPython's _TestListener, _TestListenerClient, TestInvalidFamily, test_ignore_listener, the challenges of OtherTest and
 * ChallengeResponseTest, and the parts of _TestPoll and _TestPicklingConnections that need a Listener.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import {
	type Address,
	type AddressFamily,
	answerChallenge,
	Client,
	type Connection,
	deliverChallenge,
	getContext,
	Listener,
	type ListenerOptions,
	Pipe,
	Process,
} from 'polyproc';
import { answerTo, checkAnswer } from '../../src/channel/handshake.ts';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './listener-targets.ts';
import { methods } from './methods.ts';
import { lasting, runners } from './runners.ts';

const crews = runners.map(lasting);

checkLeaks(async () => {
	for (const runner of crews) {
		const running = await runner.start(targets.answerOverWhatCame);
		await running.line.send(null);
		await running.join();
		running.line.close();
	}
	using listener = new Listener();
	const [here, there] = await Promise.all([listener.accept(), Client(await addressOf(listener))]);
	const child = new Process({ target: targets.answerOver, args: [there] });
	await child.start();
	await here.send('warm');
	await here.recv();
	await child.join();
	await here.poll(0);
	here.close();
	there.close();
});

/** One listener of each family. */
const families: Record<string, () => ListenerOptions> = {
	AF_INET: () => ({ family: 'AF_INET' }),
	AF_UNIX: () => ({ family: 'AF_UNIX' }),
	abstract: () => ({ address: `\0polyproc-test-${process.pid}-${Math.random()}` }),
};

async function addressOf(listener: Listener): Promise<Address> {
	await listener.ready;
	return listener.address!;
}

async function connected(options: ListenerOptions): Promise<{ here: Connection; there: Connection }> {
	using listener = new Listener(options);
	const [here, there] = await Promise.all([listener.accept(), Client(await addressOf(listener))]);
	return { here, there };
}

for (const [family, options] of Object.entries(families)) {
	test(`${family}: an address where somebody listens cannot be listened at once more`, async () => {
		using listener = new Listener(options());
		const address = await addressOf(listener);
		const second = new Listener({ address });
		await assert.rejects(second.ready, { name: 'ProcessError', code: 'ERR_MP_LISTEN' });
		await assert.rejects(second.accept(), { code: 'ERR_MP_LISTEN' });
		second.close();
	});

	test(`${family}: an empty message makes poll true as often as one asks, and messages stay apart`, async () => {
		const { here, there } = await connected(options());
		await there.sendBytes(Buffer.alloc(0));
		for (let i = 0; i < 3; i++) assert.equal(await here.poll(1000), true);
		assert.equal((await here.recvBytes()).length, 0);
		assert.equal(await here.poll(), false);
		for (const text of ['one', 'two', 'three']) await there.sendBytes(Buffer.from(text));
		for (const text of ['one', 'two', 'three']) {
			for (let i = 0; i < 3; i++) assert.equal(await here.poll(1000), true);
			assert.equal((await here.recvBytes()).toString(), text);
		}
		assert.equal(here.pollSync(), false);
		here.close();
		there.close();
	});

	for (const runner of crews) {
		test(`${runner.name}, ${family}: a client connects and says one thing`, async () => {
			using listener = new Listener(options());
			const running = await runner.start(targets.sayHello, await addressOf(listener));
			using connection = await listener.accept();
			assert.equal(await connection.recv(), 'hello');
			await running.line.send('enough');
			assert.equal(await running.join(), 0);
			await assert.rejects(connection.recv(), { name: 'EOFError' });
			running.line.close();
		});

		test(`${runner.name}, ${family}: a client that wrote and left before it was accepted is still served`, async () => {
			using listener = new Listener(options());
			const running = await runner.start(targets.sayAndLeave, await addressOf(listener));
			assert.equal(await running.line.recv(), 'gone');
			using connection = await listener.accept();
			assert.equal(await connection.recv(), 'I am gone');
			await running.line.send('enough');
			await running.join();
			running.line.close();
		});

		test(`${runner.name}, ${family}: a client's poll sees what the listener's side has sent`, async () => {
			using listener = new Listener(options());
			const running = await runner.start(targets.pollFirst, await addressOf(listener));
			using connection = await listener.accept();
			await connection.sendBytes(Buffer.from('here it is'));
			assert.deepEqual(await running.line.recv(), [true, 'here it is']);
			await running.join();
			running.line.close();
		});

		test(`${runner.name}, ${family}: an accepted connection can be sent to somebody else and used there`, async () => {
			const running = await runner.start(targets.answerOverWhatCame);
			const { here, there } = await connected(options());
			await running.line.send(here);
			await there.send('sent through a pipe');
			assert.equal(await there.recv(), 'SENT THROUGH A PIPE');
			here.close();
			await assert.rejects(there.recv(), { name: 'EOFError' });
			there.close();
			await running.line.send(null);
			await running.join();
			running.line.close();
		});
	}

	for (const method of methods) {
		const { Process } = getContext(method);

		test(`${method}, ${family}: an accepted connection can be an argument of a process`, async () => {
			const { here, there } = await connected(options());
			const child = new Process({ target: targets.answerOver, args: [here] });
			await child.start();
			here.close();
			await there.send('an argument');
			assert.equal(await there.recv(), 'AN ARGUMENT');
			assert.equal(await child.join(), 0);
			await assert.rejects(there.recv(), { name: 'EOFError' });
			there.close();
		});

		test(`${method}, ${family}: polling in one process never swallows a part of what another one reads`, async () => {
			const { here, there } = await connected(options());
			const [line, theirs] = Pipe();
			const child = new Process({ target: targets.pollOnly, args: [here, theirs] });
			await child.start();
			assert.equal(await line.recv(), 'polling');
			for (const size of [0, 1, 100, 5000, 70_000]) {
				const message = Buffer.alloc(size, 'abc');
				const [got] = await Promise.all([here.recvBytes(), there.sendBytes(message)]);
				assert.ok(message.equals(got));
			}
			await line.send('enough');
			assert.equal(await line.recv(), 'done');
			await child.join();
			for (const connection of [here, there, line, theirs]) connection.close();
		});
	}
}

for (const runner of crews) {
	test(`${runner.name}: signals do not break an accept that waits`, async () => {
		let signals = 0;
		const count = (): void => void signals++;
		process.on('SIGUSR2', count);
		using listener = new Listener();
		const running = await runner.start(targets.connectWhenTold, await addressOf(listener));
		const accepting = listener.accept();
		for (let sent = 1; sent <= 3; sent++) {
			process.kill(process.pid, 'SIGUSR2');
			while (signals < sent) await new Promise(setImmediate);
		}
		await running.line.send('connect');
		using connection = await accepting;
		assert.equal(await connection.recv(), 'after the signals');
		await running.line.send('enough');
		await running.join();
		running.line.close();
		process.off('SIGUSR2', count);
	});
}

test('leaving the block closes listener, client and accepted connection; accepting afterwards is an error', async () => {
	const listener = new Listener();
	{
		using held = listener;
		using client = await Client(await addressOf(held));
		using accepted = await held.accept();
		await client.send(1816);
		assert.equal(await accepted.recv(), 1816);
	}
	await assert.rejects(listener.accept(), { name: 'ClosedError', code: 'ERR_MP_CLOSED' });
	listener.close(); // twice is allowed
});

test('an empty key is a key: both sides must have it', async () => {
	const authkey = Buffer.alloc(0);
	using listener = new Listener({ authkey });
	using client = await Client(await addressOf(listener), { authkey });
	using accepted = await listener.accept();
	await client.send(1729);
	assert.equal(await accepted.recv(), 1729);
});

test('a name that begins with NUL is in no file system and can be connected to', async () => {
	const address = `\0something-${process.pid}`;
	using listener = new Listener({ address });
	await listener.ready;
	using client = await Client(address);
	using accepted = await listener.accept();
	assert.equal(listener.address, address);
	await accepted.send('hello');
	assert.equal(await client.recv(), 'hello');
});

test('families and addresses that this system does not have are refused at once', async () => {
	const pipe = '\\\\.\\pipe\\test';
	assert.throws(() => new Listener({ address: pipe }), { name: 'ProcessError', code: 'ERR_MP_NOT_AVAILABLE' });
	assert.throws(() => new Listener({ family: 'AF_PIPE' }), { code: 'ERR_MP_NOT_AVAILABLE' });
	await assert.rejects(Client(pipe), { code: 'ERR_MP_NOT_AVAILABLE' });
	assert.throws(() => new Listener({ family: 'AF_NETLINK' as AddressFamily }), { name: 'RangeError' });
});

/** A connection that says what a liar would. */
class Liar {
	readonly #answers: Buffer[];

	constructor(...answers: Buffer[]) {
		this.#answers = answers;
	}

	async sendBytes(): Promise<void> {}

	async recvBytes(): Promise<Uint8Array> {
		return this.#answers.shift() ?? Buffer.alloc(0);
	}
}

test('a bogus answer to a challenge is an authentication error', async () => {
	await assert.rejects(deliverChallenge(new Liar(Buffer.from('something bogus')), Buffer.from('abc')), {
		name: 'AuthenticationError',
	});
});

test('a bogus verdict on an answer is an authentication error', async () => {
	const challenge = Buffer.from(`#CHALLENGE#{sha256}${'x'.repeat(40)}`);
	const liar = new Liar(challenge, Buffer.from('something bogus'));
	await assert.rejects(answerChallenge(liar, Buffer.from('abc')), { name: 'AuthenticationError' });
});

test('answers to old and new challenges are what the other side expects, and name their digest', () => {
	const key = Buffer.from('supadupasecretkey');
	const oldChallenge = Buffer.alloc(20, 'x');
	const oldAnswer = answerTo(oldChallenge, key);
	assert.deepEqual(oldAnswer, createHmac('md5', key).update(oldChallenge).digest());
	checkAnswer(oldAnswer, oldChallenge, key);
	for (const [digest, openssl] of [
		['md5', 'md5'],
		['sha256', 'sha256'],
		['sha384', 'sha384'],
		['sha3_256', 'sha3-256'],
		['sha3_384', 'sha3-384'],
	] as const) {
		const challenge = Buffer.from(`{${digest}}${'r'.repeat(40)}`);
		const answer = answerTo(challenge, key);
		assert.equal(answer.toString('latin1', 0, digest.length + 2), `{${digest}}`);
		assert.deepEqual(answer.subarray(digest.length + 2), createHmac(openssl, key).update(challenge).digest());
		checkAnswer(answer, challenge, key);
		assert.throws(() => checkAnswer(answer, challenge, Buffer.from('another')), { name: 'AuthenticationError' });
	}
	assert.throws(() => answerTo(Buffer.from(`{sha1}${'r'.repeat(40)}`), key), { name: 'AuthenticationError' });
	assert.throws(() => answerTo(Buffer.alloc(41), key), { name: 'AuthenticationError' });
});
