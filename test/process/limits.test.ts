/** Limits of processes, under every start method: none can be got round from inside. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
	type ChildProcessOptions,
	type Connection,
	type ExitReason,
	getContext,
	Lock,
	Pipe,
	Process,
	type ProcessLimits,
	type run as runOnce,
} from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { type Method, methods } from '../parity/methods.ts';
import * as targets from './limit-targets.ts';
import { CAUGHT } from './outcome.ts';

const MIB: number = 2 ** 20;
const { SIGKILL, SIGXCPU, SIGABRT } = constants.signals;
/** Milliseconds: in the way of nobody. */
const LONG = 1e6;

type Target = (...args: never[]) => unknown;

checkLeaks(async () => {
	for (const method of methods) await outcome(method, targets.doNothing, { wallTime: LONG });
});

function make(method: Method, target: Target, options: ChildProcessOptions, args: unknown[] = []): Process {
	return new (getContext(method).Process)({ target, args, stdio: CAUGHT, ...options } as never);
}

interface Outcome {
	code: number | null;
	reason: ExitReason | null;
	told: unknown[];
	stderr: string;
}

async function outcome(method: Method, target: Target, limits: ProcessLimits, args: unknown[] = []): Promise<Outcome> {
	const process = make(method, target, { limits }, args);
	await process.start();
	const [stdout, stderr, code] = await Promise.all([text(process.stdout!), text(process.stderr!), process.join()]);
	const reason = process.exitReason;
	process.close();
	return {
		code,
		reason,
		stderr,
		told: stdout
			.split('\n')
			.filter(Boolean)
			.map((line) => JSON.parse(line)),
	};
}

function isRunning(pid: number): boolean {
	try {
		return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
	} catch {
		return false;
	}
}

/** Milliseconds within which what is killed must be gone. */
const PATIENCE = 10_000;

async function gone(pids: readonly number[]): Promise<void> {
	const end = performance.now() + PATIENCE;
	while (pids.some(isRunning)) {
		assert.ok(performance.now() < end, `still running: ${pids.filter(isRunning)}`);
		await turn();
	}
}

/** A process with the other end of a connection, behind its other arguments; nobody else has that end. */
async function startTalking(
	method: Method,
	target: Target,
	limits?: ProcessLimits,
	...args: unknown[]
): Promise<{ process: Process; here: Connection }> {
	const [here, there] = Pipe();
	const process = make(method, target, { limits }, [...args, there]);
	await process.start();
	there.close();
	return { process, here };
}

