/** Condition: the lock it needs and gives back, aborts, shared locks, and processes that are killed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Condition, getContext, Lock, RLock } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { end, type Started, start, within } from './children.ts';
import * as targets from './targets.ts';

checkLeaks(async () => {
	const condition = new Condition();
	const waiter = await startWaiter(condition, 'wait');
	await notify(condition);
	await waiter.report.recv();
	await end(waiter);
});

/** A child that waits when this resolves. */
async function startWaiter(condition: Condition, form: 'wait' | 'waitSync'): Promise<Started> {
	const waiter = await start(targets.waitForNotification, [condition, form]);
	assert.equal(await waiter.report.recv(), 'has the lock');
	using _held = await condition.hold(); // which it let go
	return waiter;
}

async function notify(condition: Condition, count = 1): Promise<void> {
	using _held = await condition.hold();
	condition.notify(count);
}

test('wrong arguments are errors that name the call', async () => {
	assert.throws(() => new Condition({} as never), {
		name: 'TypeError',
		message: 'new Condition: lock must be a Lock or an RLock, not object',
	});
	const condition = new Condition();
	using _held = condition.holdSync();
	assert.throws(() => condition.notify('1' as never), { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' });
	assert.throws(() => condition.notify(-1), { name: 'RangeError', code: 'ERR_MP_ARGUMENT_RANGE' });
	assert.throws(() => condition.notify(1.5), { name: 'RangeError' });
	await assert.rejects(condition.wait('1' as never), { name: 'TypeError' });
	await assert.rejects(condition.waitFor(1 as never), {
		message: 'Condition.waitFor: predicate must be a function, not number',
	});
	assert.throws(() => condition.waitForSync(async () => true), {
		message: 'Condition.waitForSync: predicate returned a promise, which cannot be awaited here; use waitFor',
	});
});

test('it is a member of every context', () => {
	assert.equal(getContext().Condition, Condition);
});

for (const make of [() => new Condition(), () => new Condition(new Lock()), () => new Condition(new RLock())]) {
	test(`without the lock nothing can be waited for or notified: ${inspect(make())}`, async () => {
		const condition = make();
		const wrong = {
			name: 'ProcessError',
			code: 'ERR_MP_NOT_OWNER',
			message: /^Condition\.\w+: this thread does not hold/,
		};
		await assert.rejects(condition.wait(), wrong);
		await assert.rejects(
			condition.waitFor(() => true),
			wrong,
		);
		assert.throws(() => condition.waitSync(), wrong);
		assert.throws(() => condition.waitForSync(() => true), wrong);
		assert.throws(() => condition.notify(), wrong);
		assert.throws(() => condition.notifyAll(), wrong);
		assert.throws(() => condition.release(), { name: 'RangeError' });
	});
}

test('while another process holds the lock, nothing can be notified', async () => {
	const condition = new Condition();
	const holder = await start(targets.holdForEver, [condition]);
	assert.equal(await holder.report.recv(), 'has it');
	assert.throws(() => condition.notify(), { code: 'ERR_MP_NOT_OWNER' });
	await end(holder);
});

test('waitFor asks with the lock held, and awaits what it is answered', async () => {
	const condition = new Condition();
	using _held = await condition.hold();
	let answers = 0;
	const predicate = async (): Promise<boolean> => {
		assert.equal(condition.locked(), true);
		return ++answers === 1;
	};
	assert.equal(await condition.waitFor(predicate), true);
	assert.equal(await condition.waitFor(() => false, 20), false);
	assert.equal(
		condition.waitForSync(() => 'something'),
		true,
	);
	assert.equal(
		condition.waitForSync(() => 0, 20),
		false,
	);
});

test('an aborted wait rejects with the reason, has the lock again, and takes no notification away', async () => {
	const condition = new Condition();
	const reason = new Error('enough');
	const abort = new AbortController();
	using _held = await condition.hold();
	await assert.rejects(condition.wait({ signal: AbortSignal.abort(reason) }), reason);
	const aborted = condition.wait({ signal: abort.signal });
	assert.equal(condition.locked(), false);
	await condition.acquire();
	const other = condition.wait();
	abort.abort(reason);
	await assert.rejects(aborted, reason);
	assert.equal(condition.locked(), true);
	condition.notify();
	condition.release();
	assert.equal(await other, true);
});

test('a notification that came before the abort counts', async () => {
	const condition = new Condition();
	const abort = new AbortController();
	await condition.acquire();
	const waiting = condition.wait({ signal: abort.signal });
	await notify(condition);
	abort.abort();
	assert.equal(await waiting, true);
	condition.release();
});

test('waitSync lets go of all levels of a recursive lock, and has them again', async () => {
	const condition = new Condition();
	const notifier = await start(targets.notifyAgainAndAgain, [condition]);
	for (let i = 0; i < 3; i++) condition.acquireSync();
	assert.equal(condition.waitSync(5000), true);
	for (let i = 0; i < 3; i++) condition.release();
	await end(notifier);
	condition.acquireSync(); // it may have been killed with the lock
	condition.release();
	assert.throws(() => condition.release(), { name: 'RangeError' });
});

test('tasks of one thread wait together, each for its own notification', async () => {
	const condition = new Condition();
	const woken: number[] = [];
	const tasks = [1, 2, 3].map(async (number) => {
		using _held = await condition.hold();
		assert.equal(await condition.wait(), true);
		woken.push(number);
	});
	await new Promise(setImmediate);
	await notify(condition, 2);
	while (woken.length < 2) await new Promise(setImmediate);
	await notify(condition, 2);
	await Promise.all(tasks);
	assert.deepEqual(woken.sort(), [1, 2, 3]);
	assert.equal(condition.locked(), false);
});

test('conditions with one lock are notified apart; what they share travels with each', async () => {
	const lock = new Lock();
	const [full, empty] = [new Condition(lock), new Condition(lock)];
	const waiter = await startWaiter(full, 'wait');
	await notify(empty);
	assert.equal(await waiter.report.poll(50), false);
	using _held = await lock.hold();
	full.notifyAll();
	assert.equal(inspect(full), '<Condition(<Lock(owner=MainProcess)>, 0)>');
	lock.release();
	assert.equal(await waiter.report.recv(), true);
	await lock.acquire();
	await end(waiter);
});

for (const form of ['wait', 'waitSync'] as const) {
	test(`a waiter (${form}) that was killed gets no notification; the next one does`, async () => {
		const condition = new Condition();
		const [victim, other] = [await startWaiter(condition, form), await startWaiter(condition, form)];
		victim.child.kill();
		victim.child.joinSync();
		await notify(condition);
		assert.equal(await within(1000, () => other.report.recv()), true);
		await end(other);
		await end(victim);
	});

	test(`a waiter (${form}) that is killed with its notification, before it has the lock, passes it on`, async () => {
		const condition = new Condition();
		const [victim, other] = [await startWaiter(condition, form), await startWaiter(condition, form)];
		const held = await condition.hold();
		condition.notify();
		victim.child.kill();
		victim.child.joinSync();
		held[Symbol.dispose]();
		assert.equal(await within(1000, () => other.report.recv()), true);
		await end(other);
		await end(victim);
	});
}
