/** The progress bar, as a terminal sees it: one that `script`, of util-linux, pretends to be. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';

checkLeaks();

const PATIENCE = 30_000;
const ESCAPE = '\u001b';
const COLOUR = `${ESCAPE}[36m`;
const HIDES_CURSOR = `${ESCAPE}[?25l`;
const CUTS_LINES = `${ESCAPE}[?7l`;

function hasScript(): boolean {
	try {
		return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux');
	} catch {
		return false;
	}
}

const skip = hasScript() ? false : 'there is no `script` of util-linux';

/** What a terminal is sent by the program. */
function onTerminal(how: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
	const command = [process.execPath, fixturePath('pool/bar.mjs'), how].map((word) => `'${word}'`).join(' ');
	const options = { env: { ...process.env, NO_COLOR: '', ...env }, timeout: PATIENCE };
	return new Promise((resolve) => {
		const child = execFile('script', ['-qec', command, '/dev/null'], options, (_, stdout) => resolve(stdout));
		child.stdin!.end();
	});
}

test('a bar shows how many are done and have failed, how fast, and when it will end; a lazy map has no bar but the words', {
	skip,
}, async () => {
	const sent = await onTerminal('to the end');
	assert.match(sent, /100 % · 2\/2 · [\d.]+\/s · in 00:0\d/);
	assert.match(sent, /3\/3 · [\d.]+\/s · in 00:0\d · 1 failed/);
	assert.ok(sent.includes(COLOUR));
	assert.match(sent, /done\r\n$/);
});

test('with NO_COLOR it has no colours', { skip }, async () => {
	const sent = await onTerminal('to the end', { NO_COLOR: '1' });
	assert.match(sent, /100 % · 2\/2/);
	assert.ok(!sent.includes(COLOUR), sent);
});

test('where standard error is no terminal nothing is drawn', async () => {
	const { stdout, stderr, code } = await runProgram(fixturePath('pool/bar.mjs'), { args: ['to the end'] });
	assert.deepEqual([stdout, stderr, code], ['', 'done\n', 0]);
});

for (const [how, words] of [
	['exit', /\r\n$/],
	['throw', /\r\n[^\r\n]*bar\.mjs:\d+\r\n[\s\S]*Error: in the program/],
	['interrupt', /\r\npolyproc: interrupted; given up: [^\r\n]*\r\n$/],
] as const) {
	test(`what ends a program in the middle leaves the terminal as it was, and its words have a line of their own: ${how}`, {
		skip,
	}, async () => {
		const sent = await onTerminal(how);
		assert.match(sent, /\/s/);
		assert.match(sent, words);
		assert.ok(!sent.includes(HIDES_CURSOR) && !sent.includes(CUTS_LINES), sent);
	});
}
