/** Objects of a manager that have others of the same manager in them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DictProxy, Manager, Queue, type QueueProxy } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import { askInside, waitInside } from './targets.ts';

checkLeaks(async () => {
	await using manager = await Manager();
	const dict = await manager.dict();
	await dict.set('queue', new Queue());
	await dict.get('queue');
});

test('a function in the server uses other objects at once, and is not let to wait for what only the server could do', async () => {
	await using manager = await Manager();
	const dict = await manager.dict<string, unknown>();
	await dict.set('inner', await manager.dict({ x: 5 }));
	await dict.set('queue', await manager.Queue());
	assert.equal(await dict.update(askInside as never), 5);
	await assert.rejects(promptly(dict.update(waitInside as never)), { code: 'ERR_MP_MANAGER_STATE' });
	await (await (dict.get('queue') as Promise<QueueProxy>)).put('later');
	assert.equal(await promptly(dict.update(waitInside as never)), 'later');
});

test('what only other objects have stays, and goes with them', async () => {
	await using manager = await Manager();
	const outer = await manager.list<DictProxy<string, number>>();
	{
		using inner = await manager.dict({ x: 1 });
		await outer.push(inner);
	}
	// Longer than the server takes to look who has what.
	for (let i = 0; i < 3; i++) await outer.update(() => new Promise((resolve) => setTimeout(resolve, 500)));
	const inner = (await outer.at(0))!;
	assert.equal(await inner.get('x'), 1);
	await inner.set('y', 2);
	assert.equal(await (await outer.at(0))!.size(), 2);
});

test('queues of processes cross through a manager, as all that is shared does', async () => {
	await using manager = await Manager();
	const dict = await manager.dict<string, Queue>();
	const queue = new Queue<string>();
	await dict.set('queue', queue as Queue);
	await (await dict.get('queue'))!.put('through shared memory');
	assert.equal(await promptly(queue.get()), 'through shared memory');
});
