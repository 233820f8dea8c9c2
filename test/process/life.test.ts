/** The life of a process as its parent sees it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activeChildren, ClosedError, currentProcess, Process, ProcessError } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { CAUGHT, outcomeOf, run } from './outcome.ts';
import * as targets from './targets.ts';

const { doNothing, idle } = targets;

checkLeaks(() => run({ target: doNothing }));

async function idling(): Promise<Process> {
	const child = new Process({ target: idle });
	await child.start();
	return child;
}

test('arguments reach the target, and its return means exit code 0', async () => {
	const args = ['x', 2, [3n.toString(), null], { a: { b: true } }];
	const { code, told } = await run({ target: targets.tellArguments, args });
	assert.deepEqual([code, told], [0, [args]]);
});

test('a child knows its name, pid, key and that it is alive', async () => {
	const child = new Process({ target: targets.tellSelf, name: 'Ada', daemon: true, stdio: CAUGHT });
	const { told } = await outcomeOf(child);
	const [self] = told as [{ pid: number }];
	const authkey = currentProcess().authkey.toString('hex');
	const { pid } = self;
	assert.deepEqual(self, { name: 'Ada', pid, own: pid, daemon: true, exitCode: null, alive: true, authkey });
});

test('a child that has looked after its parent ends when its own work is done', async () => {
	const { told, code } = await run({ target: targets.watchParentInVain });
	assert.deepEqual([told, code], [[[false, 'number']], 0]);
});

test('a child knows its parent', async () => {
	const { told } = await run({ target: targets.tellParent });
	const text = `<ParentProcess name='MainProcess' pid=${process.pid} started>`;
	assert.deepEqual(told, [{ name: 'MainProcess', pid: process.pid, alive: true, text }]);
});

test('children are numbered, grandchildren within them', async () => {
	const child = new Process({ target: targets.startGrandchild, stdio: CAUGHT });
	assert.match(child.name, /^Process-\d+$/);
	const { told } = await outcomeOf(child);
	assert.deepEqual(told, [[`${child.name}:1`, 7]]);
	assert.match(new targets.Greeter('a', 1).name, /^greeter$/);
	assert.match(new targets.CallsSuper().name, /^CallsSuper-\d+$/);
});

test('a process can be described at every moment of its life', async () => {
	const child = new Process({ target: idle, name: 'P', daemon: true });
	assert.equal(String(child), `<Process name='P' parent=${process.pid} initial daemon>`);
	await child.start();
	const { pid } = child;
	assert.equal(String(child), `<Process name='P' pid=${pid} parent=${process.pid} started daemon>`);
	child.terminate();
	await child.join();
	assert.equal(String(child), `<Process name='P' pid=${pid} parent=${process.pid} stopped exitcode=-SIGTERM daemon>`);
	child.close();
	assert.match(String(child), /^<Process name='P' .*closed daemon>$/);
	assert.equal(child.name, 'P');
});

test('a process that has not been started has nothing to join, signal or wait for', async () => {
	const child = new Process({ target: doNothing, name: 'P' });
	const expected = { name: 'ProcessError', code: 'ERR_MP_PROCESS_STATE' };
	for (const call of ['interrupt', 'terminate', 'kill', 'joinSync'] as const) {
		assert.throws(() => child[call](), { ...expected, message: `cannot ${call} P: it has not been started` });
	}
	await assert.rejects(child.join(), expected);
	assert.throws(() => child.sentinel, expected);
	assert.deepEqual([child.pid, child.exitCode, child.isAlive()], [null, null, false]);
	child.close();
});

test('a process is started once', async () => {
	const child = new Process({ target: doNothing, name: 'P' });
	const first = child.start();
	const message = 'cannot start P: a process can be started only once';
	await assert.rejects(child.start(), { code: 'ERR_MP_PROCESS_STATE', message });
	await first;
	await assert.rejects(child.start(), { message });
	await child.join();
	await assert.rejects(child.start(), { message });
});

test('a running process is listed, cannot be closed, and cannot become a daemon', async () => {
	const child = await idling();
	assert.ok(activeChildren().includes(child));
	assert.throws(() => child.close(), ProcessError);
	assert.throws(() => {
		child.daemon = true;
	}, ProcessError);
	child.kill();
	assert.equal(child.joinSync(), -9);
	assert.equal(child.exitCode, -9);
	assert.equal(child.isAlive(), false);
	assert.ok(!activeChildren().includes(child));
	child.kill(); // nothing to do any more
});

test('a closed process only tells its name', async () => {
	await using child = await idling();
	child.terminate();
	await child.join();
	child.close();
	child.close();
	for (const member of ['pid', 'exitCode', 'daemon', 'authkey', 'sentinel', 'stdout'] as const) {
		assert.throws(() => child[member], ClosedError);
	}
	for (const call of ['isAlive', 'joinSync', 'terminate'] as const) assert.throws(() => child[call](), ClosedError);
	await assert.rejects(child.join(), ClosedError);
	await assert.rejects(child.start(), ClosedError);
});

test('disposing of a process terminates it and waits for its end', async () => {
	let pid: number | null;
	{
		await using child = await idling();
		pid = child.pid;
	}
	assert.throws(() => process.kill(pid ?? 0, 0), { code: 'ESRCH' });
	await new Process({ target: doNothing })[Symbol.asyncDispose]();
});

test('a join ends with its time or its signal, and the process goes on', async () => {
	await using child = await idling();
	assert.equal(await child.join(0), null);
	assert.equal(await child.join(-1), null);
	assert.equal(await child.join(5), null);
	assert.equal(child.joinSync(5), null);
	assert.equal(await child.join({ timeout: 5 }), null);
	await assert.rejects(child.join({ signal: AbortSignal.abort(new Error('enough')) }), /enough/);
	const control = new AbortController();
	const joined = child.join({ signal: control.signal });
	control.abort(new Error('stop'));
	await assert.rejects(joined, /stop/);
	await assert.rejects(child.join('soon' as never), TypeError);
	assert.equal(child.isAlive(), true);
});

test('everyone who waits for a process is told its exit code, blocked or not', async () => {
	const child = new Process({ target: targets.exit, args: [3] });
	await child.start();
	const waiting = [child.join(), child.join(1e6)];
	assert.equal(child.joinSync(), 3);
	assert.deepEqual(await Promise.all(waiting), [3, 3]);
	assert.equal(await child.join(), 3);
});

test('the end of one process does not hide the exit code of another that ended with it', async () => {
	for (let round = 0; round < 5; round++) {
		const pair = [new Process({ target: targets.exit, args: [1] }), new Process({ target: targets.exit, args: [2] })];
		await Promise.all(pair.map((child) => child.start()));
		const [first, second] = pair as [Process, Process];
		await first.join();
		assert.equal(second.joinSync(), 2);
	}
});

test('processes that are started and joined without a turn of the event loop leave no zombies behind', async () => {
	for (let round = 0; round < 5; round++) {
		const child = new Process({ target: doNothing });
		await child.start();
		assert.equal(child.joinSync(), 0);
	}
});

test('the sentinel is an integer that stays the same', async () => {
	const child = await idling();
	const { sentinel } = child;
	assert.ok(Number.isInteger(sentinel));
	child.kill();
	await child.join();
	assert.equal(child.sentinel, sentinel);
	child.close();
	const late = new Process({ target: doNothing });
	await late.start();
	await late.join();
	assert.ok(Number.isInteger(late.sentinel));
	late.close();
});

test('two hundred processes at once all end with 0', { timeout: 120_000 }, async () => {
	const crowd = Array.from({ length: 200 }, () => new Process({ target: doNothing }));
	await Promise.all(crowd.map((child) => child.start()));
	const codes = await Promise.all(crowd.map((child) => child.join()));
	assert.deepEqual(new Set(codes), new Set([0]));
});

test('the current process is not a child of itself', async () => {
	const current = currentProcess();
	assert.equal(current.name, 'MainProcess');
	await assert.rejects(current.join(), ProcessError);
	await assert.rejects(current.start(), ProcessError);
	assert.throws(() => current.terminate(), ProcessError);
	assert.match(String(current), /^<Process name='MainProcess' .*started>$/);
});
