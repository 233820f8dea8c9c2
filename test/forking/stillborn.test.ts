/** A child that dies before it could run anything is nobody's failure: it is forked again. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { FORK_FLAGS } from '../parity/methods.ts';

checkLeaks();

const folder = mkdtempSync(join(tmpdir(), 'stillborn-'));
after(() => rmSync(folder, { recursive: true }));

async function forked(deaths: number): Promise<string> {
	const program = fileURLToPath(new URL('stillborn-program.js', import.meta.url));
	const args = [join(folder, `deaths-${deaths}`), String(deaths)];
	const { stdout, stderr } = await runProgram(program, { args, execArgv: FORK_FLAGS });
	assert.equal(stderr, '');
	return stdout;
}

test('fork: a child that dies at birth is forked again', async () => {
	assert.equal(await forked(2), 'lives\n0\n');
});

test('fork: when none lives the start is rejected, and says so', async () => {
	const said = await forked(100);
	assert.match(said, /cannot start Process-1: the forked process died before it could run anything, 5 times in a row/);
});
