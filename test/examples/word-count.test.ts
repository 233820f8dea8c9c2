import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkLeaks } from '../house/leaks.ts';
import { type Ended, runProgram } from '../house/program.ts';
import { repositoryPath } from '../house/root.ts';

checkLeaks();

const folder: string = mkdtempSync(join(tmpdir(), 'polyproc-word-count-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function wordCount(directory: string): Promise<Ended> {
	return runProgram(repositoryPath('build/examples/word-count/main.js'), { args: [directory] });
}

test('word-count counts every text file once, in several processes as in one', async () => {
	const texts = join(folder, 'texts');
	mkdirSync(join(texts, 'deep/deeper'), { recursive: true });
	for (let i = 0; i < 40; i++) writeFileSync(join(texts, 'deep', `${i}.txt`), 'Äpfel and pears and plums\n');
	writeFileSync(join(texts, 'deep/deeper/binary.bin'), Buffer.from([1, 0, 2, 0]));
	writeFileSync(join(texts, 'deep/deeper/empty.txt'), '');
	symlinkSync('..', join(texts, 'deep/deeper/loop'));
	symlinkSync('nowhere', join(texts, 'deep/deeper/dangling'));
	symlinkSync('0.txt', join(texts, 'deep/again.txt'));
	const { code, stdout, stderr } = await wordCount(texts);
	assert.deepEqual([code, stderr], [0, '']);
	assert.match(stdout, /^42 files under/m);
	assert.match(stdout, /^most frequent: and 80, pears 40, plums 40, äpfel 40$/m);
	assert.match(stdout, /^\d+ processes: 41 text files, 1 skipped, \d+\.\d\d s, \d+ files\/s$/m);
	assert.match(stdout, /^one process: 41 text files, 1 skipped, \d+\.\d\d s, \d+ files\/s$/m);
	assert.match(stdout, /^speed-up: \d+\.\d\d times$/m);
});

test('word-count says plainly that a directory is empty, and ends with 1', async () => {
	const empty = join(folder, 'empty');
	mkdirSync(empty);
	const { code, stdout, stderr } = await wordCount(empty);
	assert.deepEqual([code, stdout, stderr], [1, '', `There is no file under ${empty}: nothing to count.\n`]);
});

test('word-count says plainly that a directory is missing, and ends with 1', async () => {
	const { code, stdout, stderr } = await wordCount(join(folder, 'missing'));
	assert.deepEqual([code, stdout], [1, '']);
	assert.match(stderr, /^Cannot look for files in .*missing: ENOENT/);
});
