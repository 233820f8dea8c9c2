/** CPython's _TestEvent, restated. Rows in MAPPING.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Event } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { type Runner, type Running, runners } from './runners.ts';
import * as targets from './sync-targets.ts';

checkLeaks(async () => {
	for (const runner of runners) {
		const event = new Event();
		const setting = await startSetter(runner, event);
		await setting.line.send('set it');
		await event.wait();
		await finish(setting);
	}
});

async function startSetter(runner: Runner, event: Event): Promise<Running> {
	const setting = await runner.start(targets.setWhenTold, event);
	assert.equal(await setting.line.recv(), 'ready');
	return setting;
}

async function finish({ line, join }: Running): Promise<void> {
	assert.equal(await join(), 0);
	line.close();
}

test('an event that is not set is waited for until the timeout, one that is set is not', async () => {
	const event = new Event();
	assert.equal(event.isSet(), false);
	for (const form of ['wait', 'waitSync'] as const) {
		assert.equal(await event[form](0), false);
		const start = performance.now();
		assert.equal(await event[form](60), false);
		assert.ok(performance.now() - start >= 59);
	}
	event.set();
	assert.equal(event.isSet(), true);
	for (const form of ['wait', 'waitSync'] as const) {
		assert.equal(await event[form](), true);
		assert.equal(await event[form](0), true);
		assert.equal(await event[form](1000), true);
	}
	event.clear();
	assert.equal(event.isSet(), false);
	assert.equal(await event.wait(0), false);
});

test('the text form shows whether it is set', () => {
	const event = new Event();
	assert.equal(inspect(event), '<Event unset>');
	event.set();
	assert.equal(inspect(event), '<Event set>');
});

for (const runner of runners) {
	for (const form of ['wait', 'waitSync'] as const) {
		test(`${runner.name}: what is set there releases a waiter here (${form})`, async () => {
			const event = new Event();
			event.set();
			event.clear();
			const setting = await startSetter(runner, event);
			await setting.line.send('set it');
			assert.equal(await event[form](), true);
			assert.equal(event.isSet(), true);
			await finish(setting);
		});
	}
}
