/** A lock whose holder died goes to whoever waits for it, or comes next; waiters that die are forgotten. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, Lock, Pipe, Process, RLock } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './targets.ts';

/** Milliseconds within which a dead holder's lock is to be had. */
const LIMIT = 1000;

checkLeaks(async () => {
	const lock = new Lock();
	const holder = await startHolder(lock);
	const waiting = lock.acquire();
	await end(holder);
	await waiting;
	lock.release();
});

interface Started {
	readonly child: Process;
	readonly report: Connection;
}

async function start(target: (...args: never[]) => unknown, args: unknown[], more: unknown[] = []): Promise<Started> {
	const [report, theirs] = Pipe();
	const child = new Process({ target: target as () => void, args: [...args, theirs, ...more] as never });
	await child.start();
	theirs.close();
	return { child, report };
}

async function startHolder(lock: targets.AnyLock): Promise<Started> {
	const holder = await start(targets.holdForEver, [lock]);
	assert.equal(await holder.report.recv(), 'has it');
	return holder;
}

async function startWaiter(lock: targets.AnyLock, form: 'async' | 'sync', timeout?: number): Promise<Started> {
	const waiter = await start(targets.waitFor, [lock, form], timeout === undefined ? [] : [timeout]);
	assert.equal(await waiter.report.recv(), 'waits');
	return waiter;
}

async function end({ child, report }: Started): Promise<void> {
	child.kill();
	await child.join();
	report.close();
}

async function within<T>(limit: number, wait: () => T | Promise<T>): Promise<T> {
	const begin = performance.now();
	const result = await wait();
	assert.ok(performance.now() - begin < limit, `it took ${performance.now() - begin} ms`);
	return result;
}

for (const Kind of [Lock, RLock]) {
	for (const form of ['async', 'sync'] as const) {
		test(`${Kind.name}: a waiter (${form}) here gets it when the holder is killed, and is told until it releases it`, async () => {
			const lock = new Kind();
			const holder = await startHolder(lock);
			const waiting = form === 'async' ? lock.acquire() : undefined;
			holder.child.kill();
			assert.equal(await within(LIMIT, () => waiting ?? lock.acquireSync()), true);
			assert.equal(lock.ownerDied, true);
			lock.release();
			assert.equal(lock.ownerDied, false);
			assert.equal(await lock.acquire(), true);
			assert.equal(lock.ownerDied, false);
			lock.release();
			await end(holder);
		});

		test(`${Kind.name}: a waiter (${form}) in another process gets it when the holder is killed`, async () => {
			const lock = new Kind();
			const holder = await startHolder(lock);
			const waiter = await startWaiter(lock, form);
			holder.child.kill();
			assert.deepEqual(await within(LIMIT, () => waiter.report.recv()), [true, true]);
			assert.equal(await waiter.child.join(), 0);
			await end(waiter);
			await end(holder);
		});

		test(`${Kind.name}: of three that wait (${form}), the killed first or middle one is passed over`, async () => {
			for (const victim of [0, 1]) {
				const lock = new Kind();
				lock.acquireSync();
				const waiters: Started[] = [];
				for (let i = 0; i < 3; i++) waiters.push(await startWaiter(lock, form));
				waiters[victim]!.child.kill();
				lock.release();
				for (const [i, { child, report }] of waiters.entries()) {
					if (i === victim) continue;
					assert.deepEqual(await within(LIMIT, () => report.recv()), [true, false]);
					assert.equal(await child.join(), 0);
				}
				for (const waiter of waiters) await end(waiter);
			}
		});
	}

	test(`${Kind.name}: a dead holder's lock is had by block: false and by short timeouts, in both forms`, async () => {
		for (const options of [{ block: false }, { timeout: 0 }, { timeout: 100 }]) {
			for (const form of ['acquire', 'acquireSync'] as const) {
				const lock = new Kind();
				const holder = await startHolder(lock);
				assert.equal(await lock[form](options), false);
				holder.child.kill();
				holder.child.joinSync();
				assert.equal(await lock[form](options), true, `${form} ${JSON.stringify(options)}`);
				assert.equal(lock.ownerDied, true);
				lock.release();
				await end(holder);
			}
		}
	});

	test(`${Kind.name}: with onOwnerDeath 'throw' the acquisition is an OwnerDiedError, once, and the lock is free`, async () => {
		for (const form of ['acquire', 'acquireSync'] as const) {
			const lock = new Kind({ onOwnerDeath: 'throw' });
			const holder = await startHolder(lock);
			await end(holder);
			await assert.rejects(async () => lock[form](), {
				name: 'OwnerDiedError',
				code: 'ERR_MP_OWNER_DIED',
				message: `The last holder of this ${Kind.name} died while it held it: what it protects may be half changed. The ${Kind.name} is free again; check the data, then acquire it anew.`,
			});
			assert.equal(lock.locked(), false);
			assert.equal(await lock[form](), true);
			lock.release();
		}
	});

	test(`${Kind.name}: a process that ends by itself without releasing counts as dead`, async () => {
		const lock = new Kind();
		const child = new Process({ target: targets.endHolding, args: [lock] });
		await child.start();
		assert.equal(await child.join(), 0);
		assert.equal(await within(LIMIT, () => lock.acquire()), true);
		assert.equal(lock.ownerDied, true);
		lock.release();
	});

	test(`${Kind.name}: an asynchronous waiter is served while two processes hammer`, async () => {
		const TURNS = 20;
		const lock = new Kind();
		const hammers = [await start(targets.hammer, [lock]), await start(targets.hammer, [lock])];
		for (const { report } of hammers) assert.equal(await report.recv(), 'hammers');
		for (let i = 0; i < TURNS; i++) {
			assert.equal(await lock.acquire({ timeout: 5000 }), true, `turn ${i}`);
			lock.release();
		}
		for (const { report, child } of hammers) {
			await report.send('enough');
			assert.ok(((await report.recv()) as number) > 0);
			assert.equal(await child.join(), 0);
			report.close();
		}
	});
}

test('tasks of a thread that wait for a recursive lock together get it together', async () => {
	const lock = new RLock();
	const holder = await startHolder(lock);
	const waiting = [1, 2, 3].map(() => lock.acquire());
	await end(holder);
	assert.deepEqual(await Promise.all(waiting), [true, true, true]);
	for (let i = 0; i < 3; i++) {
		assert.equal(lock.locked(), true);
		lock.release();
	}
	assert.equal(lock.locked(), false);
});

test('a lock is released by another process than its owner; a recursive lock is not', async () => {
	const lock = new Lock();
	lock.acquireSync();
	const releaser = await start(targets.tryToRelease, [lock]);
	assert.equal(await releaser.report.recv(), 'released');
	assert.equal(lock.locked(), false);
	await releaser.child.join();
	await end(releaser);
	const recursive = new RLock();
	recursive.acquireSync();
	const foreigner = await start(targets.tryToRelease, [recursive]);
	assert.deepEqual(await foreigner.report.recv(), {
		name: 'ProcessError',
		code: 'ERR_MP_NOT_OWNER',
		message: `RLock.release: the lock is held by MainProcess (pid ${process.pid}), not by this thread. Only the thread that acquired it may release it: release it there, or use a Lock, which anybody may release.`,
	});
	assert.equal(recursive.locked(), true);
	recursive.release();
	await foreigner.child.join();
	await end(foreigner);
});
