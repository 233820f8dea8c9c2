/**
 * CPython's _TestContainers, _TestMyManager, _TestRemoteManager, _TestManagerRestart, the manager's part of
 * TestInitializers, and the manager tests of _TestSharedMemory.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	BaseManager,
	BaseProxy,
	type DictProxy,
	getContext,
	type ListProxy,
	Manager,
	type QueueProxy,
	type Remote,
	ShareableList,
	SharedMemory,
	SharedMemoryManager,
} from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { collect } from '../managers/collect.ts';
import { BazProxy, baz, FooBar, Mailbox, mailbox, markServer, Titled } from './manager-targets.ts';
import { methods } from './methods.ts';

class MyManager extends BaseManager {
	declare readonly Foo: () => Promise<Remote<FooBar>>;
	declare readonly Bar: () => Promise<Remote<FooBar>>;
	declare readonly baz: () => Promise<BazProxy>;
	declare readonly plainBaz: () => Promise<AsyncIterable<number>>;
	declare readonly Mailbox: () => Promise<Remote<Mailbox>>;
	declare readonly Titled: () => Promise<Remote<Titled>>;
}
MyManager.register('Foo', FooBar);
MyManager.register('Bar', FooBar, { exposed: ['f', '_h'] });
MyManager.register('baz', baz, { proxytype: BazProxy });
MyManager.register('plainBaz', baz);
MyManager.register('Mailbox', Mailbox);
MyManager.register('Titled', Titled);

checkLeaks(async () => {
	for (const options of [{}, ...methods.map((context) => ({ context }))]) {
		const manager = await Manager(options);
		await (await manager.dict()).set('a', 1);
		await manager.shutdown();
	}
	const segment = new SharedMemory({ create: true, size: 1 });
	segment.close();
	segment.unlink();
});

async function common(manager: MyManager): Promise<void> {
	const foo = await manager.Foo();
	const bar = await manager.Bar();
	const squares = await manager.baz();
	assert.deepEqual(
		['f', 'g', '_h'].map((name) => name in foo),
		[true, true, false],
	);
	assert.deepEqual(
		['f', 'g', '_h'].map((name) => name in bar),
		[true, false, true],
	);
	assert.equal(await foo.f(), 'f()');
	assert.equal(foo.fSync(), 'f()');
	await assert.rejects(foo.g(), { name: 'RangeError', message: 'g()' });
	assert.throws(() => foo.gSync(), { name: 'RangeError', message: 'g()' });
	assert.equal(await foo.callMethod('f'), 'f()');
	await assert.rejects(foo.callMethod('_h'), { name: 'RemoteError', code: 'ERR_MP_REMOTE' });
	assert.equal(await bar.callMethod('_h'), '_h()');
	await assert.rejects(bar.callMethod('g'), { name: 'RemoteError' });
	assert.ok(squares instanceof BazProxy && squares instanceof BaseProxy);
	assert.deepEqual(await collect(squares), [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
	assert.deepEqual(await collect(await manager.plainBaz()), [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
}

for (const method of methods) {
	test(`${method}: a manager of one's own exposes public methods, or those that were listed, and serves iterators`, async () => {
		const manager = new MyManager({ context: method });
		await manager.start();
		await common(manager);
		await manager.shutdown();
		assert.equal(await manager.join(0), true);
		await manager.shutdown();
	});

	test(`${method}: so it does as a resource, which is shut down at the end`, async () => {
		let proxy: Remote<FooBar>;
		{
			await using manager = new MyManager({ context: getContext(method) });
			await manager.start();
			await common(manager);
			proxy = await manager.Foo();
		}
		await assert.rejects(proxy.f(), { name: 'BrokenPipeError' });
		assert.throws(() => proxy.fSync(), { name: 'BrokenPipeError' });
	});

	test(`${method}: an initializer runs in the server; what is no function is refused`, async () => {
		const manager = new MyManager({ context: method });
		await assert.rejects(manager.start(1 as never), { name: 'TypeError' });
		await manager.start(markServer, ['a manager']);
		assert.equal(await (await manager.Titled()).title(), 'a manager');
		await manager.shutdown();
	});

	test(`${method}: a manager can be started on the address of one that was just shut down`, async () => {
		const authkey = Buffer.from('restart');
		const first = new MyManager({ address: ['localhost', 0], authkey, context: method });
		await first.start();
		const address = first.address!;
		const connected = new MyManager({ address, authkey });
		await connected.connect();
		await (await connected.Mailbox()).put('hello world');
		await first.shutdown();
		const second = new MyManager({ address, authkey, context: method });
		await second.start();
		assert.deepEqual(second.address, address);
		const again = new MyManager({ address, authkey });
		await again.connect();
		assert.equal(await (await again.Foo()).f(), 'f()');
		await second.shutdown();
	});
}

test('a manager that was not started, or twice, is an error', async () => {
	const manager = new MyManager();
	assert.equal(manager.address, null);
	await assert.rejects(async () => manager.Foo(), { code: 'ERR_MP_MANAGER_STATE' });
	await manager.start();
	await assert.rejects(manager.start(), { code: 'ERR_MP_MANAGER_STATE' });
	await assert.rejects(manager.connect(), { code: 'ERR_MP_MANAGER_STATE' });
	await manager.shutdown();
	await assert.rejects(manager.start(), { code: 'ERR_MP_MANAGER_STATE' });
	await assert.rejects(async () => manager.Foo(), { code: 'ERR_MP_MANAGER_STATE' });
});

test('another program that knows the key uses an object over the network; what cannot travel is an error', async () => {
	const authkey = Buffer.from('remote');
	class ServerManager extends BaseManager {}
	ServerManager.register('getBox', mailbox);
	class ClientManager extends BaseManager {
		declare readonly getBox: () => Promise<Remote<Mailbox>>;
	}
	ClientManager.register('getBox');
	await using server = new ServerManager({ address: ['127.0.0.1', 0], authkey });
	await server.start();
	const client = new ClientManager({ address: server.address!, authkey });
	await client.connect();
	const box = await client.getBox();
	const values = [null, true, 3.5, 'hallå välden', 'привет свет', Buffer.from('hall\xe5', 'latin1')];
	for (const value of values) await box.put(value);
	for (const value of values) assert.deepEqual(await box.get(), value);
	await assert.rejects(box.put(Symbol('mine')), { name: 'PicklingError', path: 'args[0]' });
	assert.equal(await box.get(), undefined);
	await (await client.getBox()).put('the same box');
	assert.equal(box.getSync(), 'the same box');
});

test('a list is changed through its proxy, and nested lists are copies', async () => {
	await using manager = await Manager();
	const a = await manager.list(Array.from({ length: 10 }, (_, i) => i));
	assert.deepEqual(await a.slice(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
	const b = await manager.list<number>();
	assert.deepEqual(await b.getValue(), []);
	await b.push(...[0, 1, 2, 3, 4]);
	assert.deepEqual([await b.get(2), await b.slice(2, 10)], [2, [2, 3, 4]]);
	assert.equal(await b.reverse(), b);
	assert.equal(await b.sort(), b);
	assert.deepEqual(await b.concat(await a.slice(0, 2)), [0, 1, 2, 3, 4, 0, 1]);
	const nested = await manager.list([await a.getValue(), await b.getValue()]);
	assert.deepEqual(await nested.at(1), [0, 1, 2, 3, 4]);
	((await nested.at(1)) as number[]).push(5);
	assert.deepEqual(await nested.at(1), [0, 1, 2, 3, 4], 'what was fetched is a copy');
	await nested.update((list) => list[1]!.push(5));
	assert.deepEqual(await nested.at(1), [0, 1, 2, 3, 4, 5]);
	const f = await manager.list([a]);
	await a.push('hello' as never);
	assert.equal(await (await f.at(0))!.length(), 11);
	await assert.rejects(a.get(100), { name: 'RangeError' });
	await assert.rejects(a.set(100, 1), { name: 'RangeError' });
});

test('iterating over a list sees what changes before the next step', async () => {
	await using manager = await Manager();
	const list = await manager.list(Array.from({ length: 10 }, (_, i) => i));
	assert.deepEqual(await collect(list), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
	const steps = list[Symbol.asyncIterator]();
	await list.set(0, 100);
	assert.equal((await steps.next()).value, 100);
	await steps.return?.();
});

test('lists in lists that are proxies change in place, and one that is in itself does no harm', async () => {
	await using manager = await Manager();
	const list: ListProxy<ListProxy<number>> = await manager.list<ListProxy<number>>();
	for (let i = 0; i < 3; i++) await list.push(await manager.list(Array.from({ length: 3 }, () => i)));
	const inner = (await list.at(1))!;
	await inner.set(0, 55);
	assert.deepEqual(await (await list.at(1))!.getValue(), [55, 1, 1]);
	assert.deepEqual(await (await list.at(0))!.getValue(), [0, 0, 0]);
	assert.equal(await list.length(), 3);
	const selfish = await manager.list<unknown>();
	await selfish.push(selfish);
	const again = (await selfish.at(0)) as ListProxy;
	assert.equal(await again.length(), 1);
	await again.clear();
	assert.equal(await selfish.length(), 0);
});

test('a dict is changed and copied through its proxy', async () => {
	await using manager = await Manager();
	const dict = await manager.dict<number, string>();
	const indices = Array.from({ length: 6 }, (_, i) => 65 + i);
	for (const i of indices) await dict.set(i, String.fromCharCode(i));
	assert.deepEqual(await dict.getValue(), new Map(indices.map((i) => [i, String.fromCharCode(i)])));
	assert.deepEqual((await dict.keys()).sort(), indices);
	assert.deepEqual(await dict.values(), [...'ABCDEF']);
	assert.deepEqual(
		await dict.entries(),
		indices.map((i) => [i, String.fromCharCode(i)]),
	);
	assert.equal(await dict.size(), 6);
});

test('iterating over a dict gives the entries that there were, whatever happens meanwhile', async () => {
	await using manager = await Manager();
	const dict = await manager.dict({ a: 1, b: 2, c: 3 });
	const seen: unknown[] = [];
	for await (const entry of dict) {
		if (seen.length === 0) await dict.clear();
		seen.push(entry);
	}
	assert.deepEqual(seen, [
		['a', 1],
		['b', 2],
		['c', 3],
	]);
	assert.equal(await dict.size(), 0);
});

test('dicts in dicts stay shared when the handles they were put in with are gone', async () => {
	await using manager = await Manager();
	const pets = await manager.dict();
	{
		using ferrets = await manager.dict({ a: 1 });
		await pets.set('ferrets', ferrets);
		await pets.set('hamsters', { b: 2 });
	}
	const inner = (await pets.get('ferrets')) as DictProxy<string, number>;
	await inner.set('c', 3);
	assert.deepEqual(await ((await pets.get('ferrets')) as DictProxy).entries(), [
		['a', 1],
		['c', 3],
	]);
	((await pets.get('hamsters')) as { b: number }).b = 5;
	assert.deepEqual(await pets.get('hamsters'), { b: 2 }, 'a plain object is a copy');
	await pets.clear();
	assert.equal(await inner.get('c'), 3, 'what is held outside outlives what it was in');
});

test('a queue works in a list and in a dict', async () => {
	await using manager = await Manager();
	const list = await manager.list<QueueProxy>();
	const dict = await manager.dict<string, QueueProxy>();
	await list.push(await manager.Queue());
	await dict.set('q', (await list.at(0))!);
	await (await list.at(0))!.put('hello');
	assert.equal(await (await dict.get('q'))!.get(), 'hello');
	await list.set(0, await manager.Queue());
	assert.equal(await (await list.at(0))!.qsize(), 0);
	assert.equal(await (await dict.get('q'))!.empty(), true);
});

test('a namespace has names that are set, read and deleted', async () => {
	await using manager = await Manager();
	const names = await manager.Namespace();
	await names.set('name', 'Bob');
	await names.set('job', 'Builder');
	assert.equal(await names.get('name'), 'Bob');
	assert.equal(await names.delete('job'), true);
	assert.equal(await names.has('job'), false);
	assert.equal(await names.get('__proto__'), undefined);
	await names.set('__proto__', { polluted: true });
	assert.deepEqual(await names.keys(), ['name', '__proto__']);
});

test('the server of shared memory survives Ctrl-C, and the program’s own handling is untouched', async () => {
	const before = process.listeners('SIGINT');
	await using manager = new SharedMemoryManager();
	await manager.start();
	const { activeChildren } = await import('polyproc');
	for (const child of activeChildren()) process.kill(child.pid!, 'SIGINT');
	const list = manager.ShareableList([1, 2]);
	assert.equal(list.at(1), 2);
	list.shm.close();
	assert.deepEqual(process.listeners('SIGINT'), before);
});

test('what a manager of shared memory made can be attached to by name, and is gone when it is shut down', async () => {
	const manager = new SharedMemoryManager();
	assert.throws(() => manager.SharedMemory(8), { code: 'ERR_MP_MANAGER_STATE' });
	assert.throws(() => manager.ShareableList([1]), { code: 'ERR_MP_MANAGER_STATE' });
	await manager.start();
	const list = manager.ShareableList(['abc', 3, null]);
	const segment = manager.SharedMemory(16);
	segment.buf[3] = 7;
	const sameList = new ShareableList(undefined, { name: list.shm.name });
	const same = new SharedMemory({ name: segment.name, track: false });
	assert.deepEqual([...sameList], ['abc', 3, null]);
	assert.equal(same.buf[3], 7);
	const names = [list.shm.name, segment.name];
	for (const shm of [list.shm, sameList.shm, segment, same]) shm.close();
	await manager.shutdown();
	for (const name of names) assert.throws(() => new SharedMemory({ name }), { code: 'ERR_MP_NOT_FOUND' });
});
