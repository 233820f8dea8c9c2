/** CPython's _TestBarrier, restated, with five parties. Rows in MAPPING.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Barrier, Semaphore } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { lasting, type Runner, type Running, runners } from './runners.ts';
import * as targets from './sync-targets.ts';

const PARTIES = 5;

const crews = runners.map(lasting);

checkLeaks(async () => {
	for (const runner of crews) {
		const barrier = new Barrier(2);
		const others = await startOthers(runner, barrier, 1);
		await together(others, barrier, 'wait');
		await dismiss(others);
	}
});

async function startOthers(runner: Runner, barrier: Barrier, count = PARTIES - 1): Promise<Running[]> {
	return Promise.all(Array.from({ length: count }, () => runner.start(targets.obeyAt, barrier)));
}

async function dismiss(others: Running[]): Promise<void> {
	for (const { line, join } of others) {
		await line.send('go');
		line.close();
		assert.equal(await join(), 0);
	}
}

/** What came of a step there; all are told before anybody is heard. */
async function tell(others: Running[], what: targets.Step, timeout?: number): Promise<unknown[]> {
	for (const { line } of others) await line.send([what, timeout]);
	return Promise.all(others.map(({ line }) => line.recv()));
}

/** Everybody comes, this process last in its own turn; the indices, or names of errors. */
async function together(others: Running[], barrier: Barrier, form: 'wait' | 'waitSync'): Promise<unknown[]> {
	const theirs = tell(others, form);
	const mine = barrier.wait().catch((error: Error) => error.name);
	return [await mine, ...(await theirs)];
}

async function untilWaiting(barrier: Barrier, count: number): Promise<void> {
	while (barrier.nWaiting < count) await new Promise(setImmediate);
}

test('a barrier of one party never blocks', async () => {
	const barrier = new Barrier(1);
	assert.equal(await barrier.wait(), 0);
	assert.equal(barrier.waitSync(), 0);
	assert.equal(barrier.nWaiting, 0);
});

for (const runner of crews) {
	for (const form of ['wait', 'waitSync'] as const) {
		for (const rounds of [1, 10]) {
			test(`${runner.name}: five parties pass ${rounds} in lockstep (${form}), and nobody waits afterwards`, async () => {
				await meetInLockstep(runner, form, rounds);
			});
		}
	}

	test(`${runner.name}: a thousand rounds of five parties, each complete before the next`, async () => {
		await meetInLockstep(runner, 'waitSync', 1000);
	});

	test(`${runner.name}: each round exactly one party gets each index`, async () => {
		const barrier = new Barrier(PARTIES);
		const others = await startOthers(runner, barrier);
		for (const form of ['wait', 'waitSync', 'wait'] as const) {
			assert.deepEqual((await together(others, barrier, form)).sort(), [0, 1, 2, 3, 4]);
		}
		await dismiss(others);
	});

	test(`${runner.name}: the action runs once a round, before anybody goes on`, async () => {
		const acted = new Semaphore(0);
		const barrier = new Barrier(PARTIES, { action: () => acted.release() });
		const others = await startOthers(runner, barrier);
		for (const round of [1, 2, 3]) {
			await together(others, barrier, round === 2 ? 'waitSync' : 'wait');
			assert.equal(acted.getValue(), round);
		}
		await dismiss(others);
	});

	test(`${runner.name}: an abort makes everybody who waits or comes fail, and leaves the barrier broken`, async () => {
		const barrier = new Barrier(PARTIES);
		const others = await startOthers(runner, barrier);
		const [aborter, ...waiting] = others as [Running, ...Running[]];
		const failing = tell(waiting, 'waitSync');
		const mine = assert.rejects(barrier.wait(), { name: 'BrokenBarrierError', code: 'ERR_MP_BROKEN_BARRIER' });
		await untilWaiting(barrier, PARTIES - 1);
		assert.deepEqual(await tell([aborter], 'abort'), ['done']);
		assert.deepEqual(await failing, Array(PARTIES - 2).fill('BrokenBarrierError'));
		await mine;
		assert.equal(barrier.broken, true);
		assert.deepEqual(await tell(others, 'wait'), Array(PARTIES - 1).fill('BrokenBarrierError'));
		assert.equal(barrier.nWaiting, 0);
		await dismiss(others);
	});

	test(`${runner.name}: a reset makes who waits fail, then all five can meet`, async () => {
		const barrier = new Barrier(PARTIES);
		const others = await startOthers(runner, barrier);
		const waiting = others.slice(1);
		const failing = tell(waiting, 'wait');
		await untilWaiting(barrier, PARTIES - 2);
		assert.deepEqual(await tell(others.slice(0, 1), 'reset'), ['done']);
		assert.deepEqual(await failing, Array(PARTIES - 2).fill('BrokenBarrierError'));
		assert.equal(barrier.broken, false);
		assert.deepEqual((await together(others, barrier, 'waitSync')).sort(), [0, 1, 2, 3, 4]);
		await dismiss(others);
	});

	test(`${runner.name}: a broken barrier can be used again after a reset`, async () => {
		const barrier = new Barrier(PARTIES);
		const others = await startOthers(runner, barrier);
		barrier.abort();
		assert.deepEqual(await tell(others, 'waitSync'), Array(PARTIES - 1).fill('BrokenBarrierError'));
		barrier.reset();
		assert.equal(barrier.broken, false);
		assert.deepEqual((await together(others, barrier, 'wait')).sort(), [0, 1, 2, 3, 4]);
		await dismiss(others);
	});

	for (const [title, call, options] of [
		['a timed wait', 100, {}],
		['the timeout of the constructor', undefined, { timeout: 100 }],
	] as const) {
		test(`${runner.name}: ${title} fails for all five when one is late`, async () => {
			const barrier = new Barrier(PARTIES, options);
			const others = await startOthers(runner, barrier);
			assert.deepEqual(await tell(others, 'wait', call), Array(PARTIES - 1).fill('BrokenBarrierError'));
			assert.equal(barrier.broken, true);
			await assert.rejects(barrier.wait(), { name: 'BrokenBarrierError' });
			await dismiss(others);
		});
	}
}

async function meetInLockstep(runner: Runner, form: 'wait' | 'waitSync', rounds: number): Promise<void> {
	const barrier = new Barrier(PARTIES);
	const arrivals = new Semaphore(0);
	const parties = await Promise.all(
		Array.from({ length: PARTIES }, () => runner.start(targets.meet, barrier, form, rounds, arrivals)),
	);
	for (const { line, join } of parties) {
		assert.equal(await line.recv(), rounds);
		assert.equal(await join(), 0);
		line.close();
	}
	assert.equal(barrier.nWaiting, 0);
	assert.equal(barrier.broken, false);
}
