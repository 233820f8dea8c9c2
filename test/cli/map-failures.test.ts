/** `polyproc map`: what becomes of what goes wrong. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkLeaks } from '../house/leaks.ts';
import { fixturePath } from '../house/root.ts';
import { MODULE, numbers, parsed, runMap, scratch } from './map-command.ts';

checkLeaks();

const file = scratch();
const ONE_TO_FIVE = numbers(5).join('\n');

interface Told {
	index: number;
	input: unknown;
	error: { name: string; message: string; code?: string; stack: string };
}

test('the first failure ends the run: one message that names the line, what was thrown and where; exit code 1', async () => {
	const { code, stderr, results } = await runMap([`${MODULE}#failsAtThree`], { input: ONE_TO_FIVE });
	assert.deepEqual([code, results], [1, [1, 2]]);
	const [message, ...frames] = stderr.trimEnd().split('\n');
	assert.equal(message, 'polyproc: map: line 3 of standard input (item 2) failed: RangeError: three is too many');
	assert.equal(frames.length, 1);
	assert.match(frames[0]!, /^ {4}at failsAtThree \(.*functions\.mjs:\d+:\d+\)$/);
});

test('the message names the file and the line in it, and a path that was given as it is', async () => {
	writeFileSync(file('first'), '1\n2\n');
	writeFileSync(file('second'), '4\n3');
	const lines = await runMap([`${MODULE}#failsAtThree`, file('first'), file('second')]);
	assert.ok(lines.stderr.startsWith(`polyproc: map: line 2 of ${file('second')} (item 3) failed: RangeError: three`));
	const paths = await runMap(['--files', `${MODULE}#failsAtThree`, '1', '3']);
	assert.match(paths.stderr, /^polyproc: map: file 3 \(item 1\) failed: RangeError: three/);
});

test('with --keep-going failures are lines of JSON on standard error, and the rest is done; exit code 1', async () => {
	for (const order of [[], ['--unordered']]) {
		const args = ['--keep-going', ...order, `${MODULE}#failsAtThree`];
		const { code, stderr, results } = await runMap(args, { input: ONE_TO_FIVE });
		assert.deepEqual([code, results.sort()], [1, [1, 2, 4, 5]]);
		const [failure, summary, ...rest] = parsed(stderr) as [Told, string];
		assert.deepEqual([summary, rest], ['polyproc: map: 1 item has failed', []]);
		const { stack, ...error } = failure.error;
		assert.deepEqual(
			{ ...failure, error },
			{ index: 2, input: '3', error: { name: 'RangeError', message: 'three is too many', code: 'E_THREE' } },
		);
		assert.match(stack, /^RangeError: three is too many\n {4}at failsAtThree \([^\n]*\)$/);
	}
});

test('with --errors they are in a file of their own, which is emptied first; the input is what the function got', async () => {
	writeFileSync(file('errors'), 'of another run\n');
	const args = ['--keep-going', '--errors', file('errors'), '--jsonl', `${MODULE}#failsAtThree`];
	const { code, stderr, results } = await runMap(args, { input: '1\n"3"\n{"no' });
	assert.deepEqual([code, results], [1, [1]]);
	assert.equal(stderr, `polyproc: map: 2 items have failed; see ${file('errors')}\n`);
	const failures = parsed(readFileSync(file('errors'), 'utf8')) as Told[];
	assert.deepEqual(
		failures.map(({ index, input, error }) => [index, input, error.name]),
		[
			[1, '3', 'RangeError'],
			[2, '{"no', 'SyntaxError'],
		],
	);
});

test('whatever is thrown is told', async () => {
	const kinds = ['string', 'number', 'null', 'frozen', 'object'];
	const { stderr } = await runMap(['-k', '--unordered', `${MODULE}#throws`], { input: kinds.join('\n') });
	const failures = (parsed(stderr).slice(0, -1) as Told[]).sort((a, b) => a.index - b.index);
	assert.deepEqual(
		failures.map(({ input, error }) => [input, error.name, error.message]),
		[
			['string', 'string', 'text'],
			['number', 'number', '5'],
			['null', 'object', 'null'],
			['frozen', 'Error', 'ice'],
			['object', 'object', "{ no: 'error' }"],
		],
	);
});

test('a call that takes longer than --timeout fails, and others go on', async () => {
	const args = ['--timeout', '500', '-k', `${MODULE}#hangsAtTwo`];
	const { code, stderr, results } = await runMap(args, { input: ONE_TO_FIVE });
	assert.deepEqual([code, results], [1, ['1', '3', '4', '5']]);
	const [failure] = parsed(stderr) as [Told];
	assert.deepEqual([failure.index, failure.error.code], [1, 'ERR_MP_TIMEOUT']);
	assert.match(
		failure.error.message,
		/^map: .*#hangsAtTwo did not return within 500 ms; its worker \(\d+\) was killed\.$/,
	);
});

test('a call that kills its process fails, with --chunksize 1 alone, in a larger chunk with its neighbours', async () => {
	for (const [chunksize, ...order] of [['1'], ['5'], ['5', '--unordered']] as const) {
		const args = ['--chunksize', chunksize, '-k', ...order, `${MODULE}#diesAtThree`];
		const { stderr, results } = await runMap(args, { input: numbers(10).join('\n') });
		const failures = parsed(stderr).slice(0, -1) as Told[];
		const lost = failures.map(({ index }) => index);
		assert.deepEqual([...lost.map((index) => String(index + 1)), ...results].sort(), numbers(10).sort());
		const [first = 0, last = first] = [lost[0], lost.at(-1)];
		assert.ok(first <= 2 && last >= 2 && last - first === lost.length - 1, String(lost));
		if (chunksize === '1') assert.deepEqual(lost, [2]);
		const which = lost.length === 1 ? '' : ` (one of items ${first} to ${last})`;
		const { message } = failures[0]!.error;
		assert.ok(message.includes(`was killed by SIGKILL while it ran ${MODULE}#diesAtThree${which}. `), message);
	}
});

test('--retries tries again', async () => {
	writeFileSync(file('calls'), '');
	const enough = await runMap(['--retries', '2', `${MODULE}#failsTwice`], { input: file('calls') });
	assert.deepEqual([enough.code, enough.stderr, enough.results], [0, '', [3]]);
	writeFileSync(file('calls'), '');
	const short = await runMap(['--retries', '1', `${MODULE}#failsTwice`], { input: file('calls') });
	assert.equal(short.code, 1);
	assert.match(short.stderr, /failed: Error: call 2\n/);
});

test('a module or function that is not there is exit code 2 and one clear message', async () => {
	for (const [target, message] of [
		['./no-such.mjs', `cannot load MODULE ./no-such.mjs: there is no file ${fixturePath('map/no-such.mjs')}`],
		['no-such', 'cannot load MODULE no-such: there is no such file here, and no such package'],
		['./common.cjs#nothing', './common.cjs has no export "nothing"; what it exports: default'],
		['./typo#x', `cannot load MODULE ./typo: there is no file ${fixturePath('map/typo')}`],
		['./functions.mjs#table', '"table" of ./functions.mjs is no function, but object'],
		['./functions.mjs#table.one', '"table.one" of ./functions.mjs is no function, but number'],
	] as const) {
		const { code, stdout, stderr } = await runMap([target], { input: 'x', cwd: fixturePath('map') });
		assert.deepEqual([code, stdout, stderr], [2, '', `polyproc: map: ${message}\n`]);
	}
	const broken = await runMap(['./broken.mjs'], { cwd: fixturePath('map') });
	assert.equal(broken.code, 2);
	assert.match(
		broken.stderr,
		/^polyproc: map: cannot load MODULE .\/broken.mjs: Error: this module never loads\n {4}at .*broken\.mjs:1:/,
	);
});

test('an INPUT that cannot be read is told before anything is done', async () => {
	for (const [input, message] of [
		['no-such', /^polyproc: map: cannot read INPUT no-such: ENOENT/],
		[
			fixturePath('map'),
			/^polyproc: map: INPUT .*map is a directory; with --files it would be given to the function\n$/,
		],
	] as const) {
		const { code, stdout, stderr } = await runMap([MODULE, '-', input], { input: 'x' });
		assert.deepEqual([code, stdout], [2, '']);
		assert.match(stderr, message);
	}
});

test('an output that cannot be written is one message and exit code 1', async () => {
	const { code, stderr } = await runMap([MODULE, '--output', file('no/such/folder')], { input: 'x' });
	assert.equal(code, 1);
	assert.match(stderr, /^polyproc: map: cannot write to .*folder: ENOENT[^\n]*\n$/);
});

test('a command line that makes no sense is exit code 2, and says what is wrong', async () => {
	for (const [args, message] of [
		[[], 'map: which MODULE#FUNCTION?'],
		[[MODULE, '--fast'], "Unknown option '--fast'"],
		[[MODULE, '--jsonl', '--files'], 'map: --jsonl or --files, not both'],
		[[MODULE, '--processes', '0'], 'map: --processes must be an integer, 1 or more, and not "0"'],
		[[MODULE, '--chunksize', '1.5'], 'map: --chunksize must be an integer, 1 or more, and not "1.5"'],
		[[MODULE, '--timeout', 'soon'], 'map: --timeout must be an integer, 1 or more, and not "soon"'],
		[[MODULE, '--retries=-1'], 'map: --retries must be an integer, 0 or more, and not "-1"'],
		[[MODULE, '--start-method', 'thread'], '--start-method: "thread" is not a start method'],
		[[MODULE, '--resume', 'x'], 'map: --resume needs --output FILE'],
		[[MODULE, '--errors', 'x'], 'map: --errors needs --keep-going'],
		[[MODULE, '--output', 'x', '--resume', 'x'], 'map: --output, --errors and --resume must be different files'],
		[[MODULE, '--progress', '--no-progress'], 'map: --progress or --no-progress, not both'],
	] as const) {
		const { stdout, stderr, code } = await runMap(args);
		assert.deepEqual([stdout, code], ['', 2], stderr);
		assert.ok(stderr.startsWith(`polyproc: ${message}`), stderr);
		assert.match(stderr, /\n\nusage: polyproc map \[OPTIONS\] MODULE#FUNCTION \[INPUT…\]\n/);
	}
});

test('--help goes to standard output, and names every option', async () => {
	const { code, stdout, stderr } = await runMap(['--help']);
	assert.deepEqual([code, stderr], [0, '']);
	for (const option of [
		'jsonl',
		'files',
		'processes',
		'chunksize',
		'timeout',
		'retries',
		'start-method',
		'unordered',
	]) {
		assert.ok(stdout.includes(`--${option}`), option);
	}
	for (const option of ['output', 'resume', 'keep-going', 'errors', 'no-progress', 'progress', 'help']) {
		assert.ok(stdout.includes(`--${option}`), option);
	}
});
