/** A writer that is killed in the middle of a large message, when others have its end and do not use it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, Pipe, Process, wait, waitSync } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './targets.ts';

const BYTES = 64 * 1024 * 1024;
const WHILE = 300;

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

/** A child that has begun to send a large message. */
async function startSending(here: Connection, there: Connection): Promise<Process<readonly [Connection, number]>> {
	const child = new Process({ target: targets.sendLarge, args: [there, BYTES] });
	await child.start();
	assert.equal(await here.poll(Number.POSITIVE_INFINITY), true, 'while its writer lives, it is there to be received');
	return child;
}

async function kill(child: { kill(): void; join(): Promise<number | null>; close(): void }): Promise<void> {
	child.kill();
	assert.equal(await child.join(), -9);
	child.close();
}

test('half a message of a dead writer is nothing to receive, in any form', async () => {
	const [here, there] = Pipe({ duplex: false });
	const child = await startSending(here, there);
	await kill(child);
	assert.equal(await here.poll(), false);
	assert.equal(here.pollSync(), false);
	assert.equal(await here.poll(WHILE), false);
	assert.equal(here.pollSync(WHILE), false);
	assert.deepEqual(await wait([here], WHILE), []);
	assert.deepEqual(waitSync([here], WHILE), []);
	await assert.rejects(here.recv({ signal: AbortSignal.timeout(WHILE) }), { name: 'TimeoutError' });
	there.sendSync('whole');
	assert.equal(await here.poll(), true);
	assert.equal(here.recvSync(), 'whole');
	there.close();
	assert.equal(await here.poll(), true, 'the end');
	await assert.rejects(here.recv(), { name: 'EOFError' });
	here.close();
});

test('whole messages around half a one are received', async () => {
	const [here, there] = Pipe({ duplex: false });
	there.sendSync('before');
	const child = await startSending(here, there);
	await sleep(WHILE); // the child fills the ring
	await kill(child);
	assert.equal(await here.poll(), true);
	assert.equal(await here.recv(), 'before');
	assert.equal(await here.poll(), false);
	there.sendSync('behind');
	assert.equal(here.pollSync(), true);
	assert.equal(here.recvSync(), 'behind');
	here.close();
	there.close();
});

test('who was in the middle of it goes on to the next message', async () => {
	const [here, there] = Pipe({ duplex: false });
	const child = await startSending(here, there);
	const receiving = here.recv();
	await sleep(20);
	await kill(child);
	assert.equal(await here.poll(WHILE), false);
	await there.send('whole');
	assert.equal(await receiving, 'whole');
	here.close();
	there.close();
});
