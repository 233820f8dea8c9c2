/** The logger: silent, until somebody wants to hear it. */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { getContext, getLogger, logToStderr, Process } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';
import { run } from './outcome.ts';
import * as targets from './targets.ts';

checkLeaks(() => run({ target: targets.doNothing }));

test('a child logs with the level and the destination of its parent, under its own name', async () => {
	const silent = await run({ target: targets.log, name: 'quiet' });
	assert.deepEqual([silent.stderr, silent.code], ['', 0]);
	const { level } = getLogger();
	assert.equal(level, 'warn');
	assert.equal(logToStderr('info'), getLogger());
	const heard = await run({ target: targets.log, name: 'loud' });
	getLogger().level = level;
	assert.deepEqual(heard.stderr.split('\n'), [
		'[INFO/loud] child process calling self.run()',
		'[INFO/loud] one { two: 2 }',
		'[WARN/loud] three',
		'[ERROR/loud] four',
		'[INFO/loud] process shutting down',
		'[INFO/loud] process exiting with exitcode 0',
		'',
	]);
	const lessHeard = await run({ target: targets.log, name: 'calm' });
	assert.equal(lessHeard.stderr, '[WARN/calm] three\n[ERROR/calm] four\n');
});

test('a level that there is not is an error that names those there are', () => {
	const expected = { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE', message: /debug, info, warn, error, not loud/ };
	assert.throws(() => logToStderr('loud' as never), expected);
	assert.throws(() => {
		getLogger().level = 'loud' as never;
	}, expected);
});

test('a context has the logger too, and keeps its start method', () => {
	const context = getContext('spawn');
	assert.equal(context.getLogger(), getLogger());
	assert.equal(context.logToStderr, logToStderr);
	assert.throws(() => context.setStartMethod('spawn'), { name: 'ProcessError', code: 'ERR_MP_START_METHOD' });
	assert.equal(context.getStartMethod(), 'spawn');
});

test('the life of processes is in the log, in the words of CPython', async () => {
	const { stdout, stderr, code } = await runProgram(fixturePath('process/logged-life.mjs'));
	assert.deepEqual([stdout, code], ['', 0]);
	const lines = stderr
		.trimEnd()
		.replace(/pid \d+/g, 'pid N')
		.split('\n');
	const of = (name: string): string[] => lines.filter((line) => line.includes(`/${name}]`));
	assert.deepEqual(of('failing'), [
		'[INFO/failing] child process calling self.run()',
		'[INFO/failing] process shutting down',
		'[INFO/failing] process exiting with exitcode 3',
	]);
	assert.deepEqual(of('MainProcess'), [
		'[DEBUG/MainProcess] failing (pid N) started',
		'[DEBUG/MainProcess] failing (pid N) ended with exitcode 3',
		'[DEBUG/MainProcess] daemon (pid N) started',
		'[DEBUG/MainProcess] other (pid N) started',
		'[INFO/MainProcess] process shutting down',
		'[INFO/MainProcess] calling terminate() for daemon daemon',
		'[INFO/MainProcess] calling join() for process other',
	]);
});

test('starts and ends of children are published on diagnostics channels', async () => {
	const heard: unknown[] = [];
	const onStart = (message: unknown): void => void heard.push(['start', message]);
	const onExit = (message: unknown): void => void heard.push(['exit', message]);
	subscribe('polyproc:process:start', onStart);
	subscribe('polyproc:process:exit', onExit);
	const child = new Process({ target: targets.doNothing, name: 'watched' });
	await child.start();
	const { pid } = child;
	await child.join();
	unsubscribe('polyproc:process:start', onStart);
	unsubscribe('polyproc:process:exit', onExit);
	assert.deepEqual(heard, [
		['start', { name: 'watched', pid }],
		['exit', { name: 'watched', pid, exitCode: 0 }],
	]);
});