for (const method of methods) {
	test(`${method}: a process that leaks objects, or buffers, is out of memory, and the reason says so`, async () => {
		for (const target of [targets.leakObjects, targets.leakBuffers]) {
			const { reason, code } = await outcome(method, target, { memory: 96 * MIB });
			assert.equal(reason, 'memory', `${target.name} ended with ${code}`);
			assert.ok(code! < 0);
		}
	});

	test(`${method}: a buffer far beyond the limit is an error that can be caught`, async () => {
		const { told, code, reason } = await outcome(method, targets.allocateTooMuch, { memory: 64 * MIB });
		assert.deepEqual([told, code, reason], [['RangeError'], 0, null]);
	});

	test(`${method}: an abort, or a kill from elsewhere, is not put down to memory`, async () => {
		const aborted = await outcome(method, targets.abort, { memory: 96 * MIB });
		assert.deepEqual([aborted.code, aborted.reason], [-SIGABRT, null]);
		const killed = make(method, targets.sleepForEver, { limits: { memory: 96 * MIB, cpuTime: LONG, wallTime: LONG } });
		await killed.start();
		killed.kill();
		assert.deepEqual([await killed.join(), killed.exitReason], [-SIGKILL, null]);
	});

	test(`${method}: processor time is limited, whatever signals are caught and while the parent is blocked`, async () => {
		const process = make(method, targets.spinThroughSignals, { limits: { cpuTime: 200 } });
		await process.start();
		assert.equal(process.exitReason, null);
		assert.deepEqual([process.joinSync(), process.exitReason], [-SIGKILL, 'cpuTime']);
	});

	test(`${method}: the kernel ends a process by itself while the parent computes`, async () => {
		const process = make(method, targets.spin, { limits: { cpuTime: 100 } });
		await process.start();
		while (isRunning(process.pid!)) spinForAMoment();
		assert.deepEqual([await process.join(), process.exitReason], [-SIGXCPU, 'cpuTime']);
	});

	test(`${method}: a process that sleeps through all signals ends when its time is over`, async () => {
		const start = performance.now();
		const { code, reason } = await outcome(method, targets.sleepThroughSignals, { wallTime: 300 });
		assert.deepEqual([code, reason], [-SIGKILL, 'wallTime']);
		assert.ok(performance.now() - start >= 299);
	});

	test(`${method}: also while its parent is blocked: joining it, receiving from it, or waiting for its lock`, async () => {
		const limits = { wallTime: 800 };
		const joined = make(method, targets.sleepForEver, { limits });
		await joined.start();
		assert.deepEqual([joined.joinSync(), joined.exitReason], [-SIGKILL, 'wallTime']);

		const [here, there] = Pipe();
		const talking = make(method, targets.sleepWith, { limits }, [there]);
		await talking.start();
		there.close();
		assert.throws(() => [here.recvSync(), here.recvSync()], { name: 'EOFError' });
		assert.deepEqual([talking.joinSync(), talking.exitReason], [-SIGKILL, 'wallTime']);
		here.close();

		const lock = new Lock();
		const { process: holding, here: mine } = await startTalking(method, targets.sleepHolding, { wallTime: 3000 }, lock);
		await mine.recv();
		lock.acquireSync();
		assert.deepEqual([holding.joinSync(), holding.exitReason], [-SIGKILL, 'wallTime']);
		lock.release();
		mine.close();
	});

	test(`${method}: open files are limited, and the kernel was told before the program began`, async () => {
		const { told } = await outcome(method, targets.openFiles, { openFiles: 80 });
		const [[code, count]] = told as [[string, number]];
		assert.equal(code, 'EMFILE');
		assert.ok(count > 0 && count < 80, String(count));
		const { told: limits } = await outcome(method, targets.tellLimits, { openFiles: 70, cpuTime: 2500 });
		assert.deepEqual(limits, [{ cpu: ['3', '4'], files: ['70', '70'] }]);
	});

	test(`${method}: of too many descendants the latest are killed, and all end with the process`, async () => {
		const { told, code, reason } = await outcome(method, targets.startMany, { processes: 2 }, [6, 2]);
		assert.deepEqual([told, code, reason], [[Array(4).fill('SIGKILL')], 0, null]);
		const none = await outcome(method, targets.startMany, { processes: 0 }, [1, 0]);
		assert.deepEqual(none.told, [['SIGKILL']]);
	});

	test(`${method}: descendants end with their limits: also in other sessions, of the fork server, or orphaned`, async () => {
		const cases = [
			[targets.sleepAboveOthers, { wallTime: 5000 }],
			[targets.sleepAboveOrphan, { wallTime: 5000, processes: 5 }],
		] as const;
		const ends = cases.map(async ([target, limits]) => {
			const { process, here } = await startTalking(method, target, limits);
			const pids = (await here.recv()) as number[];
			assert.ok(pids.every(isRunning));
			assert.deepEqual([await process.join(), process.exitReason], [-SIGKILL, 'wallTime'], target.name);
			await gone(pids);
			here.close();
		});
		await Promise.all(ends);
	});

	test(`${method}: a signal for the whole tree reaches what the fork server made for a child, and other sessions`, async () => {
		const { process, here } = await startTalking(method, targets.sleepAboveOthers);
		const pids = (await here.recv()) as number[];
		process.kill({ tree: true });
		assert.equal(await process.join(), -SIGKILL);
		await gone(pids);
		here.close();
	});

	test(`${method}: what a process with limits leaves behind does not outlive it`, async () => {
		const { process, here } = await startTalking(method, targets.leaveOneBehind, { wallTime: LONG });
		const pids = (await here.recv()) as number[];
		await new Promise((resolve) => setTimeout(resolve, 200)); // the watch's timers have fired before
		await here.send('go');
		assert.deepEqual([await process.join(), process.exitReason], [0, null]);
		await gone(pids);
		here.close();
	});

	test(`${method}: run() passes limits on, and rejects with which one ended its process`, async () => {
		const run: typeof runOnce = getContext(method).run;
		assert.equal(await run(Math.sqrt, [16], { limits: { memory: 128 * MIB, wallTime: LONG } }), 4);
		await assert.rejects(run(targets.leakBuffers, [], { limits: { memory: 96 * MIB } }), {
			name: 'WorkerDiedError',
			reason: 'memory',
			message:
				/^run: process \d+ was killed by SIG\w+ while it ran leakBuffers\. It had more memory than limits\.memory allows: /,
		});
		await assert.rejects(run(targets.sleepForEver, [], { limits: { wallTime: 400 } }), {
			reason: 'wallTime',
			signal: 'SIGKILL',
		});
		await assert.rejects(run(targets.abort, [], { limits: { wallTime: LONG } }), { reason: null, signal: 'SIGABRT' });
	});
}

