/** Messages of all sizes, between threads of control of all kinds, arrive whole and in order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, Lock, Pipe, Process } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { Random } from '../soak/random.ts';
import * as targets from './targets.ts';

const CAPACITY = 128 * 1024;
const MIB = 2 ** 20;

checkLeaks(async () => {
	const [here, there] = Pipe();
	const child = new Process({ target: targets.echo, args: [there] });
	await child.start();
	there.close();
	await here.send('warm');
	await here.recv();
	here.close();
	await child.join();
});

/** Runs `use` with the other end in a child that runs `target`. */
async function withChild(
	target: (connection: Connection, ...args: never[]) => unknown,
	args: unknown[],
	use: (here: Connection) => Promise<void>,
): Promise<void> {
	const [here, there] = Pipe();
	const child = new Process({ target: target as (...args: unknown[]) => unknown, args: [there, ...args] });
	await child.start();
	there.close();
	await use(here);
	here.close();
	assert.equal(await child.join(), 0);
}

const boundaries = [CAPACITY / 4, CAPACITY].flatMap((size) => [-9, -8, -5, -4, -3, -1, 0, 1, 4].map((by) => size + by));

test('bytes of all sizes around the boundaries go to a child and back, in both forms', async () => {
	await withChild(targets.echoBytes, [], async (here) => {
		for (const size of [0, 1, 2, 3, 4, 5, 7, 8, ...boundaries, MIB]) {
			const message = targets.patterned(size, size);
			const [back] = await Promise.all([here.recvBytes(), here.sendBytes(message)]);
			assert.ok(message.equals(back), `${size} bytes, awaiting`);
			if (size > CAPACITY) continue; // nobody would receive while this thread blocks
			here.sendBytesSync(message);
			assert.ok(message.equals(here.recvBytesSync()), `${size} bytes, blocking`);
		}
	});
});

test('64 MB of bytes and an object of 64 MB go to a child and back', async () => {
	const bytes = targets.patterned(64 * MIB, 1);
	await withChild(targets.echoBytes, [], async (here) => {
		const [back] = await Promise.all([here.recvBytes(), here.sendBytes(bytes)]);
		assert.ok(bytes.equals(back));
	});
	await withChild(targets.echo, [], async (here) => {
		const [back] = await Promise.all([here.recv(), here.send({ bytes })]);
		assert.ok(bytes.equals((back as { bytes: Uint8Array }).bytes));
	});
});

test('objects whose pickled form is around the boundaries go to a child and back', async () => {
	await withChild(targets.echo, [], async (here) => {
		for (let size = CAPACITY / 4 - 24; size <= CAPACITY / 4 + 4; size++) {
			const text = 'a'.repeat(size);
			const [back] = await Promise.all([here.recv(), here.send(text)]);
			assert.equal(back, text);
		}
	});
});

for (const theirs of ['sync', 'async'] as const) {
	for (const mine of ['sync', 'async'] as const) {
		test(`messages of random sizes keep order and content, sent ${mine}, received ${theirs}`, async () => {
			const COUNT = 300;
			const random = new Random(17);
			await withChild(targets.digestAll, [COUNT, theirs], async (here) => {
				const digests: string[] = [];
				for (let i = 0; i < COUNT; i++) {
					const message = targets.patterned(
						random.below(10) === 0 ? random.below(3 * CAPACITY) : random.below(5000),
						i,
					);
					digests.push(targets.digest(message));
					if (mine === 'sync') here.sendBytesSync(message);
					else await here.sendBytes(message);
				}
				assert.deepEqual(await here.recv(), digests);
			});
		});
	}
}

test('three writers and two readers share the ends of one pipe: everything comes once, and each reader sees each writer in order', async () => {
	const [COUNT, PADDING] = [150, 60_000];
	const [reader, writer] = Pipe({ duplex: false });
	const results = [Pipe(), Pipe()] as const;
	const readers = results.map(([, there]) => new Process({ target: targets.passOn, args: [reader, there] }));
	const writers = [0, 1, 2].map(
		(who) => new Process({ target: targets.sendNumbered, args: [writer, who, COUNT, PADDING] }),
	);
	await Promise.all([...readers, ...writers].map((child) => child.start()));
	for (const connection of [reader, writer, ...results.map(([, there]) => there)]) connection.close();
	const seen = new Set<string>();
	const listen = async (here: Connection): Promise<void> => {
		const last = [-1, -1, -1];
		for await (const value of here) {
			const [who, number] = value as [number, number];
			assert.ok(number > last[who]!, `writer ${who}: ${number} after ${last[who]}`);
			last[who] = number;
			assert.ok(!seen.has(`${who}/${number}`));
			seen.add(`${who}/${number}`);
		}
		here.close();
	};
	await Promise.all(results.map(([here]) => listen(here)));
	assert.equal(seen.size, 3 * COUNT);
	for (const child of [...readers, ...writers]) assert.equal(await child.join(), 0);
});

