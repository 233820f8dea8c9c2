/** Barrier: arguments, aborts, actions that fail, and parties that are killed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Barrier, Event, getContext } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { end, type Started, start, within } from './children.ts';
import * as targets from './targets.ts';

checkLeaks(async () => {
	const barrier = new Barrier(2);
	const party = await startParty(barrier, 'wait');
	await barrier.wait();
	await end(party);
});

/** A child that waits when this resolves, as the only one or one of so many. */
async function startParty(barrier: Barrier, form: 'wait' | 'waitSync', waiting = 1): Promise<Started> {
	const party = await start(targets.waitAtBarrier, [barrier, form]);
	while (barrier.nWaiting < waiting) await new Promise(setImmediate);
	return party;
}

const BROKEN = { name: 'BrokenBarrierError', code: 'ERR_MP_BROKEN_BARRIER' };

test('wrong arguments are errors that name them', async () => {
	for (const [args, name, message] of [
		[['2'], 'TypeError', 'new Barrier: parties must be a number, not string'],
		[[0], 'RangeError', 'new Barrier: parties must be a whole number from 1 to 1073741823, not 0'],
		[[1.5], 'RangeError', /not 1\.5/],
		[[2, 5], 'TypeError', 'new Barrier: options must be an object {action, timeout}'],
		[[2, { timout: 5 }], 'TypeError', 'new Barrier: unknown option "timout"; there are action, timeout'],
		[[2, { action: 5 }], 'TypeError', 'new Barrier: action must be a function, not number'],
		[[2, { timeout: 'x' }], 'TypeError', /timeout must be a number of milliseconds/],
	] as const) {
		assert.throws(() => new Barrier(...(args as unknown as [number])), { name, message });
	}
	await assert.rejects(new Barrier(2).wait('x' as never), { name: 'TypeError' });
});

test('it is a member of every context, and is inspected with who waits', async () => {
	assert.equal(getContext().Barrier, Barrier);
	const barrier = new Barrier(2);
	assert.equal(barrier.parties, 2);
	const waiting = barrier.wait();
	assert.equal(inspect(barrier), '<Barrier(waiting=1, parties=2)>');
	barrier.abort();
	await assert.rejects(waiting, BROKEN);
	assert.equal(inspect(barrier), '<Barrier(broken, parties=2)>');
});

test('an aborted wait rejects with the reason, and its party has not come', async () => {
	const barrier = new Barrier(2);
	const reason = new Error('enough');
	await assert.rejects(barrier.wait({ signal: AbortSignal.abort(reason) }), reason);
	const abort = new AbortController();
	const aborted = barrier.wait({ signal: abort.signal });
	assert.equal(barrier.nWaiting, 1);
	abort.abort(reason);
	await assert.rejects(aborted, reason);
	assert.deepEqual([barrier.nWaiting, barrier.broken], [0, false]);
	assert.deepEqual(await Promise.all([barrier.wait(), barrier.wait()]), [0, 1]);
});

test('an action that fails breaks the barrier: its party gets the error, the others are told', async () => {
	const failing = [
		() => {
			throw new Error('no');
		},
		async () => Promise.reject(new Error('no')),
	];
	for (const action of failing) {
		const barrier = new Barrier(2, { action });
		const other = assert.rejects(barrier.wait(), BROKEN);
		await assert.rejects(barrier.wait(), { message: 'no' });
		await other;
		assert.equal(barrier.broken, true);
	}
});

test('an action may be awaited by the others, and who comes meanwhile is of the next round', async () => {
	let finish = (): void => undefined;
	const acting = new Promise<void>((resolve) => {
		finish = resolve;
	});
	let acted = 0;
	const barrier = new Barrier(2, {
		action: async () => {
			acted++;
			await acting;
		},
	});
	const first = [barrier.wait(), barrier.wait()];
	const second = [barrier.wait(), barrier.wait()];
	await new Promise(setImmediate);
	assert.equal(acted, 1);
	finish();
	assert.deepEqual((await Promise.all(first)).sort(), [0, 1]);
	assert.deepEqual((await Promise.all(second)).sort(), [0, 1]);
	assert.equal(acted, 2);
	const other = assert.rejects(barrier.wait(), BROKEN);
	assert.throws(() => barrier.waitSync(), { name: 'TypeError', message: /returned a promise/ });
	await other;
});

test('a reset while a party acts breaks that round, and the next one can be met', async () => {
	let finish = (): void => undefined;
	const barrier = new Barrier(2, {
		action: () =>
			new Promise<void>((resolve) => {
				finish = resolve;
			}),
	});
	const broken = [assert.rejects(barrier.wait(), BROKEN), assert.rejects(barrier.wait(), BROKEN)];
	await new Promise(setImmediate);
	barrier.reset();
	finish();
	await Promise.all(broken);
	const next = [barrier.wait(), barrier.wait()];
	await new Promise(setImmediate);
	finish();
	assert.deepEqual((await Promise.all(next)).sort(), [0, 1]);
});

for (const form of ['wait', 'waitSync'] as const) {
	test(`a party (${form}) that is killed is forgotten: the others meet without it`, async () => {
		const barrier = new Barrier(3);
		const victim = await startParty(barrier, form);
		const other = await startParty(barrier, form, 2);
		victim.child.kill();
		victim.child.joinSync();
		assert.equal(barrier.nWaiting, 1);
		const third = await start(targets.waitAtBarrier, [barrier, form]);
		assert.equal((await within(5000, () => barrier.wait())) >= 0, true);
		assert.equal(typeof (await within(1000, () => other.report.recv())), 'number');
		assert.equal(typeof (await within(1000, () => third.report.recv())), 'number');
		for (const started of [victim, other, third]) await end(started);
	});

	test(`a party that is killed while it acts breaks the barrier for those who wait (${form}) within a second`, async () => {
		const acts = new Event();
		const barrier = new Barrier(2, { action: () => targets.actForEver(acts) });
		const other = await startParty(barrier, form);
		const leader = await start(targets.waitAtBarrier, [barrier, 'wait']);
		await acts.wait();
		leader.child.kill();
		assert.equal(await within(1000, () => other.report.recv()), 'BrokenBarrierError');
		assert.equal(barrier.broken, true);
		await end(leader);
		await end(other);
	});
}
