/** A program that would start itself again in every child, for ever: one clear error, and nothing multiplies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';

checkLeaks();

const TSX = ['--import', import.meta.resolve('tsx')];
const STRIPS_TYPES = 'typescript' in process.features && process.features.typescript !== false;

for (const [what, file, execArgv = [], skip = false] of [
	['that starts at its top level', 'unguarded.mjs'],
	['in CommonJS whose main() awaits before it starts', 'unguarded-main.cjs'],
	['in TypeScript, under tsx', 'unguarded.ts', TSX],
	['in TypeScript, its types stripped', 'unguarded.ts', [], !STRIPS_TYPES],
] as const) {
	test(`an unguarded program ${what} gets one error that shows the guard`, { skip }, async () => {
		const { code, stderr } = await runProgram(fixturePath(`process/${file}`), {
			execArgv,
			cwd: fixturePath('process'), // whose tsconfig.json names no sources
		});
		assert.equal(stderr.match(/if \(mp\.isMain\(import\.meta\)\)/g)?.length, 1, stderr);
		assert.match(
			stderr,
			/^Process Process-1:\nProcessError: cannot start Process-1:1: Process-1 is itself still importing/,
		);
		assert.doesNotMatch(stderr, /\n +at /, 'one message, without a stack');
		assert.equal(code, 1);
	});
}

test('an unguarded program that starts its process in a timer does not multiply either', async () => {
	const { code, stdout, stderr } = await runProgram(fixturePath('process/unguarded-later.mjs'));
	assert.match(stderr, /^Process Process-1:\nProcessError: cannot start Process-1:1: /);
	assert.deepEqual([code, stdout], [1, 'work\n']);
});

test('a guard that compares argv[1] with its own file is a guard, and the arguments are the same afterwards', async () => {
	const { code, stdout, stderr } = await runProgram(fixturePath('process/argv-guard.mjs'), { args: ['a', 'b'] });
	assert.deepEqual([code, stdout, stderr], [0, 'work true a b\n', '']);
});

for (const how of ['exit', 'hang']) {
	test(`a module that does not let itself be imported (${how}) is not taken for a good end`, async () => {
		const { code, stdout, stderr } = await runProgram(fixturePath('process/exits-when-imported.mjs'), { args: [how] });
		assert.deepEqual([code, stdout], [1, '']);
		assert.match(stderr, /^Process Process-1:\nended while the modules of its target were being imported/);
	});
}

for (const [how, says] of [
	['gone', /Cannot find module/],
	['syntax', /SyntaxError/],
	['throws', /while importing/],
	['renamed', /work\b.*work\.mjs|work\.mjs.*\bwork\b/],
	['imports', /not-there\.mjs/],
] as const) {
	test(`a target's module that cannot be loaded in the child (${how}) is exit code 1 and one message`, async () => {
		const { code, stdout, stderr } = await runProgram(fixturePath('process/broken-module.mjs'), { args: [how] });
		assert.deepEqual([code, stdout], [1, '']);
		assert.match(stderr, /^Process Process-1:\nits target could not be loaded/);
		assert.match(stderr, /work\.mjs/);
		assert.match(stderr, says);
	});
}
