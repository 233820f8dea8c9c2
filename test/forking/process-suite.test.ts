/** The tests of processes once more, under the start methods that are not the default: a test here is a file of tests there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../house/program.ts';
import { FORK_FLAGS } from '../parity/methods.ts';

const FILES = { spawn: ['exit-codes'], fork: ['exit-codes', 'limits', 'nothing-shared'] } as const;

for (const [method, files] of Object.entries(FILES)) {
	for (const file of files) {
		test(`${method}: ${file}.test.js`, async () => {
			const { code, stdout, stderr } = await runProgram(
				fileURLToPath(new URL(`../process/${file}.test.js`, import.meta.url)),
				{
					execArgv: method === 'fork' ? [...FORK_FLAGS, '--expose-gc'] : [],
					env: { POLYPROC_START_METHOD: method, NODE_TEST_CONTEXT: undefined },
				},
			);
			assert.equal(code, 0, stdout + stderr);
			assert.match(stdout, /^(?:# |ℹ )pass [1-9]/m);
		});
	}
}
