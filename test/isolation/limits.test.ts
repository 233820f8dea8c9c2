/** Limits of processes with permissions, and both together in `run`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Process, run, WorkerDiedError } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { leakObjects, spin } from '../process/limit-targets.ts';
import { CAUGHT, outcomeOf } from '../process/outcome.ts';
import * as targets from './targets.ts';

const MIB: number = 2 ** 20;

checkLeaks(() => run(targets.hello, ['x'], { permissions: {}, limits: { wallTime: 60_000 } }));

for (const [reason, target, limits] of [
	['memory', leakObjects, { memory: 64 * MIB }],
	['cpuTime', spin, { cpuTime: 300 }],
	['wallTime', targets.forever, { wallTime: 500 }],
] as const) {
	test(`${reason}: a process that has permissions as well is ended by it, and that is said`, async () => {
		const options = { target: target as () => unknown, permissions: {}, limits, stdio: 'ignore' } as const;
		const child = new Process(options);
		await child.start();
		assert.ok((await child.join(30_000))! < 0);
		assert.equal(child.exitReason, reason);
		await assert.rejects(run(target as () => unknown, [], { permissions: {}, limits, stdio: 'ignore' }), (error) => {
			assert.ok(error instanceof WorkerDiedError);
			assert.equal(error.reason, reason);
			assert.match(error.message, new RegExp(`limits\\.${reason}`));
			return true;
		});
	});
}

test('no new privileges, though it cannot load what would renounce them itself', async () => {
	const child = new Process({
		target: targets.tellStatus,
		permissions: { fsRead: ['/proc/self/status'] },
		noNewPrivileges: true,
		stdio: CAUGHT,
	});
	const { told, code } = await outcomeOf(child);
	assert.deepEqual([told, code], [['NoNewPrivs:\t1'], 0]);
});
