/** A process with permissions is a process like any other: what it knows of itself, how it is started, how it ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Process, Queue, run } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';
import { CAUGHT, outcomeOf } from '../process/outcome.ts';
import { Reporter } from './reporter.ts';
import * as targets from './targets.ts';

const CONFINED = { permissions: {} } as const;

checkLeaks(() => run(targets.hello, ['x'], CONFINED));

test('it knows its name, its parent and its place', async () => {
	const seen = await run(targets.lookAround, [], { ...CONFINED, name: 'guest' });
	const { parent, ...rest } = seen;
	assert.deepEqual(parent, ['MainProcess', process.pid, true]);
	assert.deepEqual(rest, { name: 'guest', active: 0, isMain: false, joining: 'ERR_MP_CONFINED' });
});

test('an object of a subclass travels with its fields, its queue too, into an empty environment', async () => {
	const queue = new Queue<unknown>();
	const reporter = new Reporter(7, queue);
	await reporter.start();
	assert.deepEqual(await queue.get(), { count: 7, name: 'reporter', isReporter: true, environment: [] });
	assert.equal(await reporter.join(), 0);
});

test('it ends as any process ends', async () => {
	for (const [target, args, code] of [
		[targets.hello, ['x'], 0],
		[targets.exit, [3], 3],
		[targets.throwRange, [], 1],
		[targets.unsettled, [], 13],
	] as const) {
		const child = new Process({ target: target as never, args: args as never, stdio: CAUGHT, ...CONFINED });
		const { code: seen, stderr } = await outcomeOf(child as Process);
		assert.equal(seen, code, stderr);
		if (target === targets.throwRange) assert.match(stderr, /RangeError: too far\n/);
	}
});

test('a program that forgets one that is a daemon ends, and so does the process', async () => {
	const { lines, stderr, code } = await runProgram(fixturePath('isolation/forgets.mjs'));
	assert.deepEqual([stderr, code], ['', 0]);
	assert.throws(() => process.kill(Number(lines[0]), 0), { code: 'ESRCH' });
});
