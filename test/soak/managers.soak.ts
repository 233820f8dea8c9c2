// Clients of a manager that are killed at any moment: what they were told is done is done, the lock goes on, nobody
// waits for long, and nothing that they took along is missed.
import assert from 'node:assert/strict';
import { type DictProxy, isMain, type LockProxy, Manager, Process, type QueueProxy, RawArray } from 'polyproc';
import { DURATION, Random, SEED } from './random.ts';

const CLIENTS = 6;
/** Milliseconds within which somebody gets the lock again whose holder was killed. */
const PATIENCE = 5000;

interface Shared {
	readonly dict: DictProxy<string, number>;
	readonly lock: LockProxy;
	readonly queue: QueueProxy<number>;
	/** How often each client was told that its increment is done; and the turns it completed under the lock. */
	readonly told: RawArray<'i'>;
}

export function increment(map: Map<string, number>, key: string): void {
	map.set(key, (map.get(key) ?? 0) + 1);
}

export async function client({ dict, lock, queue, told }: Shared, index: number): Promise<void> {
	for (let turn = 0; ; turn++) {
		if (turn % 3 === 0) dict.updateSync(increment, 'n');
		else await dict.update(increment, 'n');
		told.set(index, told.at(index) + 1);
		assert.equal(await lock.acquire({ timeout: PATIENCE }), true, 'the lock went to nobody');
		await dict.set('inside', index);
		assert.equal(dict.getSync('inside'), index, 'two were inside');
		await lock.release();
		await queue.put(index);
		const taken = queue.get({ timeout: PATIENCE }).catch((error: Error) => {
			if (error.name !== 'Empty') throw error;
		});
		await taken;
	}
}

async function main(): Promise<void> {
	await using manager = await Manager();
	const [dict, lock, queue] = [
		await manager.dict<string, number>(),
		await manager.Lock(),
		await manager.Queue<number>(),
	];
	const told = new RawArray('i', 10_000);
	const clients: Process<unknown[]>[] = [];
	const random = new Random(SEED);
	let started = 0;
	let killed = 0;
	const start = async (): Promise<Process<unknown[]>> => {
		const child = new Process<unknown[]>({ target: client as never, args: [{ dict, lock, queue, told }, started++] });
		await child.start();
		return child;
	};
	for (let i = 0; i < CLIENTS; i++) clients.push(await start());
	const end = performance.now() + DURATION;
	while (performance.now() < end && started < told.length - 1) {
		const index = random.below(CLIENTS);
		await clients[index]!.join(random.below(60));
		assert.equal(clients[index]!.exitCode, null, 'a client failed');
		clients[index]!.kill();
		await clients[index]!.join();
		killed += 1;
		clients[index] = await start();
	}
	for (const child of clients) child.kill();
	await Promise.all(clients.map((child) => child.join()));
	assert.equal(await lock.acquire({ timeout: PATIENCE }), true, 'the lock went to nobody');
	const sum = [...told].reduce((total, count) => total + count);
	const count = (await dict.get('n')) ?? 0;
	assert.ok(count >= sum && count <= sum + started, `${count} increments, of which clients were told ${sum}`);
	console.log(`  ${killed} of ${started} clients killed, ${count} increments`);
}

if (isMain(import.meta)) await main();
