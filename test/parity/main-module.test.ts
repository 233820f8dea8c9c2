/** CPython's test_multiprocessing_main_handling and TestNoForkBomb: programs of every kind, run as users run them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';
import { allMethods, flagsFor } from './methods.ts';

checkLeaks();

const TSX = ['--import', import.meta.resolve('tsx')];
const STRIPS_TYPES = 'typescript' in process.features && process.features.typescript !== false;

/** How each program is run; all of them print the same. */
type Program = readonly [what: string, file: string, execArgv?: readonly string[], skip?: boolean];
const PROGRAMS: readonly Program[] = [
	['an ES module', 'basic.mjs'],
	['a CommonJS module', 'basic.cjs'],
	['a TypeScript file, under tsx', 'basic.ts', TSX],
	['a CommonJS module that asks require.main', 'basic-require-main.cjs'],
	['a file without extension', 'basic-no-suffix'],
	['a directory', 'directory'],
	['a TypeScript file, its types stripped by Node', 'basic.ts', [], !STRIPS_TYPES],
	['a program whose function is in another module', 'package/main.mjs'],
	['a module whose function is its default export', 'default-export.mjs'],
];

/** A child that is forked is its program already, and imports nothing: loaders are what there may be trouble with. */
const FORKED = PROGRAMS.slice(0, 3);

/** A loader may be reading a directory when the program is forked: the child lets go of it, and Node remarks on that. */
function said(stderr: string): string {
	return stderr.replace(/^.*Closing directory handle on garbage collection\n.*--trace-warnings.*\n/, '');
}

for (const method of allMethods) {
	const flags = flagsFor(method);
	for (const [what, file, execArgv = [], skip = false] of method === 'fork' ? FORKED : PROGRAMS) {
		test(`${method}: ${what} runs its own function in a child`, { skip }, async () => {
			const { stdout, stderr, code } = await runProgram(fixturePath(`main/${file}`), {
				args: [method],
				execArgv: [...flags, ...execArgv],
				cwd: fixturePath('main'), // whose tsconfig.json names no sources
			});
			assert.deepEqual([stdout, said(stderr), code], ['49 0\n', '', 0]);
		});
	}

	test(`${method}: a program read from standard input or given with --eval starts functions of modules`, async () => {
		const code = readFileSync(fixturePath('main/package/main.mjs'), 'utf8').replace('process.argv[2]', `'${method}'`);
		const options = { execArgv: [...flags, '--input-type=module', '--eval'], cwd: fixturePath('main/package') };
		const ended = await runProgram(code, options);
		assert.deepEqual([ended.stdout, ended.stderr, ended.code], ['49 0\n', '', 0]);
	});

	test(`${method}: a worker thread that runs the program's file is not the program, and starts processes without noise`, async () => {
		const { stdout, stderr, code } = await runProgram(fixturePath('main/worker.mjs'), {
			args: [method],
			execArgv: flags,
		});
		if (method !== 'fork') assert.deepEqual([stdout, stderr, code], ['49 3\n', '', 0]);
		else assert.match(stderr, /ProcessError.*from a worker thread/);
	});

	test(`${method}: an unguarded main module is one clear error, and nothing multiplies`, async () => {
		const { stdout, stderr, code } = await runProgram(fixturePath('main/unguarded.mjs'), {
			args: [method],
			execArgv: flags,
		});
		if (method === 'fork') {
			assert.deepEqual([stderr, code], ['', 0]);
			return;
		}
		assert.equal(stdout, '');
		assert.equal(code, 1);
		assert.equal(stderr.match(/^ *if \(mp\.isMain\(import\.meta\)\)/gm)?.length, 1, stderr);
		assert.equal(stderr.match(/ProcessError/g)?.length, 1, stderr);
	});
}

test('code given with --eval is the program, also in a later turn', async () => {
	const code = `const mp = require('polyproc');
		console.log(mp.isMain(module));
		setTimeout(() => console.log(mp.isMain(module)), 1);`;
	const ended = await runProgram(code, { execArgv: ['--eval'], cwd: fixturePath('main') });
	assert.deepEqual([ended.stdout, ended.stderr, ended.code], ['true\ntrue\n', '', 0]);
	const wrong = await runProgram(fixturePath('main/is-main-of-builtin.cjs'));
	assert.deepEqual([wrong.stdout, wrong.code], ['isMain: pass import.meta, or module in CommonJS\n', 0]);
});
