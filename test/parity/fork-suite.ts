/** The conformance suite once more, in processes that can be forked: a test is a file of tests there. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FORK_FLAGS } from './methods.ts';

const here = new URL('./', import.meta.url);
const PROGRAMS_ONLY = ['fork.test.js', 'fork-rest.test.js', 'fork-pool.test.js', 'main-module.test.js'];
/** Takes as long as all others together. */
const POOLS = 'pool.test.js';
const files = readdirSync(here).filter(
	(name) => name.endsWith('.test.js') && name !== POOLS && !PROGRAMS_ONLY.includes(name),
);

function run(file: string): Promise<{ code: number | null; output: string }> {
	return new Promise((resolve) => {
		const { NODE_TEST_CONTEXT: _, ...env } = process.env;
		const child = spawn(process.execPath, [...FORK_FLAGS, '--expose-gc', fileURLToPath(new URL(file, here))], {
			env,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let output = '';
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding('utf8').on('data', (text) => (output += text));
		child.on('close', (code) => resolve({ code, output }));
	});
}

function suite(file: string): void {
	test(`fork: ${file}`, async () => {
		const { code, output } = await run(file);
		assert.equal(code, 0, output);
		assert.match(output, /fork/); // the methods' own tests have run
	});
}

/** Makes a test of every file but that of the pools whose place among all leaves `rest` when divided by `parts`. */
export function forkSuite(rest: number, parts: number): void {
	for (const file of files.filter((_, place) => place % parts === rest)) suite(file);
}

/** And of the one of the pools. */
export function forkPools(): void {
	suite(POOLS);
}
