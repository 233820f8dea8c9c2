/** Who does not know the key is not let in, whatever it sends; who does can call what is exposed, and nothing else. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { type Address, BaseManager, Client, Manager, Pipe, Process, pickle, type Remote } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import { openBoth, Vault, type VaultProxy } from './targets.ts';

class VaultManager extends BaseManager {
	declare readonly Vault: () => Promise<VaultProxy>;
	declare readonly Safe: () => Promise<Remote<Vault>>;
	declare readonly Missing: () => Promise<unknown>;
}
VaultManager.register('Vault', Vault, { methodToTypeid: { another: 'Vault' } });
VaultManager.register('Safe', Vault, { exposed: ['open', '_hidden'] });
VaultManager.register('Missing');

const authkey = Buffer.from('the right one');

async function vaults(address: Address = ['127.0.0.1', 0]): Promise<VaultManager> {
	const manager = new VaultManager({ address, authkey });
	await manager.start();
	return manager;
}

checkLeaks(async () => {
	await using manager = await vaults();
	const client = new VaultManager({ address: manager.address!, authkey });
	await client.connect();
	await (await client.Vault()).open();
	(await client.Vault()).openSync();
});

function raw(address: Address, bytes: Uint8Array): Promise<void> {
	return new Promise((resolve) => {
		const socket = connect({ host: address[0]!, port: address[1] as number }, () => socket.write(bytes));
		socket.on('data', () => {});
		socket.on('error', () => {});
		socket.on('close', () => resolve());
		setTimeout(() => socket.destroy(), 50);
	});
}

test('wrong keys, no key, garbage and oversized frames are refused, and the server serves on', async () => {
	await using manager = await vaults();
	const address = manager.address!;
	const wrong = new VaultManager({ address, authkey: Buffer.from('wrong') });
	await assert.rejects(promptly(wrong.connect()), { name: 'AuthenticationError' });
	const keyless = await Client(address);
	await assert.rejects(promptly(keyless.recv()), { name: 'AuthenticationError' });
	keyless.close();
	const oversized = Buffer.alloc(12, 0xff);
	oversized.writeInt32BE(-1, 0);
	for (const bytes of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.alloc(4096, 0x80), oversized])
		await raw(address, bytes);
	const client = new VaultManager({ address, authkey });
	await client.connect();
	assert.equal(await (await client.Vault()).open(), 1);
});

test('who knows the key and talks nonsense is cut off, and the server serves on', async () => {
	await using manager = await vaults();
	for (const bytes of [Buffer.from('nonsense'), Buffer.alloc(40), Buffer.alloc(100, 0xff)]) {
		const connection = await Client(manager.address!, { authkey });
		await connection.sendBytes(bytes);
		await assert.rejects(promptly(connection.recvBytes()), { name: 'EOFError' });
		connection.close();
	}
	assert.equal(await (await manager.Vault()).open(), 1);
});

test('what is not exposed cannot be called: no hidden method, none of every object’s, no property', async () => {
	await using manager = await vaults();
	const vault = await manager.Vault();
	for (const name of [
		'constructor',
		'__proto__',
		'hasOwnProperty',
		'toString',
		'valueOf',
		'__defineGetter__',
		'_hidden',
		'secret',
		'then',
		'nothing',
	]) {
		await assert.rejects(vault.callMethod(name), { name: 'RemoteError' }, name);
		assert.throws(() => vault.callMethodSync(name), { name: 'RemoteError' }, name);
	}
	await assert.rejects(vault.callMethod(5 as never), { name: 'RemoteError' });
	const safe = await manager.Safe();
	assert.equal(await safe.callMethod('_hidden'), 'hidden');
	await assert.rejects(safe.callMethod('unpicklable'), { name: 'RemoteError' });
	await assert.rejects(manager.Missing(), { name: 'RemoteError', message: /Missing.*Vault, Safe/s });
});

test('names that would lead out of an object cannot be registered', () => {
	assert.throws(() => VaultManager.register('V', Vault, { exposed: ['constructor'] }), { name: 'RangeError' });
	assert.throws(() => VaultManager.register('V', Vault, { exposed: ['then'] }), { name: 'RangeError' });
	assert.throws(() => VaultManager.register('toString', Vault), { name: 'RangeError' });
	assert.throws(() => VaultManager.register('start', Vault), { name: 'TypeError' });
	assert.throws(() => VaultManager.register(5 as never, Vault), { name: 'TypeError' });
	assert.throws(() => VaultManager.register('V', 5 as never), { name: 'TypeError' });
	assert.throws(() => VaultManager.register('V', Vault, { exposed: 'open' as never }), { name: 'TypeError' });
	assert.throws(() => VaultManager.register('V', Vault, { methodToTypeid: { open: 5 as never } }), {
		name: 'TypeError',
	});
	assert.throws(() => VaultManager.register('V', Vault, { nonsense: 1 } as never), { name: 'TypeError' });
	assert.throws(() => new VaultManager({ authkey: 'text' as never }), { name: 'TypeError' });
	assert.throws(() => new VaultManager({ shutdownTimeout: -1 }), { name: 'RangeError' });
	assert.throws(() => new VaultManager({ nonsense: 1 } as never), { name: 'TypeError' });
});

test('a result that cannot travel is an error; the object itself comes as its proxy; others stay where that was said', async () => {
	await using manager = await vaults();
	const vault = await manager.Vault();
	await assert.rejects(vault.unpicklable(), { name: 'PicklingError', path: 'result' });
	assert.throws(() => vault.unpicklableSync(), { name: 'PicklingError' });
	assert.equal(await vault.self(), vault);
	assert.equal(vault.selfSync(), vault);
	const another = await vault.another();
	assert.equal(await another.open(), 1);
	assert.equal('_hidden' in another, false);
	await assert.rejects((await manager.Vault()).update(5 as never), { name: 'RemoteError' });
});

test('over the network the same holds, also for a thread that blocks, and after a restart', async () => {
	const manager = await vaults();
	const address = manager.address!;
	const client = new VaultManager({ address, authkey });
	await client.connect();
	const vault = await client.Vault();
	const another = await vault.another();
	assert.deepEqual([vault.openSync(), await another.open(), another.openSync()], [1, 1, 1]);
	assert.equal(vault.selfSync(), vault);
	await manager.shutdown();
	await assert.rejects(vault.open(), { name: 'BrokenPipeError' });
	assert.throws(() => vault.openSync(), { name: 'BrokenPipeError' });
	await assert.rejects(new VaultManager({ address, authkey }).connect(), { code: 'ERR_MP_CONNECT' });
	await using again = await vaults(address);
	await assert.rejects(vault.open(), { name: 'RemoteError', message: /started anew/ });
	assert.throws(() => vault.openSync(), { name: 'RemoteError', message: /started anew/ });
	assert.equal(await (await again.Vault()).open(), 1);
});

test('a child of a program that is connected uses what it is given without being told the key', async () => {
	await using manager = await vaults();
	const client = new VaultManager({ address: manager.address!, authkey });
	await client.connect();
	const [vault, line] = [await client.Vault(), Pipe()];
	const child = new Process<unknown[]>({ target: openBoth as never, args: [client, vault, line[1]] });
	await child.start();
	line[1].close();
	assert.deepEqual(await promptly(line[0].recv()), [1, 1, 1]);
	assert.equal(await child.join(), 0);
	line[0].close();
});

test('a proxy that was disposed of is not used any more', async () => {
	await using manager = await vaults();
	const vault = await manager.Vault();
	vault[Symbol.dispose]();
	vault[Symbol.dispose]();
	await assert.rejects(async () => vault.open(), { name: 'ClosedError' });
	assert.throws(() => vault.openSync(), { name: 'ClosedError' });
	assert.throws(() => pickle.dumps(vault), { name: 'PicklingError' });
});

test('a manager crosses to a child, which makes objects of its own', async () => {
	await using manager = await Manager();
	const dict = await manager.dict();
	const pool = await manager.Pool(1);
	await pool.apply(
		async (other: typeof manager, target: typeof dict) => target.set('list', await other.list([1, 2])),
		[manager, dict],
	);
	const list = (await dict.get('list')) as { length(): Promise<number> };
	assert.equal(await list.length(), 2);
	await pool.terminate();
});
