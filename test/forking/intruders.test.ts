/** What strangers can do at the fork server's socket: nothing, to it or to those it serves. */
import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { family } from '../../src/memory/family.ts';
import { ForkServerNotice } from '../../src/memory/fork-server-notice.ts';
import type { ForkServerAddress } from '../../src/os/fork-contract.ts';
import { ANSWER, encodeAnswer, encodeRequest, KEY_BYTES, REQUEST_BYTES } from '../../src/os/linux/fork-protocol.ts';
import { accept, connect, listen, receiveMessage, sendMessage } from '../../src/os/linux/unix-socket.ts';
import { Process } from '../../src/process/process.ts';
import { setStartMethod } from '../../src/process/start-method.ts';
import { checkLeaks } from '../house/leaks.ts';
import { randomSource } from '../wire/random.ts';

setStartMethod('forkserver', { force: true });

/** A child of the server, and whether it was still the same one. */
async function start(): Promise<void> {
	const child = new Process({ target: Math.max, args: [1] });
	await child.start();
	assert.equal(await child.join(), 0);
}

checkLeaks(start);

const notice = (): NonNullable<ReturnType<ForkServerNotice['read']>> => {
	const found = new ForkServerNotice(family()).read();
	assert.ok(found);
	return found;
};

function open(name: string): number {
	const connection = connect(name);
	assert.ok(typeof connection === 'number');
	return connection;
}

async function answerOn(connection: number): Promise<Buffer> {
	for (;;) {
		const message = receiveMessage(connection);
		if (message !== undefined) return message.data;
		await turn();
	}
}

const wrongKey = encodeRequest({ key: Buffer.alloc(KEY_BYTES, 1), descriptors: 1, detached: false });

const MESSAGES: readonly (readonly [what: string, bytes: (key: Uint8Array) => Uint8Array, descriptors: number])[] = [
	['a wrong key', () => wrongKey, 6],
	['the right key without descriptors', (key) => encodeRequest({ key, descriptors: 1, detached: false }), 0],
	['the right key with one descriptor too many', (key) => encodeRequest({ key, descriptors: 1, detached: false }), 7],
	['half a request', (key) => encodeRequest({ key, descriptors: 1, detached: false }).subarray(0, 20), 0],
	['text', () => Buffer.from('GET / HTTP/1.1\r\n\r\n'), 0],
	['a request with something behind it', () => Buffer.concat([wrongKey, wrongKey]), 0],
	['as many zeros as a request has bytes', () => Buffer.alloc(REQUEST_BYTES), 6],
	['a great many descriptors', () => wrongKey, 100],
];

test('who does not ask properly is refused and let go, and the server goes on serving others', async () => {
	await start();
	const { address, generation } = notice();
	const nowhere = openSync('/dev/null', 'r+');
	for (const [what, bytes, descriptors] of MESSAGES) {
		const connection = open(address.name);
		assert.ok(sendMessage(connection, bytes(address.key), Array<number>(descriptors).fill(nowhere)), what);
		const answer = await answerOn(connection);
		assert.equal(answer.readInt32LE(), ANSWER.refused, what);
		assert.equal(answer.toString('utf8', 8), 'not authenticated', what);
		assert.equal((await answerOn(connection)).length, 0, what);
		closeSync(connection);
		await start();
	}
	assert.equal(notice().generation, generation);
	closeSync(nowhere);
});

test('100 random and mutated messages are refused, and the server goes on', async () => {
	const { address, generation } = notice();
	const random = randomSource(3);
	const right = encodeRequest({ key: address.key, descriptors: 1, detached: false });
	for (let i = 0; i < 100; i++) {
		const message = Buffer.from(right);
		for (let left = 1 + random(6); left > 0; left--) message[random(message.length)]! ^= 1 + random(255);
		const noise = Buffer.from(Uint8Array.from({ length: 1 + random(200) }, () => random(256)));
		const connection = open(address.name);
		assert.ok(sendMessage(connection, i % 2 === 0 ? message : noise));
		assert.equal((await answerOn(connection)).readInt32LE(), ANSWER.refused);
		closeSync(connection);
	}
	await start();
	assert.equal(notice().generation, generation);
});

test('connections that say nothing, stay or go, keep nobody waiting', async () => {
	const { address, generation } = notice();
	const silent = Array.from({ length: 20 }, () => open(address.name));
	await start();
	for (const connection of silent.slice(0, 10)) closeSync(connection);
	await start();
	assert.equal(notice().generation, generation);
	for (const connection of silent.slice(10)) closeSync(connection);
});

test('a key that is wrong refuses the start, and says so', async () => {
	const { address } = notice();
	const shared = new ForkServerNotice(family());
	shared.publish({ ...address, key: Buffer.alloc(KEY_BYTES, 7) });
	await assert.rejects(start(), {
		code: 'ERR_MP_START',
		message: /^cannot start Process-\d+: the fork server refuses: not authenticated$/,
	});
	shared.publish(address);
	await start();
});

/** Says of so many children that they ended before they were anybody, then lets `next` be asked. */
async function tellOfDeaths(count: number, next: ForkServerAddress): Promise<void> {
	const name = `polyproc-test-${process.pid}-${count}`;
	const listener = listen(name);
	const shared = new ForkServerNotice(family());
	shared.publish({ name, key: next.key });
	for (let deaths = 0; deaths < count; ) {
		const connection = accept(listener);
		if (connection === undefined) {
			await turn();
			continue;
		}
		deaths += 1;
		const { descriptors } = await requestOn(connection);
		if (deaths === count) shared.publish(next);
		sendMessage(connection, encodeAnswer(ANSWER.exit, -11));
		for (const fd of [...descriptors, connection]) closeSync(fd);
	}
	closeSync(listener);
}

async function requestOn(connection: number): Promise<{ descriptors: readonly number[] }> {
	for (;;) {
		const message = receiveMessage(connection);
		if (message !== undefined) return message;
		await turn();
	}
}

test('a child that dies before it is anybody is made again; the program does not learn of it', async () => {
	const [told] = await Promise.all([tellOfDeaths(2, notice().address), start()]);
	assert.equal(told, undefined);
});

test('when no child lives to be anybody, the start says so', async () => {
	const real = notice().address;
	const [, started] = await Promise.all([tellOfDeaths(5, real), start().catch((error: unknown) => error)]);
	assert.match(
		String(started),
		/cannot start Process-\d+: the forked process died before it could run anything, 5 times in a row\./,
	);
	await start();
});
