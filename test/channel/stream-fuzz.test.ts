/**
 * Random and mutated bytes into listeners, before and in the handshake, and into connections: each ends with a typed error
 * and a closed connection, and the next one is served as if nothing had been. The seed is printed with a failure.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, Client, type Connection, Listener, pickle } from 'polyproc';
import { answerTo } from '../../src/channel/handshake.ts';
import { checkLeaks } from '../house/leaks.ts';
import { type Random, randomSource } from '../wire/random.ts';
import { header, RawPeer } from './raw-peer.ts';

const SEED = Number(process.env.POLYPROC_FUZZ_SEED ?? 20);
const ROUNDS = Number(process.env.POLYPROC_FUZZ_ROUNDS ?? 150);
const authkey = Buffer.from('secret');

checkLeaks(async () => {
	using listener = new Listener({ authkey });
	await listener.ready;
	const [here, there] = await Promise.all([listener.accept(), Client(listener.address!, { authkey })]);
	here.close();
	there.close();
});

function randomBytes(random: Random): Buffer {
	return Buffer.from(Array.from({ length: random(4) === 0 ? random(600) : random(20) }, () => random(256)));
}

/** A few bytes changed, cut out or put in. */
function mutated(bytes: Buffer, random: Random): Buffer {
	let result = Buffer.from(bytes);
	for (let left = 1 + random(3); left > 0; left--) {
		const at = random(result.length + 1);
		const kind = random(3);
		if (kind === 0 && at < result.length) result[at] = random(256);
		else if (kind === 1) result = Buffer.concat([result.subarray(0, at), result.subarray(at + 1 + random(4))]);
		else result = Buffer.concat([result.subarray(0, at), randomBytes(random), result.subarray(at)]);
	}
	return result;
}

function framed(message: Uint8Array): Buffer {
	return Buffer.concat([header(message.length), message]);
}

/** Says something at one place of the handshake that nobody should say there, and leaves. */
async function attack(address: Address, random: Random): Promise<void> {
	const peer = await RawPeer.to(address);
	try {
		if (random(3) === 0) {
			peer.write(randomBytes(random));
			return;
		}
		const challenge = (await peer.message()).subarray('#CHALLENGE#'.length);
		const answer = framed(answerTo(challenge, authkey));
		if (random(2) === 0) {
			peer.write(mutated(answer, random));
			return;
		}
		peer.write(answer);
		await peer.message();
		peer.write(mutated(framed(Buffer.concat([Buffer.from('#CHALLENGE#{sha256}'), Buffer.alloc(40)])), random));
		peer.write(mutated(framed(Buffer.from('#WELCOME#')), random));
	} catch {
		// The listener has hung up, as it should.
	} finally {
		peer.socket.end();
		await peer.leave();
	}
}

test(`strangers cannot disturb a listener before or in the handshake (seed ${SEED})`, async () => {
	const random = randomSource(SEED);
	using listener = new Listener({ authkey, backlog: 64 });
	await listener.ready;
	for (let round = 0; round < ROUNDS; round++) {
		const accepting = listener.accept();
		const outcome = accepting.then(
			(connection) => connection.close(), // the mutation happened to change nothing
			(error: Error) => assert.equal(error.name, 'AuthenticationError', `seed ${SEED}, round ${round}: ${error.stack}`),
		);
		await attack(listener.address!, random);
		await outcome;
		if (round % 10 > 0) continue;
		const [here, there] = await Promise.all([listener.accept(), Client(listener.address!, { authkey })]);
		await there.send(round);
		assert.equal(await here.recv(), round);
		here.close();
		there.close();
	}
});

const TYPED = ['EOFError', 'ProcessError', 'UnpicklingError', 'BufferTooShort', 'AuthenticationError'];

/** Receives in all ways until the end; every error must be one of ours. */
async function receiveAll(connection: Connection, random: Random): Promise<void> {
	const buffer = Buffer.alloc(64);
	const ways: (() => unknown)[] = [
		() => connection.recv(),
		() => connection.recvBytes(),
		() => connection.recvBytes(100),
		() => connection.recvBytesInto(buffer, 8),
		() => connection.poll(0),
	];
	while (!connection.closed) {
		try {
			await ways[random(ways.length)]!();
		} catch (error) {
			const { name, stack } = error as Error;
			assert.ok(TYPED.includes(name), stack);
			if (name === 'EOFError') connection.close();
		}
	}
}

test(`random and mutated messages end in typed errors and harm nobody else (seed ${SEED})`, async () => {
	const random = randomSource(SEED + 1);
	const value = { list: [1, 'two', new Map([[3, new Date(4)]])], bytes: Buffer.from('five') };
	using listener = new Listener();
	await listener.ready;
	const [bystander, friend] = await Promise.all([listener.accept(), Client(listener.address!)]);
	for (let round = 0; round < ROUNDS; round++) {
		const [connection, peer] = await Promise.all([listener.accept(), RawPeer.to(listener.address!)]);
		const receiving = receiveAll(connection, random);
		for (let left = random(4); left >= 0; left--) {
			const message = framed(random(2) === 0 ? pickle.dumps(value) : randomBytes(random));
			peer.write(random(3) === 0 ? message : mutated(message, random));
		}
		peer.socket.end();
		await receiving;
		await peer.leave();
	}
	await friend.send(value);
	assert.deepEqual(await bystander.recv(), value);
	friend.close();
	bystander.close();
});
