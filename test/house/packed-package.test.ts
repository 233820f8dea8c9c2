/** What a user gets from the registry: packed here, installed somewhere else, used there. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { repositoryPath, root } from './root.ts';

const run = promisify(execFile);
const PROGRAM = `import { Process, isMain } from 'polyproc';

export function hello(name) {
	console.log('hello ' + name + ' from a child');
}

if (isMain(import.meta)) {
	const child = new Process({ target: hello, args: ['Ada'] });
	await child.start();
	console.log('exit code ' + (await child.join()));
}
`;

let folder: string;
let files: string[];

before(async () => {
	folder = await mkdtemp(join(tmpdir(), 'packed-polyproc-'));
	const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
		cwd: root,
	});
	const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
	files = packed.files.map(({ path }) => path);
	await writeFile(join(folder, 'package.json'), '{"private": true, "type": "module"}');
	const quick = ['--prefer-offline', '--no-audit', '--no-fund'];
	await run('npm', ['install', ...quick, join(folder, packed.filename)], { cwd: folder });
});

after(() => rm(folder, { recursive: true, force: true }));

test('the packed package holds what was built, the documentation, the licence and nothing else', () => {
	const outside = files.filter((path) => !/^(dist|docs)\//.test(path));
	assert.deepEqual(outside.sort(), ['LICENSE', 'README.md', 'package.json']);
	for (const path of ['dist/index.js', 'dist/index.cjs', 'dist/child.cjs', 'dist/types/index.d.ts', 'docs/errors.md']) {
		assert.ok(files.includes(path), path);
	}
});

test('the installed package can be imported, and required from CommonJS', async () => {
	const imported = await run(
		process.execPath,
		['-e', "import('polyproc').then((mp) => console.log(typeof mp.Process))"],
		{
			cwd: folder,
		},
	);
	assert.equal(imported.stdout, 'function\n');
	const required = await run(process.execPath, ['-e', "console.log(typeof require('polyproc').Process)"], {
		cwd: folder,
	});
	assert.equal(required.stdout, 'function\n');
});

test('a program next to the installed package starts a process', async () => {
	await writeFile(join(folder, 'program.js'), PROGRAM);
	const { stdout, stderr } = await run(process.execPath, ['program.js'], { cwd: folder });
	assert.equal(stderr, '');
	assert.equal(stdout, 'hello Ada from a child\nexit code 0\n');
});

const TYPED = `import { type Connection, Pipe, Process } from 'polyproc';
const [here]: [Connection, Connection] = Pipe();
new Process({ target: (n: number) => n, args: [here.fileno()] });
// @ts-expect-error of the wrong type
new Process({ target: (n: number) => n, args: ['one'] });
`;

test('its types are there for ES modules and for CommonJS', async () => {
	await writeFile(join(folder, 'typed.mts'), TYPED);
	await writeFile(join(folder, 'typed.cts'), TYPED);
	const options = [
		'--noEmit',
		'--strict',
		'--target',
		'es2023',
		'--lib',
		'es2023,esnext.disposable',
		'--module',
		'node16',
	];
	const types = ['--typeRoots', repositoryPath('node_modules/@types'), '--types', 'node'];
	await run(
		process.execPath,
		[repositoryPath('node_modules/typescript/bin/tsc'), ...options, ...types, 'typed.mts', 'typed.cts'],
		{ cwd: folder },
	);
});
