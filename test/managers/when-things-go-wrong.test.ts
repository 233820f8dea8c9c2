/** The table "What happens with managers" of docs/when-things-go-wrong.md, row by row, but the last, which takes its time. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { activeChildren, Manager, Process, SyncManager } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import { fixturePath } from '../house/root.ts';
import { acquireAndStay, TableManager, ThingsManager, waitForItem } from './things.ts';

const GONE = {
	name: 'BrokenPipeError',
	code: 'ERR_MP_BROKEN_PIPE',
	message: /^the manager at .* has ended, or was shut down/,
};
const NO_OBJECT = { name: 'RemoteError', code: 'ERR_MP_REMOTE' };
const REFUSED = { name: 'AuthenticationError', code: 'ERR_MP_AUTHENTICATION' };

checkLeaks(async () => {
	const manager = await Manager();
	const lock = await manager.Lock();
	const holder = new Process({ target: acquireAndStay, args: [lock, await manager.Event()] });
	await holder.start();
	holder.kill();
	await holder.join();
	await lock.lockedSync();
	await manager.shutdown();
});

/** A manager that other programs can connect to. */
async function reachableManager(authkey: Uint8Array): Promise<{ manager: TableManager; port: number }> {
	const manager = new TableManager({ address: ['127.0.0.1', 0], authkey });
	await manager.start();
	return { manager, port: Number(manager.address![1]) };
}

test('a lock goes on to the next who waits when its holder is killed, and says so', async () => {
	await using manager = await Manager();
	const [lock, ready] = [await manager.Lock(), await manager.Event()];
	const holder = new Process({ target: acquireAndStay, args: [lock, ready] });
	await holder.start();
	await promptly(ready.wait());
	const next = lock.acquire();
	holder.kill();
	assert.equal(await promptly(next), true);
	assert.equal(await lock.ownerDied(), true);
	await lock.release();
	assert.equal(await lock.ownerDied(), false);
	await holder.join();
});

test('a permit of a semaphore is lost with who had it', async () => {
	await using manager = await Manager();
	const [semaphore, ready] = [await manager.Semaphore(1), await manager.Event()];
	const holder = new Process({ target: acquireAndStay, args: [semaphore, ready] });
	await holder.start();
	await promptly(ready.wait());
	holder.kill();
	await holder.join();
	assert.equal(await semaphore.acquire({ timeout: 50 }), false);
});

test('who is killed while it waits is forgotten: the next item is not for it', async () => {
	await using manager = await Manager();
	const [queue, ready, lock] = [await manager.Queue<string>(), await manager.Event(), await manager.Lock()];
	await lock.acquire();
	const waiter = new Process({ target: waitForItem, args: [queue, ready] });
	await waiter.start();
	await promptly(ready.wait());
	waiter.kill();
	await waiter.join();
	await sleep(100); // the server sees that a moment later; too early the item would be lost, as documented
	await queue.put('for who lives');
	assert.equal(await promptly(queue.get()), 'for who lives');
});

