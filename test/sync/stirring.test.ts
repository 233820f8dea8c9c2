/** A death that was noticed: all who wait look after what they wait for, without waiting for their tick. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { threadWaits } from '../../src/sync/thread-waits.ts';
import { WAITER, WAITER_MODE, WAITER_STATE } from '../../src/sync/waiter.ts';
import { checkLeaks } from '../house/leaks.ts';

checkLeaks(() => {
	const waits = threadWaits();
	const record = waits.takeRecord(WAITER_MODE.async);
	waits.watch(record, { onWake() {}, onTick() {} });
	waits.unwatch(record);
});

test('waits of this thread look after themselves in the next turn, and are not told that they are over', async () => {
	const waits = threadWaits();
	const record = waits.takeRecord(WAITER_MODE.async);
	waits.family.arena.store(record + WAITER.state, WAITER_STATE.waiting);
	const told: string[] = [];
	waits.watch(record, { onWake: () => told.push('wake'), onTick: () => told.push('tick') });
	waits.stirAll();
	assert.deepEqual(told, []);
	await turn();
	await turn();
	assert.deepEqual(told, ['tick']);
	waits.unwatch(record);
	waits.stirAll();
	await turn();
	await turn();
	assert.deepEqual(told, ['tick']);
});
