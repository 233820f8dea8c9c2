/** `polyproc map --resume`: a run that was killed, at whatever moment, is gone on with, and the output is that of one run. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkLeaks } from '../house/leaks.ts';
import { MODULE, numbers, parsed, runMap, scratch, startMap } from './map-command.ts';

checkLeaks();

const file = scratch();
const ITEMS = 4000;
const KILLS = 3;

/** Kills a run a moment after it has recorded something. */
async function killed(args: readonly string[], moment: number): Promise<void> {
	const before = sizeOf(file('record'));
	const command = startMap(args);
	const exit = once(command, 'exit');
	while (sizeOf(file('record')) <= before + 1 && command.exitCode === null) await sleep(2);
	await sleep(moment);
	command.kill('SIGKILL');
	await exit;
}

function sizeOf(path: string): number {
	try {
		return statSync(path).size;
	} catch {
		return 0; // nothing has been recorded yet
	}
}

for (const order of ['ordered', 'unordered'] as const) {
	test(`killed again and again, ${order}, it ends with every result once, and every failure once`, async () => {
		const input = file('numbers');
		writeFileSync(input, numbers(ITEMS).join('\n'));
		const files = ['-o', file('out'), '--resume', file('record'), '-k', '--errors', file('errors')];
		const args = [
			'-p',
			'2',
			...files,
			...(order === 'ordered' ? [] : ['--unordered']),
			`${MODULE}#failsAtHundreds`,
			input,
		];
		for (let kills = 0; kills < KILLS; kills++) await killed(args, kills * 17);
		assert.ok(sizeOf(file('out')) > 0);
		const { code, stderr } = await runMap(args);
		assert.deepEqual([code, stderr], [1, `polyproc: map: ${ITEMS / 100} items have failed; see ${file('errors')}\n`]);
		const expected = numbers(ITEMS).map(Number);
		const results = parsed(readFileSync(file('out'), 'utf8')) as number[];
		if (order === 'unordered') results.sort((a, b) => a - b);
		assert.deepEqual(
			results,
			expected.filter((number) => number % 100 !== 0),
		);
		const failed = (parsed(readFileSync(file('errors'), 'utf8')) as { index: number }[]).map(({ index }) => index + 1);
		assert.deepEqual(
			failed.sort((a, b) => a - b),
			expected.filter((number) => number % 100 === 0),
		);
		for (const name of ['out', 'record', 'errors']) rmSync(file(name));
	});
}

/** A run that has ended at its third item. */
async function halfDone(...more: string[]): Promise<string[]> {
	for (const name of ['out', 'record']) rmSync(file(name), { force: true });
	const args = ['-o', file('out'), '--resume', file('record'), ...more, `${MODULE}#failsAtThree`];
	assert.equal((await runMap(args, { input: '1\n2\n3' })).code, 1);
	assert.equal(readFileSync(file('out'), 'utf8'), '1\n2\n');
	return args;
}

test('what stands in the output behind what was recorded is cut off, and so is a step that was not written whole', async () => {
	const args = await halfDone();
	appendFileSync(file('out'), '"3"\n"half of a li');
	appendFileSync(file('record'), '{"items":[[2,');
	assert.equal((await runMap(args, { input: '1\n2\n33\n4' })).code, 0);
	assert.equal(readFileSync(file('out'), 'utf8'), '1\n2\n33\n4\n');
});

test('a run that is done is done: nothing is called again, and lines that were added to the input are done too', async () => {
	const args = await halfDone();
	const input = '1\n2\n33\n4\n';
	for (const [more, expected] of [
		['', '1\n2\n33\n4\n'],
		['', '1\n2\n33\n4\n'],
		['5\n', '1\n2\n33\n4\n5\n'],
	] as const) {
		assert.equal((await runMap(args, { input: input + more })).code, 0);
		assert.equal(readFileSync(file('out'), 'utf8'), expected);
	}
});

test('if the input is another one nothing is called, and nothing written', async () => {
	for (const [order, inputs] of [
		[[], ['1\n3\n4\n5', '1']],
		[
			['--unordered', '-p', '1', '--chunksize', '1'],
			['2\n1\n4', ''],
		],
	] as const) {
		const args = await halfDone(...order);
		for (const input of inputs) {
			const { code, stderr } = await runMap(args, { input });
			assert.equal(code, 2);
			assert.match(
				stderr,
				/^polyproc: map: the input is not what it was: .*records 2 items that are done, and they were others\n$/,
			);
			assert.equal(readFileSync(file('out'), 'utf8'), '1\n2\n');
		}
	}
});

test('another function, other items, another order or other files are refused, and the record says which', async () => {
	const args = await halfDone();
	const [target] = args.slice(-1);
	const files = args.slice(0, -1);
	for (const [other, what] of [
		[[...files, `${MODULE}#upper`], 'function was'],
		[[...files, '--jsonl', target!], 'items was "lines" and is "jsonl"'],
		[[...files, '--unordered', target!], 'order was "of the input" and is "as they come"'],
		[[...args, MODULE], 'inputs was [] and is ['],
		[['-o', file('other'), '--resume', file('record'), target!], 'output was'],
	] as const) {
		const { code, stderr } = await runMap(other, { input: '1\n2\n4' });
		assert.equal(code, 2, stderr);
		assert.ok(stderr.startsWith(`polyproc: map: --resume ${file('record')} records another run: ${what}`), stderr);
		assert.equal(readFileSync(file('out'), 'utf8'), '1\n2\n');
	}
	assert.equal((await runMap(['-p', '1', '--retries', '1', ...args], { input: '1\n2\n4' })).code, 0);
});

test('a file that is no record is left as it is, and an output that has lost something is refused', async () => {
	writeFileSync(file('precious'), 'mine\n');
	const { code, stderr } = await runMap([MODULE, '-o', file('out'), '--resume', file('precious')], { input: 'x' });
	assert.equal(code, 2);
	assert.match(stderr, /^polyproc: map: --resume .*precious is no record of a run; it is left as it is\n$/);
	assert.equal(readFileSync(file('precious'), 'utf8'), 'mine\n');
	const args = await halfDone();
	writeFileSync(file('out'), '1\n');
	const short = await runMap(args, { input: '1\n2\n4' });
	assert.equal(short.code, 1);
	assert.match(short.stderr, /cannot write to .*out: it has 2 bytes; 4 had been written to it\n$/);
	assert.equal(readFileSync(file('out'), 'utf8'), '1\n');
});
