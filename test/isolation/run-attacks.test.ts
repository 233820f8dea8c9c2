/** What a hostile function of a `run` can say and not do: the call ends, with an error that has a type, and its process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lock, type RunOptions, run } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import * as attacks from './attacks.ts';
import * as targets from './targets.ts';

const HOSTILE: RunOptions = { permissions: {}, stdio: 'ignore' };

checkLeaks(async () => {
	assert.equal(new Lock().locked(), false);
	await run(targets.hello, ['x'], HOSTILE);
});

const NO_TALES: [string, unknown][] = [
	['nothing', null],
	['no array', { kind: 'value' }],
	['an empty array', []],
	['another word', ['done', 1]],
	['no bytes in place of an error', ['thrown', 'me']],
	['an array that never ends', Array(3)],
];

for (const [what, tale] of NO_TALES) {
	test(`it says ${what}: that is an error, and its end`, async () => {
		await assert.rejects(promptly(run(attacks.tellTales, [tale], HOSTILE)), { name: 'UnpicklingError' });
	});
}

test('an error that is no error is one here', async () => {
	const tale = ['thrown', Uint8Array.of(1, 2, 3)];
	await assert.rejects(promptly(run(attacks.tellTales, [tale], HOSTILE)), { name: 'UnpicklingError' });
});

test('its first answer counts, be it too early, and it does not live on', async () => {
	const tales = [['begun'], ['begun', 1], ['value', 'first'], ['value', 'second']];
	assert.equal(await promptly(run(attacks.tellTales, tales, HOSTILE) as Promise<unknown>), 'first');
});

test('it closes the pipe and stays: it is killed', async () => {
	await assert.rejects(promptly(run(attacks.hangUp, [], HOSTILE)), { name: 'WorkerDiedError', signal: 'SIGKILL' });
});

test('what it says of its own end does no harm', async () => {
	await assert.rejects(promptly(run(attacks.crashBadly, [], HOSTILE)), { name: 'WorkerDiedError', exitCode: 3 });
});
