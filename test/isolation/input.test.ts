/** The standard input of processes with permissions that use shared objects. */
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Process, Queue, run } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { repositoryPath } from '../house/root.ts';
import * as targets from './targets.ts';

checkLeaks(() => run(targets.hello, ['x'], { permissions: {} }));

const REFUSES_NET = process.allowedNodeEnvironmentFlags.has('--allow-net');

async function inputOf(stdin: 'ignore' | number): Promise<string> {
	const answers = new Queue<string>();
	const child = new Process({
		target: targets.readInput,
		args: [answers],
		permissions: {},
		stdio: [stdin, 'inherit', 'inherit'],
	});
	await child.start();
	const text = await answers.get();
	assert.equal(await child.join(), 0);
	return text;
}

test('there is nothing to read, or what is in a file', async () => {
	const file = repositoryPath('LICENSE');
	const fd = openSync(file, 'r');
	assert.equal(await inputOf('ignore'), '');
	assert.equal(await inputOf(fd), readFileSync(file, 'utf8'));
	closeSync(fd);
});

test('a pipe is refused where Node would let nothing be read from it', { skip: !REFUSES_NET }, async () => {
	const child = new Process({
		target: targets.readInput,
		args: [new Queue<string>()],
		permissions: {},
		stdio: ['pipe', 'inherit', 'inherit'],
		name: 'reader',
	});
	await assert.rejects(child.start(), {
		name: 'ProcessError',
		code: 'ERR_MP_NOT_ENFORCEABLE',
		message: /^cannot start reader with stdio\[0\] 'pipe': /,
	});
});
