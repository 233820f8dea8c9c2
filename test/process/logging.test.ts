/** The logger: silent, until somebody wants to hear it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getContext, getLogger, logToStderr } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
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
	assert.equal(heard.stderr, '[INFO/loud] one { two: 2 }\n[WARN/loud] three\n[ERROR/loud] four\n');
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