test('garbage is collected rather than counted', async () => {
	for (const method of methods.filter((name) => name !== 'fork')) {
		const { code, reason } = await outcome(method, targets.makeGarbage, { memory: 96 * MIB });
		assert.deepEqual([code, reason], [0, null], method);
	}
});

function spinForAMoment(): void {
	const end = performance.now() + 20;
	while (performance.now() < end);
}

test('nothing is left of the watch when nobody has limits any more, and it keeps nothing alive', async () => {
	const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
	const before = timers();
	await outcome(methods[0]!, targets.doNothing, { wallTime: LONG });
	assert.equal(timers(), before);
});

test('a limit that cannot be is an error that names it, and the least possible', () => {
	const limited = (limits: unknown) => () => new Process({ target: targets.doNothing, limits: limits as never });
	const range = { name: 'RangeError', code: 'ERR_MP_ARGUMENT_RANGE' };
	assert.throws(limited({ memory: MIB }), {
		...range,
		message:
			'new Process: limits.memory must be a whole number of bytes, at least 33554432 (Node itself needs that); 1048576 is not',
	});
	assert.throws(limited({ openFiles: 3 }), { ...range, message: /at least 64 \(Node itself needs half of that\); 3/ });
	for (const limits of [{ cpuTime: 0 }, { wallTime: -1 }, { wallTime: Number.NaN }, { cpuTime: Infinity }]) {
		assert.throws(limited(limits), range);
	}
	for (const limits of [{ processes: -1 }, { processes: 1.5 }, { memory: 2 ** 60 }]) {
		assert.throws(limited(limits), range);
	}
	const type = { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' };
	assert.throws(limited({ memory: '1g' }), { ...type, message: /limits\.memory must be a number, not string/ });
	assert.throws(limited({ cputime: 5 }), {
		...type,
		message: 'new Process: limits: unknown option "cputime"; there are memory, cpuTime, wallTime, openFiles, processes',
	});
	for (const limits of [null, 5, 'all']) assert.throws(limited(limits), type);
	assert.doesNotThrow(limited({ memory: 32 * MIB, openFiles: 64, processes: 0, cpuTime: 1, wallTime: 1 }));
});

test('the least that can be asked for is enough for a child that does nothing', async () => {
	for (const method of methods) {
		const { code, stderr } = await outcome(method, targets.doNothing, { memory: 32 * MIB, openFiles: 64 });
		assert.deepEqual([code, stderr], [0, ''], method);
	}
});
