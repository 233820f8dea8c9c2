/** Nothing outlives a host that was killed: not a process with permissions, and not its broker. Nor a start that failed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { Process, Queue, run } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { allGone, kill, marked, pidsUntilReady } from '../house/orphans.ts';
import { fixturePath } from '../house/root.ts';
import * as targets from './targets.ts';

checkLeaks(() => run(targets.hello, ['x'], { permissions: {} }));

/** The host, its process and that one's broker. */
const AT_LEAST = 3;

for (const how of ['awaiting', 'blocking', 'busy']) {
	test(`a host that is killed leaves nothing of one that is ${how}`, async () => {
		const mark = `${process.pid}-isolation-${how}`;
		const parent = spawn(process.execPath, [fixturePath('isolation/waits.mjs'), how], {
			stdio: ['ignore', 'pipe', 'inherit'],
			env: { ...process.env, POLYPROC_TEST_MARK: mark },
		});
		await pidsUntilReady(parent);
		assert.ok(marked(mark).length >= AT_LEAST, String(marked(mark)));
		await kill(parent);
		await allGone(() => marked(mark));
	});
}

test('a process that could not be started leaves no broker', async () => {
	const queue = new Queue<number>();
	const options = {
		target: targets.tell,
		args: [queue] as [unknown],
		permissions: {},
		cwd: '/there/is/no/such/folder',
	};
	await assert.rejects(new Process(options).start(), { name: 'ProcessError', code: 'ERR_MP_START' });
	await queue.put(1);
	assert.equal(await queue.get(), 1);
});
