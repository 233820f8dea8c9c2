/** One call in a process with permissions: what comes back of it, and that nothing else does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getContext, Queue, run, Value } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './targets.ts';

const CONFINED = { permissions: {} } as const;
const HERE = new URL('targets.js', import.meta.url);

checkLeaks(() => run(targets.failFirst, [new Value('i', 5)], CONFINED));

for (const method of ['spawn', 'forkserver'] as const) {
	test(`${method}: a function's result, a closure's result`, async () => {
		const context = getContext(method);
		const n = 20;
		assert.equal(await context.run(targets.hello, ['you'], CONFINED), 'hello, you');
		assert.equal(await context.run(async () => n + 1, [], CONFINED), 21);
	});
}

test('an error comes as itself if everybody knows its class, or the receiver allows it; else as text', async () => {
	await assert.rejects(run(targets.throwRange, [], CONFINED), { name: 'RangeError', message: 'too far' });
	await assert.rejects(run(targets.refuse, [], CONFINED), { name: 'RemoteError', message: /Refusal|not for you/ });
	await assert.rejects(run(targets.refuse, [], { ...CONFINED, allow: [HERE] }), (error) => {
		assert.ok(error instanceof targets.Refusal);
		assert.deepEqual([error.message, error.detail], ['not for you', 42]);
		return true;
	});
});

test('instances come if their module is on the list, closures never', async () => {
	await assert.rejects(run(targets.makePoint, [3], CONFINED), { name: 'UnpicklingError' });
	assert.deepEqual(await run(targets.makePoint, [3], { ...CONFINED, allow: [HERE] }), new targets.Point(3));
	await assert.rejects(run(targets.makeClosure, [], { ...CONFINED, allow: [HERE] }), { name: 'PicklingError' });
});

test('an end without a result is the death of a worker', async () => {
	await assert.rejects(run(targets.exit, [3], CONFINED), { name: 'WorkerDiedError', exitCode: 3, task: 'exit' });
	await assert.rejects(run(targets.abortLater, [], { ...CONFINED, stdio: 'ignore' }), (error: Error) => {
		assert.equal(error.name, 'WorkerDiedError');
		assert.match(String((error.cause as Error).message), /nobody catches this/);
		return true;
	});
	await assert.rejects(run(targets.unsettled, [], CONFINED), { code: 'ERR_MP_UNSETTLED' });
});

test('one that takes too long is killed, be it waiting or busy', async () => {
	for (const target of [targets.forever, targets.spin] as (() => never)[]) {
		await assert.rejects(run(target, [], { ...CONFINED, timeout: 150 }), { name: 'TimeoutError', message: /150 ms/ });
	}
});

test('it can be called off, by signal or by its task', async () => {
	const reason = new Error('enough');
	await assert.rejects(run(targets.forever, [], { ...CONFINED, signal: AbortSignal.abort(reason) }), reason);
	const task = run(targets.forever, [], CONFINED);
	while (task.worker === undefined) await new Promise((resolve) => setImmediate(resolve));
	assert.equal(task.cancel(reason), true);
	assert.equal(task.cancel(), false);
	await assert.rejects(task, reason);
	assert.deepEqual([task.ready, task.successful()], [true, false]);
});

test('it is tried again as often as is asked for', async () => {
	assert.equal(await run(targets.failFirst, [new Value('i', 0)], { ...CONFINED, retries: 2 }), 3);
	await assert.rejects(run(targets.failFirst, [new Value('i', 0)], { ...CONFINED, retries: 1 }), { message: 'try 2' });
});

test('what cannot travel is refused before anything is started', async () => {
	const given = [new Queue(), Symbol('x')] as never;
	await assert.rejects(run(targets.tell, given, CONFINED), { name: 'PicklingError' });
});
