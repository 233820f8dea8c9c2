/** Nothing outlives a parent that was killed, whenever it was killed and whatever its children were doing. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { checkLeaks } from '../house/leaks.ts';
import { allGone, isRunning, kill, marked, pidsUntilReady } from '../house/orphans.ts';
import { fixturePath } from '../house/root.ts';

checkLeaks();

function program(file: string, ...args: (string | number)[]): ChildProcess {
	return spawn(process.execPath, [fixturePath(`process/${file}`), ...args.map(String)], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
}

test('ten children, busy and idle, are gone when their parent was killed', async (t) => {
	const parent = program('many-children.mjs', 7, 3, 1);
	const pids = await pidsUntilReady(parent);
	assert.equal(pids.length, 11);
	await kill(parent);
	t.diagnostic(`gone after ${(await allGone(() => pids.filter(isRunning))).toFixed(0)} ms`);
});

test('so are three generations', async () => {
	const mark = `POLYPROC_TEST_MARK=${process.pid}-generations`;
	process.env.POLYPROC_TEST_MARK = `${process.pid}-generations`;
	const parent = program('many-children.mjs', 1, 1, 3);
	delete process.env.POLYPROC_TEST_MARK;
	while (marked(mark).length < 9) await turn();
	await kill(parent);
	await allGone(() => marked(mark));
});

test('a parent that is killed while it starts children leaves none behind, at whatever moment', async () => {
	const mark = `POLYPROC_TEST_MARK=${process.pid}-starting`;
	for (let moment = 0; moment < 24; moment += 3) {
		process.env.POLYPROC_TEST_MARK = `${process.pid}-starting`;
		const parent = program('many-children.mjs', 4, 0, 1);
		delete process.env.POLYPROC_TEST_MARK;
		parent.stdout?.resume();
		// The first child exists: from here on the moments differ by what the machine does in so many turns.
		while (marked(mark).length < 2) await turn();
		for (let turns = 0; turns < moment; turns++) await turn();
		await kill(parent);
		await allGone(() => marked(mark));
	}
});

test('a detached child lives on', async () => {
	const parent = program('many-children.mjs', 0, 2, 1, 'detached');
	const [, ...pids] = await pidsUntilReady(parent);
	await kill(parent);
	for (let looks = 0; looks < 20; looks++) {
		assert.deepEqual(pids.filter(isRunning), pids);
		await turn();
	}
	for (const pid of pids) process.kill(pid, 'SIGKILL');
	await allGone(() => pids.filter(isRunning));
});

for (const how of ['async', 'sync', 'async-busy']) {
	test(`a child that waits for its parent's end sees it, and is gone in time (${how})`, async () => {
		const parent = program('watching-child.mjs', how);
		const lines = createInterface({ input: parent.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
		assert.equal((await lines.next()).value, 'alive true, timed out false, false');
		const pid = Number((await lines.next()).value);
		assert.ok(isRunning(pid));
		await kill(parent);
		assert.equal((await lines.next()).value, 'seen true, alive false');
		await allGone(() => [pid].filter(isRunning));
	});
}
