import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { checkLeaks, takeInventory } from './leaks.ts';
import { runProgram } from './program.ts';
import { fixturePath } from './root.ts';

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

test('a test file that leaves a file and a process behind fails, and says what they are', async () => {
	const { code, stdout } = await runProgram(fixturePath('leaky.mjs'), { env: { NODE_TEST_CONTEXT: undefined } });
	assert.equal(code, 1);
	assert.match(stdout, /left behind by the tests of this file/);
	assert.match(stdout, /processes: \d+ .*process\.stdin/);
	assert.match(stdout, /descriptors: .*leaky\.mjs/);
});
