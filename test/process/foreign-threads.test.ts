/** Threads that a program starts with Node's own means, and that use the package. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';

checkLeaks();

test('threads that are terminated anywhere, in native code too, take nobody with them and hold up nobody', async () => {
	const { lines, stderr, code } = await runProgram(fixturePath('process/terminated-threads.mjs'));
	assert.deepEqual([lines, stderr, code], [['survived'], '', 0]);
});
