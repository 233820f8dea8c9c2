/** Event: whom a set releases, aborts, `wait()` among other things, and processes that are killed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event, getContext, Pipe, wait, waitSync } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { end, type Started, start, within } from './children.ts';
import * as targets from './targets.ts';

checkLeaks(async () => {
	const event = new Event();
	const waiter = await startWaiter(event, 'async');
	event.set();
	await waiter.report.recv();
	await end(waiter);
});

async function startWaiter(event: Event, form: 'async' | 'sync'): Promise<Started> {
	const waiter = await start(targets.waitForEvent, [event, form]);
	assert.equal(await waiter.report.recv(), 'waits');
	return waiter;
}

test('wrong arguments are errors that name the call', async () => {
	await assert.rejects(new Event().wait('1' as never), { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' });
	assert.throws(() => new Event().waitSync(Number.NaN), { name: 'RangeError' });
	await assert.rejects(new Event().wait({ signal: 1 as never }), {
		message: 'Event.wait: signal must be an AbortSignal',
	});
});

test('it is a member of every context', () => {
	assert.equal(getContext().Event, Event);
});

test('an aborted wait rejects with the reason, the others are released', async () => {
	const event = new Event();
	const reason = new Error('enough');
	await assert.rejects(event.wait({ signal: AbortSignal.abort(reason) }), reason);
	const abort = new AbortController();
	const aborted = event.wait({ signal: abort.signal });
	const other = event.wait();
	abort.abort(reason);
	await assert.rejects(aborted, reason);
	event.set();
	assert.equal(await other, true);
});

test('set releases every task that waits, though clear follows in the same turn; who comes later waits', async () => {
	const event = new Event();
	const waiting = [1, 2, 3].map(() => event.wait());
	event.set();
	event.clear();
	assert.deepEqual(await Promise.all(waiting), [true, true, true]);
	assert.equal(await event.wait(20), false);
});

test('set releases whoever waits in another process, though clear follows at once; a hundred times', async () => {
	const event = new Event();
	const setter = await start(targets.setAndClear, [event]);
	for (let round = 0; round < 100; round++) {
		const waiting = [event.wait(), event.wait(5000)];
		await setter.report.send('now');
		assert.deepEqual(await Promise.all(waiting), [true, true]);
		assert.equal(await setter.report.recv(), 'cleared');
		assert.equal(event.isSet(), false);
	}
	await end(setter);
});

for (const form of ['async', 'sync'] as const) {
	test(`a waiter (${form}) that is killed keeps nobody else waiting`, async () => {
		const event = new Event();
		const [victim, other] = [await startWaiter(event, form), await startWaiter(event, form)];
		victim.child.kill();
		event.set();
		assert.equal(await within(1000, () => other.report.recv()), true);
		await end(other);
		await end(victim);
		event.clear();
		assert.equal(await event.wait(1), false);
		event.set();
		assert.equal(await event.wait(), true);
	});
}

test('wait() is told of an event among other things, also when it was cleared at once', async () => {
	const [event, other] = [new Event(), new Event()];
	const [here, there] = Pipe();
	const waiting = wait([other, here, event]);
	event.set();
	event.clear();
	assert.deepEqual(await wait([event, other], 0), []);
	assert.deepEqual(await waiting, [event]);
	event.set();
	assert.deepEqual(await wait([other, event]), [event]);
	assert.deepEqual(waitSync([other, event, here], 1000), [event]);
	assert.deepEqual(waitSync([other, here], 10), []);
	here.close();
	there.close();
});
