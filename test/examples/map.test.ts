import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { repositoryPath } from '../house/root.ts';

checkLeaks();

const folder: string = mkdtempSync(join(tmpdir(), 'map-example-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('map counts the words of the documentation with the command, and those of a directory with a pool and without', async () => {
	for (let i = 0; i < 40; i++) writeFileSync(join(folder, `${i}.txt`), 'Äpfel and pears and plums\n');
	const { code, stderr, lines } = await runProgram(repositoryPath('build/examples/map/main.js'), { args: [folder] });
	assert.deepEqual([code, stderr], [0, '']);
	const documents = readdirSync(repositoryPath('docs')).filter((name) => name.endsWith('.md'));
	assert.equal(lines[0], '$ npx polyproc map --files build/examples/map/words.js docs/*.md');
	const counted = lines
		.slice(1, 1 + documents.length)
		.map((line) => JSON.parse(line) as { file: string; words: number });
	assert.deepEqual(
		counted.map(({ file }) => file),
		documents.map((name) => `docs/${name}`),
	);
	assert.ok(counted.every(({ words }) => words > 100));
	const [blank, files, pool, one, speed] = lines.slice(1 + documents.length);
	assert.deepEqual([blank, files], ['', `40 files under ${folder}:`]);
	assert.match(pool ?? '', /^a pool of \d+: 40 files, 200 words, \d+\.\d\d s$/);
	assert.match(one ?? '', /^one by one: 40 files, 200 words, \d+\.\d\d s$/);
	assert.match(speed ?? '', /^speed-up: \d+\.\d\d times$/);
});
