/** Several connections to one end of a pipe in one thread: none stands in the way of another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pipe, Process } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './targets.ts';

const LARGE = targets.patterned(1 << 20, 3);
/** What does not come within this time, in milliseconds, never comes. */
const PATIENCE = 20_000;

checkLeaks(async () => {
	const [here, there] = Pipe();
	const child = new Process({ target: targets.useOnce, args: [there] });
	await child.start();
	await here.recv();
	await child.join();
	child.close();
	here.close();
	there.close();
});

for (const target of [targets.recvWithTwo, targets.sendWithTwo]) {
	test(`${target.name}: one in the middle of a large message, awaiting, does not make one that blocks wait for ever`, async () => {
		const [here, there] = Pipe();
		const [report, theirs] = Pipe();
		const child = new Process({ target, args: [there, theirs] });
		await child.start();
		const isReceiver = target === targets.recvWithTwo;
		const moving = isReceiver ? here.sendBytes(LARGE) : undefined;
		// Blocking: nothing more than the ring holds is moved until the child is in the middle of it.
		assert.equal(report.recvSync(), 'begun');
		const received = isReceiver ? Promise.all([moving, here.send('next')]) : here.recvBytes().then(() => here.recv());
		const ended = await report.poll(PATIENCE);
		if (!ended) child.kill();
		assert.ok(ended, 'the two wait for each other');
		assert.deepEqual(await report.recv(), [LARGE.length, 'next']);
		await received;
		assert.equal(await child.join(), 0);
		child.close();
		for (const connection of [here, there, report, theirs]) connection.close();
	});
}

test('closing one rejects what it waits for, and leaves a message it has begun to the others', async () => {
	const [here, there] = Pipe();
	const twin = targets.twinOf(here);
	const sending = there.sendBytes(LARGE);
	const receiving = here.recvBytes();
	here.close();
	await assert.rejects(receiving, { name: 'ClosedError' });
	assert.ok(LARGE.equals(await twin.recvBytes()));
	await sending;
	there.sendSync('next');
	assert.equal(twin.recvSync(), 'next');
	twin.close();
	await assert.rejects(there.recv(), { name: 'EOFError' });
	there.close();
});

test('closing one does not touch what another waits for', async () => {
	const [here, there] = Pipe();
	const twin = targets.twinOf(here);
	const receiving = here.recv();
	const sending = here.sendBytes(LARGE);
	twin.close();
	const [back] = await Promise.all([there.recvBytes(), sending, there.send('first')]);
	assert.ok(LARGE.equals(back));
	assert.equal(await receiving, 'first');
	here.close();
	await assert.rejects(there.recv(), { name: 'EOFError' });
	there.close();
});
