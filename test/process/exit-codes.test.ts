/** How a child can end, and what its parent and its stderr are told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Process } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';
import { run } from './outcome.ts';
import * as targets from './targets.ts';

checkLeaks(() => run({ target: targets.doNothing }));

for (const [given, seen] of [
	[0, 0],
	[1, 1],
	[44, 44],
	[256, 0],
	[300, 44],
	[-1, 255],
] as const) {
	test(`process.exit(${given}) and process.exitCode = ${given} give ${seen}`, async () => {
		for (const target of [targets.exit, targets.setExitCode]) {
			assert.equal((await run({ target, args: [given] })).code, seen);
		}
	});
}

test('process.exit() without a code is a good end', async () => {
	assert.equal((await run({ target: targets.exit })).code, 0);
});

for (const target of [targets.fail, targets.failLater, targets.failInTimer, targets.rejectUnheard]) {
	test(`${target.name}: an uncaught error is exit code 1 and the whole traceback on stderr`, async () => {
		const { code, stderr } = await run({ target: target as (message: string) => unknown, args: ['too far'] });
		assert.equal(code, 1);
		assert.match(stderr, /RangeError: too far\n/);
		assert.match(stderr, /at .*\b(?:fail|rejectUnheard)\b.*targets\.js:\d+/);
		assert.equal(stderr.split('RangeError: too far').length, 2, 'said once');
		if (target !== targets.rejectUnheard) assert.match(stderr, /\[cause\]: Error: the cause/);
	});
}

test('the message about an uncaught error names the process', async () => {
	const { stderr } = await run({ target: targets.fail, args: ['x'], name: 'Ada' });
	assert.match(stderr, /^Process Ada:\nRangeError: x/);
});

test('what is thrown need not be an Error', async () => {
	const { code, stderr } = await run({ target: targets.throwText });
	assert.deepEqual([code, stderr.includes('just text')], [1, true]);
});

test('a program that handles uncaught errors handles those of its target', async () => {
	const { code, told } = await run({ target: targets.surviveErrors });
	assert.deepEqual([code, told], [0, ['survived']]);
});

test('a run that can never settle is not taken for a good end', async () => {
	const { code, stderr } = await run({ target: targets.neverSettles });
	assert.equal(code, 13);
	assert.match(stderr, /run\(\) returned a promise that nothing is left to settle/);
});

test('a child waits for its own pending work', async () => {
	const { code, told } = await run({ target: targets.finishLater });
	assert.deepEqual([code, told], [0, ['the pending work is done']]);
});

for (const [signal, code] of [
	['SIGKILL', -9],
	['SIGTERM', -15],
	['SIGINT', -2],
	['SIGSEGV', -11],
] as const) {
	test(`a child killed by ${signal} has the exit code ${code}, blocking or not`, async () => {
		const child = new Process({ target: targets.killYourself, args: [signal] });
		await child.start();
		assert.equal(await child.join(), code);
		const other = new Process({ target: targets.killYourself, args: [signal] });
		await other.start();
		assert.equal(other.joinSync(), code);
	});
}

for (const [call, code] of [
	['interrupt', -2],
	['terminate', -15],
	['kill', -9],
] as const) {
	test(`${call}() ends a child in an endless loop with ${code}`, async () => {
		const child = new Process({ target: targets.spin });
		await child.start();
		child[call]();
		assert.equal(await child.join(), code);
	});

	test(`${call}({tree: true}) ends its children too`, async () => {
		const child = new Process({ target: targets.idleWithChild, stdio: ['ignore', 'pipe', 'inherit'] });
		await child.start();
		const grandchild = await new Promise<number>((resolve) =>
			child.stdout?.once('data', (pid) => resolve(Number(pid))),
		);
		child[call]({ tree: true });
		assert.equal(await child.join(), code);
		await gone(grandchild);
	});
}

test('kill({tree: true}) spares the fork server that the tree has started, and what that has made for others', async () => {
	const { lines, stderr, code } = await runProgram(fixturePath('process/kills-starter.mjs'));
	assert.deepEqual([lines, stderr, code], [['starter: -9', 'own: true', 'more: 2', 'own: -9'], '', 0]);
});

/** Ends once the process is gone, or a zombie that its new parent is about to reap. */
async function gone(pid: number): Promise<void> {
	const { readFileSync } = await import('node:fs');
	for (;;) {
		try {
			if (/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) return;
		} catch {
			return;
		}
		await new Promise((resolve) => setImmediate(resolve));
	}
}
