/** Sockets whose address nobody chose are for this user only, whatever their key. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import * as mp from 'polyproc';
import { Client, Listener } from 'polyproc';
import { isForAll } from '../house/for-all.ts';

const NOBODY = 65534;
const isPossible = process.getuid?.() === 0 && isForAll(process.execPath);
const skip = isPossible ? false : 'only root can start a process of another user, who may run this Node';

/** What another user finds at a path: whether there is anything to read before the end. */
async function visit(path: string): Promise<string> {
	const program = `require('node:net').connect(${JSON.stringify(path)})
		.on('error', (error) => console.log(error.code))
		.on('data', (data) => { console.log('data'); process.exit(); })
		.on('end', () => console.log('end'));`;
	const child = spawn(process.execPath, ['-e', program], {
		uid: NOBODY,
		cwd: '/',
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	let text = '';
	child.stdout!.on('data', (data: Buffer) => {
		text += String(data);
	});
	await once(child, 'close');
	return text.trim();
}

/** Lets everybody in as far as files go, so that only the socket itself can refuse. */
function openDoor(path: string): void {
	chmodSync(dirname(path), 0o755);
	chmodSync(path, 0o777);
}

test('another user is shown out of a listener without an address before any handshake', { skip }, async () => {
	const authkey = Buffer.from('secret');
	using listener = new Listener({ authkey });
	await listener.ready;
	const path = listener.address as string;
	assert.equal(await visit(path), 'EACCES');
	openDoor(path);
	assert.match(await visit(path), /^(end|ECONNRESET)$/);
	const [here, there] = await Promise.all([listener.accept(), Client(path, { authkey })]);
	here.close();
	there.close();
});

test('and out of a manager’s server', { skip }, async () => {
	await using manager = new mp.SyncManager();
	await manager.start();
	const path = manager.address as string;
	assert.equal(await visit(path), 'EACCES');
	openDoor(path);
	assert.match(await visit(path), /^(end|ECONNRESET)$/);
	assert.deepEqual(await (await manager.list([1])).getValue(), [1]);
});

test('a listener at an address of the program’s choice goes by the key alone', { skip }, async () => {
	const address = join(tmpdir(), `polyproc-visited-${process.pid}`);
	using listener = new Listener({ address, authkey: Buffer.from('secret') });
	await listener.ready;
	chmodSync(address, 0o777);
	assert.equal(await visit(address), 'data');
	await assert.rejects(listener.accept(), { name: 'AuthenticationError' });
});
