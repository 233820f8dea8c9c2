/** `polyproc run`, as it is typed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { checkLeaks } from '../house/leaks.ts';
import { type Ended, runProgram } from '../house/program.ts';
import { fixturePath, repositoryPath } from '../house/root.ts';

checkLeaks();

const COMMAND = repositoryPath('dist/cli.cjs');
const PROGRAM = fixturePath('forking/cli-program.mjs');

function polyproc(...args: string[]): Promise<Ended> {
	return runProgram(COMMAND, { args, env: { POLYPROC_START_METHOD: undefined } });
}

test('a program is run so that it can be forked, with what stands behind its file, whatever it looks like', async () => {
	const { stdout, stderr, code } = await polyproc(
		'run',
		PROGRAM,
		'a b',
		'--help',
		'-x',
		'--',
		'--start-method',
		'spawn',
	);
	assert.deepEqual([stderr, code], ['', 0]);
	assert.deepEqual(JSON.parse(stdout), {
		args: ['a b', '--help', '-x', '--', '--start-method', 'spawn'],
		method: 'forkserver',
		forked: 0,
	});
});

test('--start-method says how processes are started', async () => {
	for (const method of ['spawn', 'fork', 'forkserver']) {
		for (const option of [['--start-method', method], [`--start-method=${method}`]]) {
			const { stdout } = await polyproc('run', ...option, PROGRAM, 'x');
			assert.deepEqual(JSON.parse(stdout), { args: ['x'], method, forked: 0 });
		}
	}
});

test("the program's exit code is the command's", async () => {
	for (const code of [0, 1, 44]) assert.equal((await polyproc('run', PROGRAM, 'exit', String(code))).code, code);
	const missing = await polyproc('run', 'no-such-program.mjs');
	assert.deepEqual([missing.code, /Cannot find module/.test(missing.stderr)], [1, true]);
});

test('a signal that ends the program ends the command, and one for the command reaches the program', async () => {
	assert.equal((await polyproc('run', PROGRAM, 'signal', 'SIGKILL')).signal, 'SIGKILL');
	assert.equal((await polyproc('run', PROGRAM, 'signal', 'SIGTERM')).signal, 'SIGTERM');
	for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) {
		const command = spawn(process.execPath, [COMMAND, 'run', PROGRAM, 'handle', signal], {
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		await once(command.stdout, 'data');
		command.kill(signal);
		assert.deepEqual(await once(command, 'exit'), [7, null]);
	}
});

test('help goes to standard output', async () => {
	for (const args of [['--help'], ['-h'], ['run', '--help'], ['run', '-h']]) {
		const { stdout, stderr, code } = await polyproc(...args);
		if (args[0] === 'run') {
			assert.match(stdout, /^usage: polyproc run \[--start-method forkserver\|spawn\|fork\] FILE \[ARGS…\]\n/);
		} else {
			assert.match(stdout, /^usage: polyproc COMMAND .*\n\n {2}run FILE .*\n {2}map MODULE#FUNCTION /);
		}
		assert.deepEqual([stderr, code], ['', 0]);
	}
});

test('a command line that makes no sense is exit code 2, and says what is wrong', async () => {
	for (const [args, message] of [
		[['fly'], 'polyproc: there is no command "fly"'],
		[['run'], 'polyproc: run: which FILE?'],
		[['run', '--fast', PROGRAM], "polyproc: Unknown option '--fast'"],
		[['run', '--start-method', 'thread', PROGRAM], 'polyproc: --start-method: "thread" is not a start method'],
		[['run', '--start-method'], "polyproc: Option '--start-method <value>' argument missing"],
	] as const) {
		const { stdout, stderr, code } = await polyproc(...args);
		assert.deepEqual([stdout, code], ['', 2], stderr);
		assert.ok(stderr.startsWith(message), stderr);
		assert.match(stderr, args[0] === 'run' ? /\nusage: polyproc run / : /\nusage: polyproc COMMAND /);
	}
	const bare = await polyproc();
	assert.equal(bare.code, 2);
});
