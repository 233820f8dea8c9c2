import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { PUBLIC_NAMES } from './public-names.ts';
import { repositoryPath } from './root.ts';

interface Manifest {
	exports: Record<string, string | Record<'import' | 'require', { types: string; default: string }>>;
}

const require = createRequire(import.meta.url);
const manifest: Manifest = JSON.parse(readFileSync(repositoryPath('package.json'), 'utf8'));
const faces = Object.entries(manifest.exports).filter(([, target]) => typeof target !== 'string');

test('the package exports the names of its list and no others', async () => {
	const names = Object.keys(await import('polyproc'));
	assert.deepEqual(names.sort(), [...PUBLIC_NAMES].sort());
});

for (const [face, target] of faces) {
	const name = `polyproc${face.slice(1)}`;

	test(`${name} is the same module by import and by require, and its types are there`, async () => {
		const imported: Record<string, unknown> = await import(name);
		const required: Record<string, unknown> = require(name);
		for (const key of Object.keys(imported)) assert.equal(imported[key], required[key], key);
		assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());
		assert.ok(typeof target !== 'string');
		for (const { types } of Object.values(target)) assert.ok(existsSync(repositoryPath(types)), types);
	});
}

test('every face of src is in the exports map', () => {
	const sources = readdirSync(repositoryPath('src')).filter((name) => name.endsWith('.ts'));
	const named = sources.map((name) => (name === 'index.ts' ? '.' : `./${name.slice(0, -'.ts'.length)}`));
	assert.deepEqual(named.sort(), faces.map(([face]) => face).sort());
});

test('everything that is not in the exports map is private', async () => {
	for (const path of [
		'dist/index.js',
		'dist/index.cjs',
		'dist/child.cjs',
		'src/index.ts',
		'base/errors.js',
		'base/errors',
	]) {
		await assert.rejects(import(`polyproc/${path}`), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' });
		assert.throws(() => require(`polyproc/${path}`), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' });
	}
});
