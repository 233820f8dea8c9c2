import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { LAYERS, moduleCount, violations } from './layer-rules.ts';
import { fixturePath, repositoryPath, root } from './root.ts';

test('every import in src goes down: none goes up, sideways or round in a circle, not even for a type', async () => {
	assert.ok((await moduleCount(root)) > 5, 'the sources were found');
	assert.deepEqual(await violations(root), []);
});

test('every folder of src has its place among the layers', () => {
	const known = LAYERS.flat();
	const folders = readdirSync(repositoryPath('src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
	assert.deepEqual(
		folders.map(({ name }) => name).filter((name) => !known.includes(name)),
		[],
	);
});

test('a planted import of every forbidden kind is found, so the test above can fail', async () => {
	const folder = fixturePath('layers');
	assert.ok(existsSync(folder));
	const found = (await violations(folder)).map(({ rule, from, to }) => `${rule}: ${from} -> ${to}`).sort();
	assert.deepEqual(found, [
		'base-imports-only-below: src/base/upward.ts -> src/sync/lock.ts',
		'every-import-resolves: src/base/nowhere.ts -> ./missing.ts',
		'memory-imports-only-below: src/memory/upward-type.ts -> src/sync/lock.ts',
		'no-cycle: src/sync/chicken.ts -> src/sync/egg.ts',
		'nobody-imports-a-face: src/memory/face.ts -> src/index.ts',
		'os-imports-only-below: src/os/sideways.ts -> src/wire/codec.ts',
	]);
});
