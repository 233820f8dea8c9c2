/** Much of everything, and an end all the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activeChildren, type DictProxy, Manager } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import { blockForEver, size } from './targets.ts';

checkLeaks(async () => {
	await using manager = await Manager();
	await manager.dict();
});

test('a million entries, a value of 64 MB, a thousand who wait: and shut down in time, with nothing left', async () => {
	const manager = await Manager({ shutdownTimeout: 5000 });
	const entries = Array.from({ length: 1_000_000 }, (_, i): [number, number] => [i, i]);
	const dict: DictProxy<number, number> = await manager.dict(entries);
	assert.equal(await dict.size(), 1_000_000);
	assert.equal(await dict.update(size), 1_000_000);
	assert.equal((await dict.getValue()).get(999_999), 999_999);
	const large = Buffer.alloc(64 * 1024 * 1024, 7);
	const list = await manager.list<Buffer>();
	await list.push(large);
	assert.ok(large.equals((await list.at(0))!));
	const queue = await manager.Queue<number>();
	const waiting = Array.from({ length: 1000 }, () => queue.get());
	const outcomes = Promise.allSettled(waiting);
	for (let i = 0; i < 10; i++) await queue.put(i);
	assert.deepEqual(await Promise.all(waiting.slice(0, 10)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
	const [server] = activeChildren();
	await promptly(manager.shutdown());
	assert.equal(server!.exitCode, 0, 'it ended by itself');
	const ends = (await outcomes).slice(10).map((outcome) => (outcome as PromiseRejectedResult).reason?.name);
	assert.deepEqual([...new Set(ends)], ['BrokenPipeError']);
	assert.deepEqual(activeChildren(), []);
});

test('a server that does not listen any more is ended by force, after its time', async () => {
	const manager = await Manager({ shutdownTimeout: 100 });
	const dict = await manager.dict();
	const stuck = dict.update(blockForEver);
	const end = assert.rejects(stuck, { name: 'BrokenPipeError' });
	await promptly(manager.shutdown());
	assert.equal(await manager.join(0), true);
	await end;
});

test('ten thousand wait in one manager while it answers others, and all are answered in the end', async () => {
	const MANY = 10_000;
	await using manager = await Manager();
	const [queue, dict] = [await manager.Queue<number>(), await manager.dict<string, number>()];
	const waiting = Array.from({ length: MANY }, () => queue.get());
	for (let i = 0; i < 100; i++) await promptly(dict.set('last', i)); // calls of one thread are done in their order
	assert.equal(dict.getSync('last'), 99);
	assert.equal(await queue.empty(), true);
	const items = Array.from({ length: MANY }, (_, i) => i);
	for (const item of items) void queue.put(item);
	assert.deepEqual(await promptly(Promise.all(waiting)), items);
});
