/** `polyproc map`: what goes in and what comes out. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { checkLeaks } from '../house/leaks.ts';
import { fixturePath, repositoryPath } from '../house/root.ts';
import { MODULE, numbers, parsed, runMap, scratch } from './map-command.ts';

checkLeaks();

const file = scratch();
const STRIPS_TYPES = 'typescript' in process.features && process.features.typescript !== false;

test('a function is called with every line, and what it returns are lines of JSON in the order of the input', async () => {
	const lines = numbers(5000);
	const { code, stderr, stdout } = await runMap([`${MODULE}#upper`], { input: lines.join('\n') });
	assert.deepEqual([code, stderr], [0, '']);
	assert.equal(stdout, lines.map((line) => `"${line}"\n`).join(''));
});

test('results come in order even if the first item takes longest, and with --unordered as they are there', async () => {
	const input = numbers(40).join('\n');
	const options = ['--chunksize', '1', '-p', '2'];
	const ordered = await runMap([...options, `${MODULE}#firstIsLast`], { input });
	assert.deepEqual(ordered.results, numbers(40));
	const unordered = await runMap([...options, '--unordered', `${MODULE}#firstIsLast`], { input });
	assert.notEqual(unordered.results[0], '1');
	assert.deepEqual(
		unordered.results.map(Number).sort((a, b) => a - b),
		numbers(40).map(Number),
	);
});

test('lines end with a line feed or with a carriage return and one; empty ones count, the last one needs no end', async () => {
	const inputs = [
		['', []],
		['\n', ['']],
		['a\r\n\n\r\nb', ['A', '', '', 'B']],
		['a\n\n', ['A', '']],
		['a\rb\n', ['A\rB']],
		[Buffer.from([0x61, 0xff, 0x0a]), ['A\ufffd']],
		['\ufeffa\n', ['A']],
	] as const;
	const names = inputs.map(([input], index) => {
		writeFileSync(file(`lines-${index}`), input);
		return file(`lines-${index}`);
	});
	const { results } = await runMap([`${MODULE}#upper`, ...names]);
	assert.deepEqual(
		results,
		inputs.flatMap(([, expected]) => expected),
	);
	assert.deepEqual((await runMap([`${MODULE}#upper`], { input: '' })).results, []);
});

test('characters of several bytes and lines of megabytes come whole, however they are cut', async () => {
	const long = 'äöü€😀'.repeat(200_000);
	const { results } = await runMap([MODULE], { input: `${long}\n${long}` });
	assert.deepEqual(results, [long.length, long.length]);
	const texts = await runMap([`${MODULE}#upper`], { input: `x${long}` });
	assert.deepEqual(texts.results, [`x${long}`.toUpperCase()]);
});

test('several INPUT files are read one after the other, and "-" is standard input', async () => {
	writeFileSync(file('one'), 'a\nb');
	writeFileSync(file('two'), 'c\n');
	const { results } = await runMap([`${MODULE}#upper`, file('one'), '-', file('two')], { input: 'in\n' });
	assert.deepEqual(results, ['A', 'B', 'IN', 'C']);
});

test('with --jsonl the items are what the lines say', async () => {
	const { results } = await runMap([`${MODULE}#later`, '--jsonl'], { input: '{"a":[1]}\n"x"\nnull\n2' });
	assert.deepEqual(results, [{ a: [1] }, 'x', null, 2]);
	const { code, stderr } = await runMap([`${MODULE}#later`, '--jsonl'], { input: '1\n{\n3' });
	assert.equal(code, 1);
	assert.match(
		stderr,
		/^polyproc: map: line 2 of standard input \(item 1\) failed: SyntaxError: the line is not JSON: /,
	);
});

test('with --files the paths are the items: of INPUT, or a line of standard input each', async () => {
	const paths = ['no/such/file', '/tmp'];
	assert.deepEqual((await runMap(['--files', `${MODULE}#upper`, ...paths])).results, ['NO/SUCH/FILE', '/TMP']);
	const piped = await runMap(['--files', `${MODULE}#upper`], { input: 'a b\nc\n' });
	assert.deepEqual(piped.results, ['A B', 'C']);
});

test('MODULE is a path, a file: URL, a package or a module of Node; FUNCTION may be left out, or be a member', async () => {
	const common = fixturePath('map/common.cjs');
	for (const [target, result] of [
		[MODULE, 2],
		[`${MODULE}#`, 2],
		['map/functions.mjs#default', 2],
		['./map/functions.mjs#tools.text.twice', 'a/a/'],
		[`${pathToFileURL(MODULE).href}#upper`, 'A/'],
		['node:path#posix.basename', 'a'],
		[common, 'default a/'],
		[`${common}#named`, 'named a/'],
	] as const) {
		const { results, stderr } = await runMap([target], { input: 'a/', cwd: fixturePath('.') });
		assert.deepEqual([stderr, results], ['', [result]], target);
	}
	const packaged = await runMap(['acorn#isNewLine', '--jsonl'], { input: '10\n11', cwd: repositoryPath('.') });
	assert.deepEqual([packaged.stderr, packaged.results], ['', [true, false]]);
});

test('every start method does', async () => {
	for (const method of ['spawn', 'forkserver', 'fork']) {
		const { results, stderr, code } = await runMap(['--start-method', method, `${MODULE}#upper`], { input: 'a\nb' });
		assert.deepEqual([code, stderr, results], [0, '', ['A', 'B']], method);
	}
	const outside = await runMap([`${MODULE}#upper`], { input: 'a', env: { POLYPROC_START_METHOD: 'fork' } });
	assert.deepEqual([outside.stderr, outside.results], ['', ['A']]);
});

test('a module in TypeScript does under tsx', async () => {
	const execArgv = ['--import', import.meta.resolve('tsx')];
	const target = `${fixturePath('map/typed.ts')}#shout`;
	for (const method of ['spawn', 'forkserver']) {
		const args = ['--start-method', method, target];
		const { results, stderr } = await runMap(args, { input: 'a', execArgv, cwd: tmpdir() });
		assert.deepEqual([stderr, results], ['', ['a!']], method);
	}
});

test('a module in TypeScript does where Node strips types', { skip: !STRIPS_TYPES }, async () => {
	assert.deepEqual((await runMap([`${fixturePath('map/typed.ts')}#shout`], { input: 'a' })).results, ['a!']);
});

test('undefined is written as null, the rest as JSON.stringify does; what that refuses is a failure of the item', async () => {
	const input = ['undefined', 'bigint', 'function', 'cycle', 'map', 'date'].join('\n');
	const { code, results, stderr } = await runMap(['--keep-going', `${MODULE}#resultOf`], { input });
	assert.deepEqual([code, results], [1, [null, {}, '1970-01-01T00:00:00.000Z']]);
	const failures = parsed(stderr).slice(0, -1) as { input: string; error: { name: string; message: string } }[];
	assert.deepEqual(
		failures.map((failure) => failure.input),
		['bigint', 'function', 'cycle'],
	);
	for (const { error } of failures) {
		assert.equal(error.name, 'TypeError');
		assert.match(error.message, /^its result cannot be written as JSON: /);
	}
});

test("what a function prints is on standard error, where it is in nobody's way", async () => {
	const { results, stderr } = await runMap([`${MODULE}#prints`], { input: 'x' });
	assert.deepEqual([results, stderr], [['x'], 'printed x\n']);
});

test('--processes says how many there are', async () => {
	for (const count of [1, 3]) {
		const args = ['--processes', String(count), '--chunksize', '1', `${MODULE}#slowPid`];
		const { results } = await runMap(args, { input: numbers(10 * count).join('\n') });
		assert.equal(new Set(results).size, count);
	}
});
