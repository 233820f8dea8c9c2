/** What is shared goes everywhere: as an argument, an item, a result, and to the initializer. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Lock, Pipe, Queue, SharedMemory, Value } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import { finish, kinds, train, warmUp } from './kinds.ts';
import * as targets from './targets.ts';

checkLeaks(async () => {
	await warmUp();
	const memory = new SharedMemory({ create: true, size: 1 });
	memory.close();
	memory.unlink();
});

for (const kind of kinds) {
	const { name, isThreads } = kind;

	test(`${name}: shared objects as arguments and items are the ones that were passed`, async () => {
		const pool = kind.make(2);
		const value = new Value('i');
		await promptly(Promise.all(Array.from({ length: 10 }, () => pool.apply(targets.count, [value, 100]))));
		assert.equal(value.value, 1000);
		const items = Array.from({ length: 10 }, () => [value, 100] as const);
		await promptly(pool.starmap(targets.count, items, { chunksize: 3 }));
		assert.equal(value.value, 2000);
		for await (const _ of pool.imap((one: Value<'i'>) => one.add(1), [value, value, value]));
		assert.equal(value.value, 2003);
		await finish(pool);
	});

	test(`${name}: shared objects as initargs are those of all workers, also of those that come later`, async () => {
		const value = new Value('i', 0, { lock: false } as never);
		const pool = kind.make(2, {
			initializer: targets.keepShared,
			initargs: [value, new Lock()],
			maxTasksPerChild: 2,
		});
		await promptly(
			pool.map(
				targets.countShared,
				Array.from({ length: 8 }, () => 250),
				{ chunksize: 1 },
			),
		);
		assert.equal(value.value, 2000);
		await finish(pool);
	});

	test(`${name}: what a closure captures may be shared`, async () => {
		const pool = kind.make(2);
		const value = new Value('i');
		const add = (by: number): number => value.add(by);
		await promptly(pool.map(add, [1, 2, 3, 4]));
		await promptly(pool.apply(add, [5]));
		assert.equal(value.value, 15);
		await finish(pool);
	});

	test(`${name}: a task may make shared objects and return them`, async () => {
		const pool = kind.make(2);
		const { lock, queue, value } = await promptly(pool.apply(targets.makeShared));
		assert.equal(await promptly(queue.get()), 'from there');
		assert.equal(value.value, 42);
		lock.acquireSync();
		const seen = pool.apply((it: Lock) => it.acquireSync({ block: false }), [lock]);
		assert.equal(await promptly(seen), false);
		lock.release();
		const all = await promptly(pool.map(targets.makeShared, Array.from({ length: 6 }) as never[], { chunksize: 2 }));
		for (const one of all) assert.equal(await promptly(one.queue.get()), 'from there');
		await finish(pool);
		assert.equal(value.add(1), 42); // whoever made it has ended
	});

	test(`${name}: so it may a pipe, and serve its other end`, async () => {
		const pool = kind.make(1);
		const connection = await promptly(pool.apply(targets.openEcho));
		await connection.send('hello');
		assert.equal(await promptly(connection.recv()), 'echo hello');
		connection.close();
		await finish(pool);
	});

	test(`${name}: a connection given to a task is used there`, async () => {
		const pool = kind.make(1);
		const [mine, theirs] = Pipe();
		const task = pool.apply((line: typeof theirs) => line.sendSync('from the task'), [theirs]);
		assert.equal(await promptly(mine.recv()), 'from the task');
		await promptly(task);
		mine.close();
		theirs.close();
		await finish(pool);
	});

	test(`${name}: queues go through queues to tasks, while tasks run`, async () => {
		const pool = kind.make(2);
		const outer = new Queue<Queue<number>>();
		const task = pool.apply(
			async (queues: Queue<Queue<number>>) => {
				const inner = await queues.get();
				await inner.put(7);
			},
			[outer],
		);
		const inner = new Queue<number>();
		await outer.put(inner);
		assert.equal(await promptly(inner.get()), 7);
		await promptly(task);
		await finish(pool);
	});

	test(`${name}: named shared memory is the same there`, async () => {
		const pool = kind.make(1);
		const memory = new SharedMemory({ create: true, size: 64 });
		const fill = (shared: SharedMemory, byte: number): void => void shared.buf.fill(byte);
		await promptly(pool.apply(fill, [memory, 9]));
		assert.equal(memory.buf[63], 9);
		memory.close();
		memory.unlink();
		await finish(pool);
	});

	if (isThreads) continue;

	test(`${name}: a socket that was accepted here is served there, however long the task waits`, async () => {
		const pool = kind.make(1);
		const server = createServer({ pauseOnConnect: true });
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as { port: number };
		const before = pool.apply(targets.spinFor, [500]);
		for (let i = 0; i < 2; i++) {
			const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
			const client = connect(port, '127.0.0.1');
			const socket = await promptly(accepted);
			const task = pool.apply(targets.readAll, [socket]);
			client.end('to the task');
			assert.equal(await promptly(task), 'to the task');
			socket.destroy();
			client.destroy();
		}
		await before;
		await new Promise((resolve) => server.close(resolve));
		await finish(pool);
	});

	test(`${name}: a file that is open here is written there, also when the first worker dies before it comes to it`, async () => {
		const pool = kind.make(1);
		const folder = mkdtempSync(join(tmpdir(), 'pool-test-'));
		const handle = await open(join(folder, 'file'), 'w');
		const line = new Queue<number>();
		const write = async (to: FileHandle): Promise<void> => {
			await to.writeFile('by the task');
			await to.close();
		};
		await promptly(pool.ready);
		await train(pool);
		const victim = pool.apply(targets.sayAndSpin, [line]);
		const task = pool.apply(write, [handle]); // sent ahead
		process.kill(await promptly(line.get()), 'SIGKILL');
		await assert.rejects(promptly(victim), { name: 'WorkerDiedError' });
		await promptly(task);
		await handle.close();
		assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'by the task');
		rmSync(folder, { recursive: true });
		await finish(pool);
	});
}
