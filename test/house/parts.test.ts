/** The published bundle is loaded in parts: what an import costs is what it loads. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { checkLeaks } from './leaks.ts';
import { runProgram } from './program.ts';
import { fixturePath, repositoryPath } from './root.ts';

interface Parts {
	chunkOf(path: string, isOfFace: boolean): string | null;
}

checkLeaks();

/** Kilobytes of JavaScript that an import may load: compiling a hundred takes some three milliseconds. */
const MOST_AT_IMPORT = 94;
const TSX = ['--import', import.meta.resolve('tsx')];
const STRIPS_TYPES = 'typescript' in process.features && process.features.typescript !== false;
const { chunkOf }: Parts = await import(repositoryPath('scripts/parts.mjs'));

test('what an import loads is a small part of the package, and the rest is loaded on first use', async () => {
	const { lines, stderr } = await runProgram(fixturePath('process/parts.mjs'));
	assert.equal(stderr, '');
	const [first, ...later] = lines;
	assert.deepEqual(later, ['questions: ', 'pickle: pickling', 'Lock: shared,system', 'Process: launching']);
	const chunks = first!.slice('import: '.length).split(',');
	assert.ok(chunks.includes('index'), first);
	const bytes = chunks.map((name) => statSync(repositoryPath(`dist/${name}.cjs`)).size);
	const kilobytes = bytes.reduce((sum, size) => sum + size) / 1000;
	assert.ok(kilobytes <= MOST_AT_IMPORT, `${kilobytes} kB: ${first}`);
});

test('a child that shares nothing loads nothing of what it would share', async () => {
	const { stdout, stderr } = await runProgram(fixturePath('process/child-parts.mjs'));
	assert.equal(stderr, '');
	assert.deepEqual(stdout.trim().split(',').sort(), ['bootstrap', 'child', 'loader', 'outcome', 'run']);
});

/** What a fork server's children are most likely to need. */
const LOADED_BY_SERVERS = ['pickling', 'shared', 'launching'];

test('a process that others are forked from loads the parts that most of them need', () => {
	const source = readFileSync(repositoryPath('src/process/load-parts.ts'), 'utf8');
	const modules = Array.from(source.matchAll(/import\('\.\.?\/(?<path>[^']+)\.ts'\)/g), ({ groups }) => groups!.path!);
	const paths = modules.map((path) => (path.includes('/') ? path : `process/${path}`));
	const parts = new Set(paths.map((path) => chunkOf(path, false)));
	assert.deepEqual([...parts].sort(), LOADED_BY_SERVERS.sort());
});

// Not in the folder of the repository: tsx would take its tsconfig, by which the package's name means the sources.
for (const [how, execArgv, skip] of [
	['under tsx', TSX, false],
	['its types stripped', [], !STRIPS_TYPES],
] as const) {
	test(`a program, ${how}, gets one package by import and by require, as do its child and its thread`, {
		skip,
	}, async () => {
		const { lines, stderr } = await runProgram(fixturePath('process/both-loaders.mts'), { execArgv, cwd: tmpdir() });
		const inChild = 'true,true,true,false,true,Process-1,Process-1 0';
		assert.deepEqual(
			[stderr, ...lines],
			['', 'true,true,true,true,true,MainProcess,MainProcess', inChild, 'true true'],
		);
	});
}
