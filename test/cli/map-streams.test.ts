/** `polyproc map` between others: slow readers, readers that leave, endless input, Ctrl-C. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkLeaks } from '../house/leaks.ts';
import { MODULE, numbers, runMap, scratch, startMap, textOf } from './map-command.ts';

checkLeaks();

const file = scratch();
/** A line long enough for a pipe to be full soon. */
const LINE = `${'x'.repeat(1000)}\n`;
/** Bytes: what pipes, chunks and their results may hold together. */
const READ_AHEAD = 16_000_000;

/** Writes to a command for as long as it takes any; tells how many bytes that were. */
function flood(stdin: NodeJS.WritableStream): { bytes: number } {
	const written = { bytes: 0 };
	const block = LINE.repeat(64);
	const more = (error?: Error | null): void => {
		if (error) return;
		written.bytes += block.length;
		stdin.write(block, more);
	};
	stdin.on('error', () => {});
	stdin.write(block, more);
	return written;
}

/** What a command has taken when it takes no more. */
async function settled(written: { bytes: number }): Promise<number> {
	for (let before = -1; ; before = written.bytes) {
		await sleep(1000);
		if (written.bytes === before && before > 0) return before;
		assert.ok(written.bytes < READ_AHEAD, `it has read ${written.bytes} bytes`);
	}
}

test('when nobody reads its results it stops reading its input, and goes on when somebody does', async () => {
	const command = startMap([`${MODULE}#upper`]);
	const written = flood(command.stdin!);
	await once(command.stdout!, 'readable'); // results are on their way
	const taken = await settled(written);
	let read = 0;
	for await (const chunk of command.stdout!) {
		read += (chunk as Buffer).length;
		if (read > 2 * taken) break;
	}
	assert.ok(written.bytes > taken);
	assert.deepEqual(await once(command, 'close'), [0, null]);
});

test('when its reader leaves it ends at once, without a word', async () => {
	for (const order of [[], ['--unordered']]) {
		const command = startMap([...order, `${MODULE}#upper`]);
		flood(command.stdin!);
		const stderr = textOf(command.stderr!);
		await once(command.stdout!, 'data');
		command.stdout!.destroy();
		assert.deepEqual(await once(command, 'exit'), [0, null]);
		command.stdin!.destroy();
		assert.equal(await stderr, '');
	}
});

test('results are there before the input has ended', async () => {
	const command = startMap([`${MODULE}#upper`]);
	command.stdin!.write('a\nb\n');
	const [first] = (await once(command.stdout!, 'data')) as [Buffer];
	assert.ok(first.toString().startsWith('"A"\n'));
	command.stdin!.end();
	assert.deepEqual(await once(command, 'close'), [0, null]);
});

test('Ctrl-C ends it, whatever its functions do, with one message, and by the signal', async () => {
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		const command = startMap(['--chunksize', '1', `${MODULE}#hangsAtTwo`]);
		const stderr = textOf(command.stderr!);
		command.stdin!.write('1\n2\n2\n');
		await once(command.stdout!, 'data');
		command.kill(signal);
		assert.deepEqual(await once(command, 'exit'), [null, signal]);
		command.stdin!.destroy();
		assert.equal(await stderr, `polyproc: map: interrupted by ${signal}\n`);
	}
});

test('what was done before Ctrl-C is in the output, and the same command goes on from there', async () => {
	const args = ['-o', file('out'), '--resume', file('record'), '--chunksize', '1', `${MODULE}#takes`];
	const command = startMap(args);
	const stderr = textOf(command.stderr!);
	command.stdin!.write(`${'1\n'.repeat(20)}100000\n`);
	while (count(file('out')) < 20) await sleep(20);
	command.kill('SIGINT');
	await once(command, 'exit');
	command.stdin!.destroy();
	assert.equal(await stderr, 'polyproc: map: interrupted by SIGINT; the same command goes on from here\n');
	const input = `${'1\n'.repeat(20)}2\n3\n`;
	const { code } = await runMap(args, { input });
	assert.equal(code, 0);
	assert.equal(readFileSync(file('out'), 'utf8'), `${'"1"\n'.repeat(20)}"2"\n"3"\n`);
});

function count(path: string): number {
	try {
		return readFileSync(path, 'utf8').split('\n').length - 1;
	} catch {
		return 0; // it has not been made yet
	}
}

test('--output writes to a file, which is emptied first', async () => {
	writeFileSync(file('results'), 'of another run\n');
	const { stdout, code } = await runMap([MODULE, '--output', file('results')], { input: 'a\nbb' });
	assert.deepEqual([code, stdout, readFileSync(file('results'), 'utf8')], [0, '', '1\n2\n']);
});

test('where standard error is no terminal there is no progress bar, whatever is asked for', async () => {
	for (const option of [[], ['--progress'], ['--no-progress']]) {
		const { stderr } = await runMap([...option, MODULE], { input: numbers(100).join('\n') });
		assert.equal(stderr, '');
	}
});
