/** CPython's _TestProcess, restated. Rows in MAPPING.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
	activeChildren,
	type Connection,
	cpuCount,
	currentProcess,
	getContext,
	Pipe,
	Process,
	parentProcess,
	setExecutable,
} from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { methods } from './methods.ts';
import * as targets from './process-targets.ts';

checkLeaks(async () => {
	const child = new Process({ target: targets.doNothing });
	await child.start();
	await child.join();
});

/** A child that runs, and the pipe to it. */
async function running(target: (parent: Connection) => unknown, method: (typeof methods)[number]) {
	const { Process } = getContext(method);
	const [here, there] = Pipe();
	const child = new Process({ target, args: [there] });
	await child.start();
	there.close();
	assert.equal(await here.recv(), 'running');
	return { child, here };
}

test('the current process is alive, no daemon, has a key, the real pid and no exit code', () => {
	const current = currentProcess();
	assert.equal(current.isAlive(), true);
	assert.equal(current.daemon, false);
	assert.ok(current.authkey instanceof Uint8Array && current.authkey.length > 0);
	assert.equal(current.pid, process.pid);
	assert.equal(current.exitCode, null);
	assert.equal(current.name, 'MainProcess');
});

test('the root has no parent', () => {
	assert.equal(parentProcess(), null);
});

test('there is at least one processor', () => {
	assert.ok(Number.isInteger(cpuCount()) && cpuCount() >= 1);
});

