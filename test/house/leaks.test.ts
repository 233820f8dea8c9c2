import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { checkLeaks, takeInventory } from './leaks.ts';

checkLeaks();

test('the leak check sees an open file and a running child, and sees them gone', async () => {
	const before = takeInventory();
	const fd = openSync(process.execPath, 'r');
	const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
	await once(child, 'spawn');
	const during = takeInventory();
	assert.equal(during.processes.length, before.processes.length + 1);
	assert.ok(during.descriptors.includes(process.execPath));
	closeSync(fd);
	child.stdin.end();
	await once(child, 'close');
	assert.deepEqual(takeInventory().processes, before.processes);
	assert.ok(!takeInventory().descriptors.includes(process.execPath));
});
