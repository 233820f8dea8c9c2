/** CPython's _TestCondition, restated. Rows in MAPPING.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Condition, Lock, Semaphore } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { lasting, type Runner, runners } from './runners.ts';
import * as targets from './sync-targets.ts';

const crews = runners.map(lasting);

checkLeaks(async () => {
	for (const runner of crews) {
		const condition = new Condition();
		const sleeper = await sleepThere(runner, condition, 'wait');
		await notify(condition, 1);
		await sleeper.woken;
		await sleeper.end();
	}
});

interface Sleeper {
	readonly woken: Promise<boolean>;
	end(): Promise<void>;
}

/** Somebody else sleeps when this resolves. */
async function sleepThere(
	runner: Runner,
	condition: Condition,
	form: 'wait' | 'waitSync',
	timeout?: number,
): Promise<Sleeper> {
	const { line, join } = await runner.start(targets.sleepOn, condition, form, timeout);
	assert.equal(await line.recv(), 'about to sleep');
	return {
		woken: line.recv() as Promise<boolean>,
		async end() {
			assert.equal(await join(), 0);
			line.close();
		},
	};
}

/** A task here sleeps when this resolves. */
async function sleepHere(condition: Condition, timeout?: number): Promise<Sleeper> {
	await condition.acquire();
	const sleeping = condition.wait(timeout);
	const wakeUp = async (): Promise<boolean> => {
		const woken = await sleeping;
		condition.release();
		return woken;
	};
	return { woken: wakeUp(), end: async () => {} };
}

async function threeOfEach(runner: Runner, condition: Condition, timeout?: number): Promise<Sleeper[]> {
	const sleepers: Sleeper[] = [];
	for (const form of ['wait', 'waitSync', 'waitSync'] as const) {
		sleepers.push(await sleepThere(runner, condition, form, timeout), await sleepHere(condition, timeout));
	}
	return sleepers;
}

async function notify(condition: Condition, count: number | 'all'): Promise<void> {
	using _held = await condition.hold();
	if (count === 'all') condition.notifyAll();
	else condition.notify(count);
}

/** Resolves to how many have been woken so far, after time in which more might have been. */
async function countWoken(sleepers: Sleeper[]): Promise<number> {
	let count = 0;
	for (const { woken } of sleepers) void woken.then(() => count++);
	await new Promise((resolve) => setTimeout(resolve, 100));
	return count;
}

for (const runner of crews) {
	test(`${runner.name}: of two sleepers each notification wakes one`, async () => {
		const condition = new Condition();
		const sleepers = [await sleepThere(runner, condition, 'waitSync'), await sleepHere(condition)];
		assert.equal(await countWoken(sleepers), 0);
		await notify(condition, 1);
		assert.equal(await sleepers[0]!.woken, true); // it came first
		assert.equal(await countWoken(sleepers), 1);
		await notify(condition, 1);
		assert.equal(await sleepers[1]!.woken, true);
		for (const sleeper of sleepers) await sleeper.end();
	});

	test(`${runner.name}: six sleepers time out on their own; six others all wake on notifyAll`, async () => {
		const condition = new Condition();
		const timed = await threeOfEach(runner, condition, 100);
		assert.deepEqual(await Promise.all(timed.map(({ woken }) => woken)), Array(6).fill(false));
		const sleepers = await threeOfEach(runner, condition);
		assert.equal(await countWoken(sleepers), 0);
		await notify(condition, 'all');
		assert.deepEqual(await Promise.all(sleepers.map(({ woken }) => woken)), Array(6).fill(true));
		for (const sleeper of [...timed, ...sleepers]) await sleeper.end();
	});

	test(`${runner.name}: notify(2) wakes two of six, notify(4) the rest, notify(3) then nobody`, async () => {
		const condition = new Condition();
		const sleepers = await threeOfEach(runner, condition);
		await notify(condition, 2);
		await Promise.all(sleepers.slice(0, 2).map(({ woken }) => woken));
		assert.equal(await countWoken(sleepers), 2);
		await notify(condition, 4);
		await Promise.all(sleepers.map(({ woken }) => woken));
		await notify(condition, 3);
		const late = await sleepHere(condition, 50);
		assert.equal(await late.woken, false);
		for (const sleeper of sleepers) await sleeper.end();
	});

	for (const form of ['waitFor', 'waitForSync'] as const) {
		test(`${runner.name}: ${form} there sees what is changed here`, async () => {
			const condition = new Condition();
			const state = new Semaphore(0);
			const { line, join } = await runner.start(targets.waitForFour, condition, form, state);
			assert.equal(await line.recv(), true);
			for (let i = 0; i < 4; i++) {
				using _held = await condition.hold();
				state.release();
				condition.notify();
			}
			assert.equal(await line.recv(), true);
			assert.equal(await join(), 0);
			line.close();
		});

		test(`${runner.name}: ${form} there is false after its whole timeout, though it was notified meanwhile`, async () => {
			const condition = new Condition();
			const state = new Semaphore(0);
			const { line, join } = await runner.start(targets.waitForFive, condition, form, state, 300);
			assert.equal(await line.recv(), 'about to sleep');
			for (let i = 0; i < 3; i++) {
				using _held = await condition.hold();
				state.release();
				condition.notify();
			}
			const [came, waited] = (await line.recv()) as [boolean, number];
			assert.equal(came, false);
			assert.ok(waited >= 299, `${waited} ms`);
			assert.equal(await join(), 0);
			line.close();
		});
	}
}

test('a timed wait is false, not before the timeout', async () => {
	for (const condition of [new Condition(), new Condition(new Lock())]) {
		using _held = await condition.hold();
		const start = performance.now();
		assert.equal(await condition.wait(50), false);
		assert.equal(condition.waitSync(50), false);
		assert.ok(performance.now() - start >= 99);
		assert.equal(await condition.wait(0), false);
		assert.equal(condition.waitSync(-1), false);
		assert.equal(condition.locked(), true);
	}
});

test('a wait is true when it was notified', async () => {
	const condition = new Condition();
	const sleeper = await sleepHere(condition);
	await notify(condition, 1);
	assert.equal(await sleeper.woken, true);
});
