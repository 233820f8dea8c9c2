/** Deadlocks are found and named, what only looks like one is not, and the graph shows who waits for whom. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeadlockEdge, DeadlockError, Event, getContext, Lock, RLock, Semaphore, waitGraph } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { threadRunner } from '../parity/runners.ts';
import { end, type Started, start, within } from './children.ts';
import * as targets from './targets.ts';

/** Milliseconds within which a deadlock is found. */
const LIMIT = 2000;

checkLeaks(async () => {
	const event = new Event();
	const waiter = await start(targets.waitForEvent, [event, 'async']);
	event.set();
	await waiter.report.recv();
	await end(waiter);
});

/** Children in a circle: each has one lock and wants the next one's. The last to want it is the last of them. */
async function startCircle(locks: targets.AnyLock[], form: 'sync' | 'async'): Promise<Started[]> {
	const circle: Started[] = [];
	for (const [i, lock] of locks.entries()) {
		const next = locks[(i + 1) % locks.length]!;
		const started = await start(targets.takeThenWant, [lock, next, form]);
		assert.equal(await started.report.recv(), 'has one');
		circle.push(started);
	}
	for (const { report, child } of circle) {
		await report.send('go on');
		while (!waitGraph().waits.some(({ pid, waitsFor }) => pid === child.pid && waitsFor.includes('Lock'))) {
			await new Promise(setImmediate);
		}
	}
	return circle;
}

for (const Kind of [Lock, RLock]) {
	for (const count of [2, 3]) {
		test(`of ${count} processes in a circle of ${Kind.name}s the youngest waiter gets an error that names them all`, async () => {
			const locks = Array.from({ length: count }, () => new Kind());
			const circle = await startCircle(locks, 'sync');
			const answer = (await within(LIMIT, () => circle.at(-1)!.report.recv())) as DeadlockError;
			assert.equal(answer.name, 'DeadlockError');
			assert.equal(answer.code, 'ERR_MP_DEADLOCK');
			assert.ok(answer instanceof DeadlockError);
			const pids = circle.map(({ child }) => child.pid).sort();
			assert.deepEqual(answer.cycle.map(({ pid }) => pid).sort(), pids);
			for (const [i, edge] of answer.cycle.entries()) {
				const next = answer.cycle[(i + 1) % count] as DeadlockEdge;
				assert.equal(edge.heldBy, next.process);
				assert.match(edge.waitsFor, new RegExp(`^${Kind.name}-\\d+$`));
				assert.ok(answer.message.includes(`${edge.process} (pid ${edge.pid}) waits for ${edge.waitsFor}`));
			}
			for (const { child, report } of circle.slice(0, -1).reverse()) {
				assert.equal(await report.recv(), 'has both'); // the others go on, one after the other
				assert.equal(await child.join(), 0);
				report.close();
			}
			await end(circle.at(-1)!);
		});
	}
}

test('of two worker threads of one process, too, and they are told apart', async () => {
	const [one, other] = [new Lock(), new Lock()];
	const circle = await Promise.all([
		threadRunner.start(targets.takeThenWant, one, other, 'sync'),
		threadRunner.start(targets.takeThenWant, other, one, 'sync'),
	]);
	for (const { line } of circle) assert.equal(await line.recv(), 'has one');
	for (const { line } of circle) await line.send('go on');
	const answers = await within(LIMIT, () => Promise.all(circle.map(({ line }) => line.recv())));
	const error = answers.find((answer) => answer instanceof DeadlockError);
	assert.ok(error !== undefined && answers.includes('has both'));
	const names = error.cycle.map(({ process }) => process);
	assert.equal(new Set(names).size, 2);
	for (const name of names) assert.match(name, /^MainProcess\|/);
	assert.deepEqual(
		error.cycle.map(({ heldBy }) => heldBy),
		names.reverse(),
	);
	for (const { join, line } of circle) {
		assert.equal(await join(), 0);
		line.close();
	}
});

