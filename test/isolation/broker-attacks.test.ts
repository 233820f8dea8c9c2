/** Hostile processes and their brokers: what they send harms nobody, and neither outlives the other. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Event, getContext, Lock, Pipe, type Process, Queue, RawArray, Value } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import { CAUGHT, outcomeOf } from '../process/outcome.ts';
import * as attacks from './attacks.ts';
import * as targets from './targets.ts';

const HOSTILE = { permissions: {}, stdio: CAUGHT } as const;
const context = getContext('spawn');

checkLeaks(async () => {
	await context.run(targets.tryTimes, [new Queue(), new Lock()], { permissions: {} });
	for (const end of Pipe()) end.close();
});

function children(): number[] {
	return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number);
}

/** Starts a process, and tells which other one was started with it. */
async function startedWithBroker(child: Process): Promise<number> {
	const before = new Set(children());
	await child.start();
	const brokers = children().filter((pid) => !before.has(pid) && pid !== child.pid);
	assert.equal(brokers.length, 1);
	return brokers[0]!;
}

async function untilGone(pid: number): Promise<void> {
	while (existsSync(`/proc/${pid}`)) await sleep(20);
}

test('a broker that is killed takes no call with it for ever, awaited or blocking', async () => {
	const [queue, ready] = [new Queue(), new Event()];
	const child = new context.Process({ target: attacks.waitForMore, args: [queue, ready], ...HOSTILE }) as Process;
	const broker = await startedWithBroker(child);
	assert.equal(await ready.wait(20_000), true);
	process.kill(broker, 'SIGKILL');
	const gone = 'BrokenPipeError ERR_MP_BROKEN_PIPE';
	assert.deepEqual(JSON.parse(await promptly(text(child.stdout!))), [gone, gone, gone]);
	assert.equal(await child.join(), 0);
});

const HEADERS: [string, number[]][] = [
	['1 GiB', [0x40, 0, 0, 0]],
	['more bytes than there can be', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]],
	['a negative length', [0x80, 0, 0, 1]],
	['no request', [0, 0, 0, 2, 1, 1]],
	['nothing', [0, 0, 0, 0]],
	['a name that is longer than the message', [0, 0, 0, 10, 0, 0, 0, 1, 0, 0, 0, 0, 255, 1]],
];

for (const [what, header] of HEADERS) {
	test(`a broker that is announced ${what} ends, and with it all calls`, async () => {
		const queue = new Queue();
		const child = new context.Process({ target: attacks.announce, args: [queue, ...header], ...HOSTILE });
		const { told } = await promptly(outcomeOf(child as Process));
		assert.deepEqual(told, [Array(2).fill('BrokenPipeError ERR_MP_BROKEN_PIPE')]);
		assert.equal(queue.empty(), true);
	});
}

test('a broker that is blocked by a lock ends with its process all the same', async () => {
	const [value, ready] = [new Value('i', 5), new Event()];
	using _held = value.holdSync();
	const child = new context.Process({ target: attacks.readLocked, args: [value, ready], ...HOSTILE }) as Process;
	const broker = await startedWithBroker(child);
	assert.equal(await ready.wait(20_000), true);
	child.kill();
	await child.join();
	await promptly(untilGone(broker));
});

test('answers that nobody reads do not fill its memory', async () => {
	const [bytes, written] = [new RawArray('c', 1024 * 1024), new Queue()];
	const child = new context.Process({ target: attacks.askAndNotRead, args: [bytes, written], ...HOSTILE }) as Process;
	const broker = await startedWithBroker(child);
	assert.equal(await promptly(written.get()), 1024 * 1024);
	const peak = (): number => Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${broker}/status`, 'utf8'))![1]);
	for (let last = 0, same = 0; same < 10; last = peak()) {
		same = peak() === last ? same + 1 : 0;
		await sleep(50);
	}
	assert.ok(peak() < 600 * 1024, `${peak()} KiB`); // all of them are 1 GiB
	child.kill();
	await child.join();
	await promptly(untilGone(broker));
});

for (const seed of [1, 2, 3, 4]) {
	test(`300 requests that no program makes harm nobody (seed ${seed})`, async () => {
		const [queue, lock, value, own] = [new Queue<unknown>(), new Lock(), new Value('i', 1), new Queue<number>()];
		const [text, event, [ours, theirs]] = [new RawArray('c', 16), new Event(), Pipe()];
		own.putSync(seed);
		const given = [queue, lock, value, text, event, theirs] as const;
		const args = [seed, 300, ...given] as const;
		const child = new context.Process({ target: attacks.fuzz, args: args as never, ...HOSTILE }) as Process;
		const broker = await startedWithBroker(child);
		const { told, stderr } = await promptly(
			(async () => ({ told: await output(child), stderr: await output(child, 'stderr') }))(),
		);
		assert.deepEqual([told, stderr], ['"written"\n', '']);
		await child.join();
		await promptly(untilGone(broker));
		assert.equal(own.getSync({ timeout: 5000 }), seed);
		assert.equal(await promptly(lock.acquire({ timeout: 5000 })), true);
		lock.release();
		value.value = 7;
		assert.equal(value.value, 7);
		assert.equal(text.raw.length, 16);
		event.set();
		assert.equal(event.isSet(), true);
		while (!queue.empty()) await promptly(queue.get());
		ours.close();
		theirs.close();
	});
}

function output(child: Process, stream: 'stdout' | 'stderr' = 'stdout'): Promise<string> {
	return text(child[stream]!);
}