test('the same holds for a program elsewhere', async () => {
	const authkey = randomBytes(16);
	const { manager, port } = await reachableManager(authkey);
	const [table, lock, queue] = [await manager.table(), await manager.Lock(), await manager.Queue<string>()];
	await table.set('lock', lock);
	await table.set('queue', queue);
	const program = spawn(process.execPath, [fixturePath('managers/outside.mjs'), String(port)], {
		env: { ...process.env, MANAGER_KEY: authkey.toString('hex') },
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const closed = once(program, 'close');
	const [said] = await promptly(once(program.stdout, 'data'));
	assert.equal(String(said), 'has it\n');
	const next = lock.acquire();
	program.kill('SIGKILL');
	assert.equal(await promptly(next), true);
	assert.equal(await lock.ownerDied(), true);
	await queue.put('for who lives');
	assert.equal(await promptly(queue.get()), 'for who lives');
	await closed;
	await manager.shutdown();
});

test('calls fail when the server is killed: those under way, later ones, blocking ones, and of its manager', async () => {
	await using manager = new ThingsManager();
	await manager.start();
	const things = await manager.Things();
	const never = assert.rejects(things.never(), GONE);
	assert.equal(things.addSync(1, 2), 3);
	const server = activeChildren().find(({ name }) => name.startsWith('ThingsManager'));
	server!.kill();
	await promptly(never);
	await assert.rejects(things.add(1, 2), GONE);
	assert.throws(() => things.addSync(1, 2), GONE);
	await assert.rejects(manager.Things(), GONE);
});

test('after shutdown proxies fail as well, and the manager says that it was shut down', async () => {
	const manager = await Manager();
	const dict = await manager.dict();
	await manager.shutdown();
	await manager.shutdown();
	await assert.rejects(dict.get('a'), GONE);
	await assert.rejects(manager.dict(), { code: 'ERR_MP_MANAGER_STATE', message: /has been shut down/ });
});

test('nobody comes in without the key, and everybody else goes on', async () => {
	const authkey = randomBytes(16);
	const { manager } = await reachableManager(authkey);
	const table = await manager.table();
	for (const wrong of [{ authkey: randomBytes(16) }, {}]) {
		const stranger = new SyncManager({ address: manager.address!, ...wrong });
		await assert.rejects(promptly(stranger.connect()), REFUSED);
	}
	await table.set('still', 'there');
	assert.equal(await table.get('still'), 'there');
	await manager.shutdown();
});

test('nobody listens there', async () => {
	const { manager } = await reachableManager(randomBytes(16));
	const { address } = manager;
	await manager.shutdown();
	const late = new SyncManager({ address: address! });
	await assert.rejects(promptly(late.connect()), { name: 'ProcessError', code: 'ERR_MP_CONNECT' });
});

test('a method that is not exposed, or not there, cannot be called by name either', async () => {
	await using manager = new ThingsManager();
	await manager.start();
	const sum = await manager.Sum();
	assert.equal(await sum.callMethod('add', [1, 2]), 3);
	for (const name of ['secret', 'constructor', '__proto__', 'none']) {
		const message = `Sum: there is no method ${name} that is exposed; there are add.`;
		await assert.rejects(sum.callMethod(name), { name: 'RemoteError', message });
	}
});

test('what a method throws arrives as itself, and a result that cannot travel is an error that names it', async () => {
	await using manager = new ThingsManager();
	await manager.start();
	const things = await manager.Things();
	await assert.rejects(things.fail(), (error) => error instanceof RangeError && error.message === 'too far');
	assert.throws(() => things.failSync(), RangeError);
	const cannot = { name: 'PicklingError', message: /^Cannot pickle result\.kept\[0\]: it is a WeakMap/ };
	await assert.rejects(things.cannotTravel(), cannot);
	assert.equal(await things.add(1, 2), 3);
});

test('an argument that cannot travel is an error of the caller, and nothing is sent', async () => {
	await using manager = await Manager();
	const dict = await manager.dict<string, unknown>({ a: 1 });
	await assert.rejects(dict.set('a', { cannot: new WeakMap() }), { name: 'PicklingError', path: 'args[1].cannot' });
	assert.equal(await dict.get('a'), 1);
});

test('a function of update that throws fails its call; what it had changed by then stays', async () => {
	await using manager = await Manager();
	const dict = await manager.dict<string, number>({ a: 1 });
	const failing = dict.update((map) => {
		map.set('a', 2);
		throw new RangeError('halfway');
	});
	await assert.rejects(failing, { name: 'RangeError', message: 'halfway' });
	assert.equal(await dict.get('a'), 2);
});

test('a server started anew at the same address knows nothing of older objects, and takes on new connections', async () => {
	const authkey = randomBytes(16);
	const { manager, port } = await reachableManager(authkey);
	const address = ['127.0.0.1', port] as const;
	const before = new TableManager({ address, authkey });
	await before.connect();
	const old = await before.dict({ a: 1 });
	assert.equal(old.getSync('a'), 1);
	await manager.shutdown();
	// Whoever has noticed the end tries to connect; whoever has not notices now.
	await assert.rejects(old.get('a'), { code: /^ERR_MP_(CONNECT|BROKEN_PIPE)$/ });

	const anew = new TableManager({ address, authkey });
	await anew.start();
	const message = /the manager was started anew/;
	await assert.rejects(old.get('a'), { ...NO_OBJECT, message });
	assert.throws(() => old.getSync('a'), { ...NO_OBJECT, message });
	const after = new TableManager({ address, authkey });
	await after.connect();
	assert.equal((await after.dict({ b: 2 })).getSync('b'), 2);
	await anew.shutdown();
	// Whoever uses a connection next notices the end, and closes it.
	await assert.rejects(after.dict(), { code: /^ERR_MP_(CONNECT|BROKEN_PIPE)$/ });
	await assert.rejects(old.get('a'), { code: /^ERR_MP_(CONNECT|BROKEN_PIPE)$/ });
});

test('a queue of this package behind a proxy: who blocks for an item does not block its server', async () => {
	await using manager = new ThingsManager();
	await manager.start();
	const jobs = await manager.Jobs();
	assert.throws(() => jobs.getSync({ timeout: 20 }), { name: 'Empty' });
	const item = jobs.get();
	await jobs.put('a');
	assert.equal(await promptly(item), 'a');
	jobs.putSync('b');
	assert.equal(jobs.getSync(), 'b');
});

test('a type that the server does not know cannot be made', async () => {
	class Hopeful extends ThingsManager {}
	Hopeful.register('Nothing');
	await using manager = new Hopeful();
	await manager.start();
	await assert.rejects(manager.Nothing(), { name: 'RemoteError', message: /^this manager cannot make a Nothing: / });
});