for (const method of methods) {
	const { Process } = getContext(method);

	test(`${method}: children start when the executable was set as text, as bytes or as a URL`, async () => {
		for (const path of [process.execPath, Buffer.from(process.execPath), pathToFileURL(process.execPath)]) {
			setExecutable(path);
			const child = new Process({ target: targets.doNothing });
			await child.start();
			assert.equal(await child.join(), 0);
		}
		setExecutable(process.execPath);
	});

	test(`${method}: arguments reach the target as they are`, async () => {
		for (const args of [[], [1], [1, 'two'], [['a', 'list'], { an: 'object' }]]) {
			const [reader, writer] = Pipe({ duplex: false });
			const child = new Process({ target: targets.tellArguments, args: [writer, ...args] });
			await child.start();
			assert.deepEqual(await reader.recv(), args);
			await child.join();
			reader.close();
			writer.close();
		}
	});

	test(`${method}: a process is a daemon when it is told so, and otherwise as its creator is`, () => {
		assert.equal(new Process({ target: targets.doNothing }).daemon, currentProcess().daemon);
		assert.equal(new Process({ target: targets.doNothing, daemon: true }).daemon, true);
		assert.equal(new Process({ target: targets.doNothing, daemon: false }).daemon, false);
	});

	test(`${method}: a child sees the pid and the name of its parent, and that it is alive`, async () => {
		const [reader, writer] = Pipe({ duplex: false });
		const child = new Process({ target: targets.describeParent, args: [writer] });
		await child.start();
		assert.deepEqual(await reader.recv(), [process.pid, currentProcess().name, true]);
		await child.join();
		reader.close();
		writer.close();
	});

	test(`${method}: a grandchild sees its parent alive, and dead after it was terminated`, async () => {
		const [here, there] = Pipe();
		const [reader, writer] = Pipe({ duplex: false });
		const child = new Process({ target: targets.becomeParentOfWatcher, args: [there, writer, method] });
		await child.start();
		there.close();
		writer.close();
		assert.equal(await here.recv(), 'running');
		assert.equal(await reader.recv(), true);
		child.terminate();
		await child.join();
		assert.equal(await reader.recv(), false);
		here.close();
		reader.close();
	});

	test(`${method}: the whole life of a process, before, while and after it runs`, async () => {
		const [here, there] = Pipe();
		const child = new Process({ target: targets.describeYourself, args: [there, 'hello', { 23: 'x' }], name: 'Life' });
		child.daemon = true;
		assert.equal(child.isAlive(), false);
		assert.equal(child.exitCode, null);
		assert.equal(child.pid, null);
		assert.ok(!activeChildren().includes(child));

		await child.start();
		there.close();
		assert.equal(child.isAlive(), true);
		assert.equal(child.exitCode, null);
		assert.ok(activeChildren().includes(child));
		assert.deepEqual(await here.recv(), {
			args: ['hello', { 23: 'x' }],
			name: 'Life',
			pid: child.pid,
			ownPid: child.pid,
			daemon: true,
			exitCode: null,
			authkey: Buffer.from(currentProcess().authkey).toString('hex'),
		});

		await here.send('enough');
		assert.equal(await child.join(), 0);
		assert.equal(child.exitCode, 0);
		assert.equal(child.isAlive(), false);
		assert.ok(!activeChildren().includes(child));
		here.close();
	});

	for (const [call, signal] of [
		['interrupt', 2],
		['terminate', 15],
		['kill', 9],
	] as const) {
		test(`${method}: ${call}() ends a waiting child, whose exit code is -${signal}`, async () => {
			const { child, here } = await running(targets.waitToBeTold, method);
			assert.equal(await child.join(0), null);
			assert.equal(await child.join(-1), null);
			assert.equal(child.joinSync(0), null);
			child[call]();
			assert.equal(await child.join(), -signal);
			assert.equal(child.exitCode, -signal);
			assert.equal(child.isAlive(), false);
			assert.ok(!activeChildren().includes(child));
			child[call](); // already dead: nothing to do
			here.close();
		});
	}

	test(`${method}: a child that handles SIGINT survives interrupt() and ends normally`, async () => {
		const { child, here } = await running(targets.ignoreInterrupts, method);
		child.interrupt();
		assert.equal(await child.join(0), null);
		await here.send('end');
		assert.equal(await child.join(), 0);
		here.close();
	});

	test(`${method}: what needs a started process is an error before the start`, async () => {
		const child = new Process({ target: targets.doNothing });
		for (const call of ['interrupt', 'terminate', 'kill', 'joinSync'] as const) {
			assert.throws(() => child[call](), { name: 'ProcessError' });
		}
		await assert.rejects(child.join(), { name: 'ProcessError' });
		assert.throws(() => child.sentinel, { name: 'ProcessError' });
	});

	test(`${method}: children start children two levels deep and report in order`, async () => {
		const [reader, writer] = Pipe({ duplex: false });
		const child = new Process({ target: targets.recurse, args: [writer, [], method] });
		await child.start();
		writer.close();
		const seen: unknown[] = [];
		for await (const place of reader) seen.push(place);
		assert.deepEqual(seen, [[], [0], [0, 0], [0, 1], [1], [1, 0], [1, 1]]);
		assert.equal(await child.join(), 0);
	});

	test(`${method}: the sentinel of a started process is an integer`, async () => {
		const { child, here } = await running(targets.waitToBeTold, method);
		assert.ok(Number.isInteger(child.sentinel));
		await here.send('end');
		await child.join();
		here.close();
	});

	test(`${method}: a running process cannot be closed; a closed one can only be closed again`, async () => {
		const { child, here } = await running(targets.waitToBeTold, method);
		assert.throws(() => child.close(), { name: 'ProcessError' });
		await here.send('end');
		await child.join();
		child.close();
		assert.throws(() => child.isAlive(), { name: 'ClosedError' });
		assert.throws(() => child.terminate(), { name: 'ClosedError' });
		assert.throws(() => child.joinSync(), { name: 'ClosedError' });
		await assert.rejects(child.join(), { name: 'ClosedError' });
		child.close();
		here.close();
	});

	test(`${method}: many children at once all end with 0, and many waiting ones all die of SIGTERM`, async () => {
		const children = Array.from({ length: 5 }, () => new Process({ target: targets.doNothing }));
		await Promise.all(children.map((child) => child.start()));
		assert.deepEqual(await Promise.all(children.map((child) => child.join())), [0, 0, 0, 0, 0]);
		const waiting = await Promise.all(Array.from({ length: 5 }, () => running(targets.waitToBeTold, method)));
		for (const { child } of waiting) child.terminate();
		assert.deepEqual(await Promise.all(waiting.map(({ child }) => child.join())), [-15, -15, -15, -15, -15]);
		for (const { here } of waiting) here.close();
	});

	// A forked child has all open files of its parent, the newer sibling more of them.
	test(`${method}: siblings have the same number of open descriptors`, { skip: method === 'fork' }, async () => {
		const counts = new Set<unknown>();
		for (let i = 0; i < 4; i++) {
			const [reader, writer] = Pipe({ duplex: false });
			const child = new Process({ target: targets.tellDescriptorCount, args: [writer] });
			await child.start();
			counts.add(await reader.recv());
			await child.join();
			reader.close();
			writer.close();
		}
		assert.equal(counts.size, 1);
	});

	test(`${method}: a child waits for its own pending work, not for what was unref'd`, async () => {
		const [reader, writer] = Pipe({ duplex: false });
		const child = new Process({ target: targets.leaveWorkBehind, args: [writer] });
		await child.start();
		writer.close();
		assert.equal(await reader.recv(), 'the pending work was done');
		assert.equal(await child.join(), 0);
		reader.close();
	});

	test(`${method}: a child ends with 0 without anywhere to write to, from the start or later`, async () => {
		const without = new Process({ target: targets.doNothing, stdio: ['ignore', 'ignore', 'ignore'] });
		await without.start();
		assert.equal(await without.join(), 0);
		const broken = new Process({ target: targets.breakOutput });
		await broken.start();
		assert.equal(await broken.join(), 0);
	});
}
