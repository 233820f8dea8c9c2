import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { repositoryPath } from './root.ts';
import { sourceFiles } from './source-files.ts';

const CODE = /ERR_MP_[A-Z_]*[A-Z]/g;

test('every error code in the sources has a heading of its own in docs/errors.md, and every heading a code', () => {
	const thrown = sourceFiles('src').flatMap(({ text }) => text.match(CODE) ?? []);
	const documented = headings();
	assert.deepEqual(documented, [...new Set(documented)], 'no heading twice');
	assert.deepEqual([...documented].sort(), [...new Set(thrown)].sort());
});

function headings(): string[] {
	const text = readFileSync(repositoryPath('docs/errors.md'), 'utf8');
	return [...text.matchAll(/^## `?(ERR_MP_[A-Z_]+)`?$/gm)].map(([, code]) => code ?? '');
}
