/** A server in the program's own process, for other programs. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { SyncManager } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import { fixturePath } from '../house/root.ts';

const run = promisify(execFile);
const authkey = Buffer.from('in process');
const shared = new Map<string, unknown>();

class ServerManager extends SyncManager {}
ServerManager.register('shared', () => shared, { exposed: ['get', 'set'] });

async function serve(): Promise<void> {
	shared.clear();
	const server = new ServerManager({ address: ['127.0.0.1', 0], authkey }).getServer();
	const over = server.serveForever();
	await promptly(server.ready);
	const { stdout } = await promptly(
		run(process.execPath, [fixturePath('managers/stranger.mjs'), JSON.stringify(server.address)]),
	);
	assert.equal(stdout, 'from the program\n');
	server.stop();
	await promptly(over);
}

checkLeaks(async () => {
	await serve();
	const manager = new ServerManager();
	await manager.start();
	await manager.shutdown();
});

test('other programs share an object that this program has, and wait in its queues', async () => {
	const clock = setInterval(() => shared.set('program', 'from the program'), 1);
	await serve();
	clearInterval(clock);
	assert.equal(shared.get('stranger'), 'from a stranger');
});

test('a server that cannot listen says so', async () => {
	await using first = new ServerManager({ address: ['127.0.0.1', 0], authkey }).getServer();
	await promptly(first.ready);
	const second = new ServerManager({ address: first.address!, authkey }).getServer();
	await assert.rejects(promptly(second.serveForever()), { code: 'ERR_MP_LISTEN' });
	const manager = new ServerManager({ address: first.address!, authkey });
	await assert.rejects(promptly(manager.start()), { code: 'ERR_MP_LISTEN' });
});
