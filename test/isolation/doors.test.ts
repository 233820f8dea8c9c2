/** What Node's permission model leaves open, and what the surroundings of a process would add to its permissions. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { getContext } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import * as attacks from './attacks.ts';
import * as targets from './targets.ts';

const { run } = getContext('spawn');

checkLeaks(() => run(targets.hello, ['x'], { permissions: {} }));

const folder = mkdtempSync(join(tmpdir(), 'isolation-doors-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('signals, debuggers and priorities are for itself', async () => {
	const refused = Array(7).fill('ProcessError ERR_MP_CONFINED');
	assert.deepEqual(await run(attacks.signalOthers, [], { permissions: {} }), [...refused, 'true', 'undefined']);
});

test('a database is a file like any other', async () => {
	const path = join(folder, 'made.db');
	assert.notEqual(await run(attacks.openDatabase, [path], { permissions: {} }), 'undefined');
	assert.equal(existsSync(path), false);
});

test('no option gives it more: not among its own, not in its environment', async () => {
	const secret = join(folder, 'secret.txt');
	writeFileSync(secret, 'secret');
	const model = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
	const grants = [model, '--allow-fs-read=*', '--allow_fs_read=/', `--allow-fs-read=${folder}/*`];
	const denied = ['ERR_ACCESS_DENIED'];
	const env = { PATH: process.env.PATH, NODE_OPTIONS: `${grants.join(' ')} "--allow_fs_write=*"` };
	assert.deepEqual(await run(targets.readAll, [secret], { permissions: {}, env }), denied);
	const execArgv = [...grants, '--allow-fs-read', folder, '--allow-fs-read', '*'];
	assert.deepEqual(await run(targets.readAll, [secret], { permissions: {}, execArgv }), denied);
	writeFileSync(join(folder, '.env'), 'NODE_OPTIONS=--allow-fs-read=*');
	const file = [`--env-file=${join(folder, '.env')}`];
	assert.deepEqual(await run(targets.readAll, [secret], { permissions: {}, execArgv: file }), denied);
});

const MAIN = `import * as mp from ${JSON.stringify(import.meta.resolve('polyproc'))};
import { plugin } from './plugin.mjs';
if (mp.isMain(import.meta)) console.log(JSON.stringify(await mp.run(plugin, [], { permissions: {} })));`;

function write(files: Record<string, string>): void {
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(join(folder, name, '..'), { recursive: true });
		writeFileSync(join(folder, name), text);
	}
}

test('packages of a workspace load, and what these import', async () => {
	write({
		'workspace/package.json': '{}',
		'workspace/packages/lib/package.json': '{"name": "@my/lib", "type": "module", "exports": "./lib.js"}',
		'workspace/packages/lib/lib.js': "export * from './more/part.js'; export { deep } from 'deep';",
		'workspace/packages/lib/more/part.js': 'export const part = 1;',
		'workspace/packages/deep/index.js': 'exports.deep = 2;',
		'workspace/packages/app/package.json': '{}',
		'workspace/packages/app/plugin.mjs':
			"import { deep, part } from '@my/lib'; export const plugin = () => [part, deep];",
		'workspace/packages/app/main.mjs': MAIN,
	});
	mkdirSync(join(folder, 'workspace/node_modules/@my'), { recursive: true });
	symlinkSync('../../packages/lib', join(folder, 'workspace/node_modules/@my/lib'));
	mkdirSync(join(folder, 'workspace/packages/lib/node_modules'));
	symlinkSync('../../deep', join(folder, 'workspace/packages/lib/node_modules/deep'));
	const { lines, stderr } = await runProgram(join(folder, 'workspace/packages/app/main.mjs'));
	assert.deepEqual([lines, stderr], [['[1,2]'], '']);
});

test('a program in a hidden folder loads, as frameworks build them', async () => {
	write({
		'built/package.json': '{}',
		'built/.output/server/plugin.mjs': "export { plugin } from '../chunks/part.mjs';",
		'built/.output/chunks/part.mjs': 'export const plugin = () => 3;',
		'built/.output/server/main.mjs': MAIN,
	});
	const { lines, stderr } = await runProgram(join(folder, 'built/.output/server/main.mjs'));
	assert.deepEqual([lines, stderr], [['3'], '']);
});

test('a home folder is no program: of what lies below it only the folder of the program is', async () => {
	write({
		'home/package.json': '{}',
		'home/app/plugin.mjs': `import { readFileSync } from 'node:fs';
export function plugin() {
	try { return readFileSync(${JSON.stringify(join(folder, 'home/other/private.js'))}, 'utf8'); } catch ({ code }) { return code; }
}`,
		'home/app/main.mjs': MAIN,
		'home/other/private.js': 'secret',
	});
	const env = { HOME: join(folder, 'home') };
	const { lines, stderr } = await runProgram(join(folder, 'home/app/main.mjs'), { env });
	assert.deepEqual([lines, stderr], [['"ERR_ACCESS_DENIED"'], '']);
});