test('a thread that waits for its own Lock gets the error, and has the lock still', async () => {
	const lock = new Lock();
	lock.acquireSync();
	await within(LIMIT, () =>
		assert.throws(() => lock.acquireSync(), {
			name: 'DeadlockError',
			message: /^Deadlock: MainProcess \(pid \d+\) waits for Lock-\d+, held by MainProcess\. This wait, the youngest/,
		}),
	);
	assert.equal(lock.locked(), true);
	lock.release();
	assert.equal(await lock.acquire({ block: false }), true);
});

test('a wait with a timeout is no deadlock: it ends by itself', () => {
	const lock = new Lock();
	lock.acquireSync();
	assert.equal(lock.acquireSync({ timeout: 1500 }), false);
});

test('waiting for a holder that is only slow is no deadlock', async () => {
	const [mine, theirs] = [new Lock(), new Lock()];
	const slow = await start(targets.holdFor, [theirs, 1500]);
	assert.equal(await slow.report.recv(), 'has it');
	mine.acquireSync();
	assert.equal(theirs.acquireSync(), true);
	await slow.child.join();
	await end(slow);
});

test('tasks of one thread that wait for each other are no deadlock', async () => {
	const lock = new Lock();
	const warnings: Error[] = [];
	const note = (warning: Error): number => warnings.push(warning);
	process.on('warning', note);
	await lock.acquire();
	const waiting = lock.acquire();
	await new Promise((resolve) => setTimeout(resolve, 1500));
	lock.release();
	assert.equal(await waiting, true);
	process.off('warning', note);
	assert.deepEqual(warnings, []);
});

test('a circle with a process that waits in its event loop is a warning there, and no error', async () => {
	const [mine, theirs] = [new Lock(), new Lock()];
	const other = await start(targets.takeThenWant, [theirs, mine, 'sync']);
	assert.equal(await other.report.recv(), 'has one');
	await mine.acquire();
	const warned = new Promise<Error & { code?: string }>((resolve) => process.once('warning', resolve));
	await other.report.send('go on');
	const waiting = theirs.acquire();
	const warning = await within(LIMIT, () => warned);
	assert.equal(warning.name, 'DeadlockWarning');
	assert.equal(warning.code, 'ERR_MP_DEADLOCK');
	assert.match(
		warning.message,
		/^Perhaps a deadlock: MainProcess \(pid \d+\) waits for Lock-\d+, held by Process-\d+;/,
	);
	mine.release();
	assert.equal(await other.report.recv(), 'has both');
	assert.equal(await waiting, true);
	await other.child.join();
	await end(other);
});

test('waitGraph() tells who waits for what, in which form, and who holds which lock', async () => {
	assert.equal(getContext().waitGraph, waitGraph);
	const [lock, semaphore] = [new RLock(), new Semaphore(0)];
	const before = waitGraph();
	lock.acquireSync();
	const waiter = await start(targets.waitFor, [lock, 'sync']);
	assert.equal(await waiter.report.recv(), 'waits');
	const permit = semaphore.acquire();
	let graph = waitGraph();
	while (!graph.waits.some(({ pid }) => pid === waiter.child.pid)) {
		await new Promise(setImmediate);
		graph = waitGraph();
	}
	const held = graph.held.find(({ lock }) => !before.held.some((earlier) => earlier.lock === lock));
	assert.deepEqual(held, { lock: held?.lock, process: 'MainProcess', pid: process.pid });
	assert.match(held?.lock ?? '', /^RLock-\d+$/);
	assert.deepEqual(
		graph.waits.find(({ pid }) => pid === waiter.child.pid),
		{ process: waiter.child.name, pid: waiter.child.pid, waitsFor: held?.lock, heldBy: 'MainProcess', form: 'sync' },
	);
	const mine = graph.waits.find(({ waitsFor }) => waitsFor.startsWith('Semaphore-'));
	assert.deepEqual([mine?.process, mine?.heldBy, mine?.form], ['MainProcess', null, 'async']);
	semaphore.release();
	await permit;
	lock.release();
	assert.deepEqual(await waiter.report.recv(), [true, false]);
	await waiter.child.join();
	await end(waiter);
	// Locks of earlier tests may have been collected meanwhile.
	const left = waitGraph().held.filter(({ lock: name }) => !before.held.some((earlier) => earlier.lock === name));
	assert.deepEqual(left, []);
});
