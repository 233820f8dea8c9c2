/** What a listener leaves that was killed, the next one removes. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { Client, Listener, Pipe, Process } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './stream-targets.ts';

async function listening(): Promise<{ child: Process; address: string }> {
	const [line, theirs] = Pipe();
	const child = new Process({ target: targets.listenForEver, args: [theirs] });
	await child.start();
	const address = (await line.recv()) as string;
	for (const end of [line, theirs]) end.close();
	return { child, address };
}

async function killed(child: Process): Promise<void> {
	child.kill();
	await child.join();
	child.close();
}

async function another(): Promise<void> {
	const listener = new Listener({ family: 'AF_UNIX' });
	await listener.ready;
	listener.close();
}

checkLeaks(async () => {
	await killed((await listening()).child);
	await another();
});

test('the folder of one that was killed is removed by the next, that of one who lives is not', async () => {
	const [dead, living] = [await listening(), await listening()];
	await killed(dead.child);
	assert.equal(existsSync(dead.address), true);
	await another();
	assert.equal(existsSync(dirname(dead.address)), false);
	assert.equal(existsSync(living.address), true);
	const client = await Client(living.address);
	client.close();
	await living.child.join();
	assert.equal(existsSync(dirname(living.address)), false, 'that one has ended by itself');
	living.child.close();
});
