import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usesOutsideDoors } from './doors.ts';
import { parse, sourceFiles } from './source-files.ts';

test('koffi, child processes, threads, atomics and clocks are each used behind their one door', () => {
	assert.deepEqual(usesOutsideDoors(sourceFiles('src')), []);
});

test('a use outside the door is found, however it is written', () => {
	const text = [
		"import koffi from 'koffi';",
		"import type { ChildProcess } from 'node:child_process';",
		"const { spawn } = await import('node:child_process');",
		'Atomics.add(words, 0, 1);',
		'const late = Date.now() + performance.now();',
	].join('\n');
	const planted = { path: 'src/pool/pool.ts', text, lines: 5, syntax: parse('src/pool/pool.ts', text) };
	assert.deepEqual(usesOutsideDoors([planted]), [
		'src/pool/pool.ts:1 uses koffi',
		'src/pool/pool.ts:3 uses node:child_process',
		'src/pool/pool.ts:4 uses Atomics',
		'src/pool/pool.ts:5 uses Date.now',
		'src/pool/pool.ts:5 uses performance.now',
	]);
});