for (const form of ['exits', 'closes'] as const) {
	test(`a connection that was sent through a connection works when its sender ${form}`, async () => {
		const [here, there] = Pipe();
		const child = new Process({ target: targets.sendConnection, args: [there, form] });
		await child.start();
		there.close();
		if (form === 'exits') assert.equal(await child.join(), 0); // it was on its way when its sender had gone
		const arrived = (await here.recv()) as Connection;
		assert.equal(await arrived.recv(), 'said before');
		if (form === 'closes') await arrived.send('answer');
		await assert.rejects(arrived.recv(), { name: 'EOFError' });
		assert.equal(await child.join(), 0);
		arrived.close();
		here.close();
	});
}

test('a connection may be closed right after it was sent, and the message that holds it keeps the pipe', async () => {
	const [carrier, other] = Pipe();
	const [here, there] = Pipe();
	await carrier.send(there);
	there.close();
	await here.send('kept');
	const arrived = (await other.recv()) as Connection;
	assert.equal(await arrived.recv(), 'kept');
	for (const connection of [carrier, other, here, arrived]) connection.close();
});

test('a lock sent through a pipe is the same lock in the other process', async () => {
	await withChild(targets.keepLockThatCameOver, [], async (here) => {
		const lock = new Lock();
		await here.send(lock);
		assert.equal(await here.recv(), true);
		assert.equal(lock.locked(), true);
		assert.equal(await lock.acquire({ block: false }), false);
		await here.send('release');
		assert.equal(await lock.acquire({ timeout: 5000 }), true);
		lock.release();
	});
});

test('several pending recv() are served in the order in which they were called', async () => {
	const [here, there] = Pipe();
	const got = [1, 2, 3, 4].map(() => here.recv());
	for (const value of [1, 2, 3, 4]) await there.send(value);
	assert.deepEqual(await Promise.all(got), [1, 2, 3, 4]);
	here.close();
	there.close();
});

test('sends that are not awaited keep their order, large and small, and a blocking one comes after them', async () => {
	await withChild(targets.echo, [], async (here) => {
		const sent = Array.from({ length: 20 }, (_, i) => [i, 'x'.repeat(i % 3 === 0 ? 200_000 : 10)]);
		const receiving = (async () => {
			const got: unknown[] = [];
			while (got.length < sent.length + 1) got.push(await here.recv());
			return got;
		})();
		const sending = sent.map((value) => here.send(value));
		await Promise.all(sending.slice(0, -1));
		const last = here.send('the last');
		await Promise.all([...sending, last]);
		assert.deepEqual(await receiving, [...sent, 'the last']);
	});
	const [here, there] = Pipe();
	const pending = [1, 2].map((number) => here.send([number, 'x'.repeat(30_000)]));
	here.sendSync([3]);
	for (const number of [1, 2, 3]) assert.equal(((await there.recv()) as unknown[])[0], number);
	await Promise.all(pending);
	here.close();
	there.close();
});

test('recvSync while async recvs pend gives them theirs first', async () => {
	const [here, there] = Pipe();
	const pending = [here.recv(), here.recv()];
	for (const value of [1, 2, 3]) there.sendSync(value);
	assert.equal(here.recvSync(), 3);
	assert.deepEqual(await Promise.all(pending), [1, 2]);
	here.close();
	there.close();
});

test('sendSync while async sends pend comes after them', async () => {
	await withChild(targets.digestAll, [3, 'sync'], async (here) => {
		const messages = [1, 2, 3].map((seed) => targets.patterned(300_000, seed));
		const sending = messages.slice(0, 2).map((message) => here.sendBytes(message));
		here.sendBytesSync(messages[2]!);
		await Promise.all(sending);
		assert.deepEqual(await here.recv(), messages.map(targets.digest));
	});
});

for (const form of ['for await', 'await recv()'] as const) {
	test(`timers keep firing while a flood is received with ${form}`, async () => {
		const [reader, writer] = Pipe({ duplex: false });
		const child = new Process({ target: targets.flood, args: [writer] });
		await child.start();
		writer.close();
		let fired = 0;
		const timer = setInterval(() => fired++, 1);
		let received = 0;
		if (form === 'for await') {
			for await (const _ of reader) if (++received > 1000 && fired >= 5) break;
		} else {
			while (!(received > 1000 && fired >= 5)) received = ((await reader.recv()) as number) + 1;
		}
		clearInterval(timer);
		reader.close();
		assert.equal(await child.join(), 0);
	});
}
