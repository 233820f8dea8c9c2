import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';

test('a program that listens for SIGINT with process.once decides what becomes of it', async () => {
	const { code, signal, stdout, stderr } = await runProgram(fixturePath('pool/decides-once.mjs'));
	assert.deepEqual([code, signal, stdout, stderr], [3, null, 'the program decides\n', '']);
});
