/** CPython's TestWait and _TestConnection.test_wait_empty, restated. Rows in MAPPING.md. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { type Connection, EOFError, Event, getContext, Pipe, wait, waitSync } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { type Method, methods } from './methods.ts';
import * as targets from './wait-targets.ts';

const SENDERS = 4;
const MESSAGES = 10;
/** Milliseconds that a wait for what does not come lasts. */
const WHILE = 300;

checkLeaks(async () => {
	for (const method of methods) {
		await receiveFromPipes(method, false);
		await receiveFromSockets(method, false);
	}
});

const forms: readonly [string, typeof wait][] = [
	['awaiting', wait],
	['blocking', async (objects, timeout) => waitSync(objects, timeout)],
];

interface Sender {
	end(): Promise<void>;
}

async function start(method: Method, target: (...args: never[]) => unknown, ...args: unknown[]): Promise<Sender> {
	const child = new (getContext(method).Process)({ target: target as (...args: unknown[]) => unknown, args });
	await child.start();
	return {
		async end() {
			assert.equal(await child.join(), 0);
			child.close();
		},
	};
}

/** All that arrives through pipes from several children, read as it becomes ready. */
async function receiveFromPipes(method: Method, slow: boolean, waitFor: typeof wait = wait): Promise<unknown[]> {
	const senders: Sender[] = [];
	let open: Connection[] = [];
	for (let who = 0; who < SENDERS; who++) {
		const [reader, writer] = Pipe({ duplex: false });
		senders.push(await start(method, targets.sendNumbers, writer, who, MESSAGES, slow));
		writer.close();
		open.push(reader);
	}
	const messages: unknown[] = [];
	while (open.length > 0) {
		for (const reader of await waitFor(open)) {
			try {
				messages.push(reader.recvSync());
			} catch (error) {
				if (!(error instanceof EOFError)) throw error;
				reader.close();
				open = open.filter((other) => other !== reader);
			}
		}
	}
	for (const sender of senders) await sender.end();
	return messages;
}

/** The same with sockets. Each is left alone until it is ready, and then read. */
async function receiveFromSockets(method: Method, slow: boolean): Promise<string[]> {
	const server = createServer({ pauseOnConnect: true });
	await once(server.listen(0, '127.0.0.1'), 'listening');
	const { port } = server.address() as { port: number };
	const senders: Sender[] = [];
	let open: Socket[] = [];
	for (let who = 0; who < SENDERS; who++) {
		const connected = once(server, 'connection') as Promise<[Socket]>;
		senders.push(await start(method, targets.writeNumbers, port, MESSAGES, slow));
		open.push((await connected)[0]);
	}
	const texts = new Map(open.map((socket) => [socket, '']));
	while (open.length > 0) {
		for (const socket of await wait(open)) {
			texts.set(socket, texts.get(socket) + String(socket.read() ?? ''));
			if (socket.readableEnded) open = open.filter((other) => other !== socket);
		}
	}
	for (const sender of senders) await sender.end();
	for (const socket of texts.keys()) socket.destroy();
	server.close();
	await once(server, 'close');
	return [...texts.values()];
}

function numbers(): number[] {
	return Array.from({ length: MESSAGES }, (_, i) => i);
}

const everyMessage = numbers().flatMap((i) => Array.from({ length: SENDERS }, (_, who) => [i, who]));
const everyText = Array.from({ length: SENDERS }, () => `${numbers().join('\n')}\n`);

function sorted(messages: unknown[]): unknown[] {
	return (messages as [number, number][]).sort(([i, who], [j, other]) => i - j || who - other);
}

for (const method of methods) {
	for (const [pace, slow] of [
		['at once', false],
		['slowly', true],
	] as const) {
		for (const [form, waitFor] of forms) {
			test(`${method}, ${form}: four pipes at a time give all messages that are sent ${pace}, and end`, async () => {
				assert.deepEqual(sorted(await receiveFromPipes(method, slow, waitFor)), everyMessage);
			});
		}

		test(`${method}: four sockets at a time give all that is written ${pace}, and end`, async () => {
			assert.deepEqual(await receiveFromSockets(method, slow), everyText);
		});
	}

	for (const [form, waitFor] of forms) {
		test(`${method}, ${form}: a sentinel is waited for with connections, and all that is ready comes back together`, async () => {
			const [running, end] = [new Event(), new Event()];
			const [a, b] = Pipe();
			const child = new (getContext(method).Process)({ target: targets.setAndEndWhenTold, args: [running, end] });
			await child.start();
			const { sentinel } = child;
			running.waitSync();
			const all = [a, sentinel, b];
			assert.deepEqual(await waitFor(all, WHILE), []);
			end.set();
			assert.deepEqual(await waitFor(all), [sentinel]);
			a.sendSync(null);
			assert.deepEqual(await waitFor(all), [sentinel, b]);
			b.sendSync(null);
			assert.deepEqual(await waitFor(all), [a, sentinel, b]);
			assert.equal(await child.join(), 0);
			child.close();
			a.close();
			b.close();
		});
	}
}

for (const [form, waitFor] of forms) {
	test(`${form}: a wait lasts as long as it is told when nothing comes, and else no longer than until something does`, async () => {
		const [a, b] = Pipe();
		const begin = performance.now();
		assert.deepEqual(await waitFor([a, b], WHILE), []);
		assert.ok(performance.now() - begin >= WHILE);
		b.sendSync(null);
		assert.deepEqual(await waitFor([a, b], 60_000), [a]);
		a.close();
		b.close();
	});

	test(`${form}: a timeout below zero is no wait`, async () => {
		const [a, b] = Pipe();
		assert.deepEqual(await waitFor([a, b], -1), []);
		b.sendSync(null);
		assert.deepEqual(await waitFor([a, b], -1), [a]);
		a.close();
		b.close();
	});

	test(`${form}: waiting for nothing lasts as long as it is told`, async () => {
		const begin = performance.now();
		assert.deepEqual(await waitFor([], WHILE), []);
		assert.ok(performance.now() - begin >= WHILE);
	});
}
