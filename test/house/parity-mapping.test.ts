import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { repositoryPath } from './root.ts';

/** Tests of CPython's suite, and of its file about main modules. */
const ROWS = 268 + 13;

const ANSWERS = ['covered by', 'different because', 'n/a', 'later'];

test('the parity table has one row for every test of CPython, each with an answer', () => {
	const text = readFileSync(repositoryPath('test/parity/MAPPING.md'), 'utf8');
	const rows = [...text.matchAll(/^\| (test_\w+) \| (.*) \|$/gm)];
	assert.equal(rows.length, ROWS);
	for (const [, name, answer] of rows) {
		assert.ok(
			ANSWERS.some((start) => answer?.startsWith(start)),
			`${name}: ${answer}`,
		);
	}
});

test('every file that the parity table names is there', () => {
	const text = readFileSync(repositoryPath('test/parity/MAPPING.md'), 'utf8');
	const named = [...text.matchAll(/covered by `([^`]+)`/g)].map(([, file]) => file ?? '');
	const missing = named
		.map((file) => (file.includes('/') ? file : `test/parity/${file}`))
		.filter((file) => !existsSync(repositoryPath(file)));
	assert.deepEqual(missing, []);
});
