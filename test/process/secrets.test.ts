/** The key is in no argument and in no environment, of whatever process of the family. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as mp from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { methods } from '../parity/methods.ts';
import { stay, tellNothing } from './authkey-targets.ts';

checkLeaks(() => mp.run(tellNothing));

/** Of every process that this user may look at: its arguments and its environment. Servers are among them. */
function publicTexts(): Map<number, Buffer> {
	const texts = new Map<number, Buffer>();
	for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
		try {
			const argv = readFileSync(`/proc/${name}/cmdline`);
			const environment = readFileSync(`/proc/${name}/environ`);
			texts.set(Number(name), Buffer.concat([argv, environment]));
		} catch {
			// It has ended, or is somebody else's.
		}
	}
	return texts;
}

function assertHidden(key: Uint8Array, pids: readonly number[]): void {
	const bytes = Buffer.from(key);
	const forms = [bytes, Buffer.from(bytes.toString('hex')), Buffer.from(bytes.toString('base64'))];
	const texts = publicTexts();
	for (const pid of pids) assert.ok(texts.has(pid), `process ${pid} lives`);
	for (const [pid, text] of texts)
		for (const form of forms) assert.ok(!text.includes(form), `process ${pid} shows the key`);
}

for (const method of methods) {
	test(`not of a living child, its server or a manager's server (${method})`, async () => {
		const { authkey } = mp.currentProcess();
		const context = mp.getContext(method);
		const [line, theirs] = mp.Pipe();
		const child = new context.Process({ target: stay, args: [theirs] });
		await child.start();
		theirs.close();
		const pid = (await line.recv()) as number;
		const managerKey = Buffer.from('a key of the manager alone');
		const own = new mp.SyncManager({ authkey: managerKey, context });
		await own.start();
		assertHidden(authkey, [pid, process.pid]);
		assertHidden(managerKey, [pid]);
		await own.shutdown();
		line.close();
		await child.join();
	});
}

test('not in the error of a handshake that failed', async () => {
	const right = Buffer.from('the right key');
	using listener = new mp.Listener({ authkey: right });
	await listener.ready;
	const results = await Promise.allSettled([
		listener.accept(),
		mp.Client(listener.address!, { authkey: Buffer.from('the wrong key') }),
	]);
	for (const result of results) {
		assert.equal(result.status, 'rejected');
		const text = String((result as PromiseRejectedResult).reason.stack);
		assert.doesNotMatch(text, /the (right|wrong) key/);
		for (const key of ['the right key', 'the wrong key'])
			for (const encoding of ['hex', 'base64'] as const) assert.ok(!text.includes(Buffer.from(key).toString(encoding)));
	}
});
