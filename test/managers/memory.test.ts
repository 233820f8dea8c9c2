/** The memory of managers: what a start has made that failed is given back, without waiting for the collector. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SyncManager } from '../../src/managers/sync-manager.ts';
import { family } from '../../src/memory/family.ts';
import { checkLeaks } from '../house/leaks.ts';
import { methods } from '../parity/methods.ts';

function fail(): never {
	throw new RangeError('not today');
}

function die(): void {
	process.exit(3);
}

async function failToStart(method: (typeof methods)[number]): Promise<void> {
	const manager = new SyncManager({ context: method });
	await assert.rejects(manager.start(fail), { name: 'RangeError', message: 'not today' });
	await assert.rejects(manager.start(die), { code: 'ERR_MP_MANAGER_STATE' });
	await assert.rejects(manager.start((() => {}) as never, [new WeakMap()]), { name: 'PicklingError' });
}

checkLeaks(async () => {
	for (const method of methods) await failToStart(method);
});

for (const method of methods) {
	test(`${method}: a start that fails, for whatever reason, leaves no pipe open`, async () => {
		const before = family().heap.bytesInUse();
		await failToStart(method);
		family().heap.sweep();
		assert.equal(family().heap.bytesInUse(), before);
	});
}
