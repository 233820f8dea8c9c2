/** The key of a process: it is inherited, does not travel, and is not shown. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import * as mp from 'polyproc';
import { AuthenticationString, Client, currentProcess, getContext, Listener, Pipe, pickle } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { methods } from '../parity/methods.ts';
import { tellKey, tellNothing } from './authkey-targets.ts';

const inherited = Buffer.from(currentProcess().authkey);
const HIDDEN = '<AuthenticationString>';

checkLeaks(() => mp.run(tellNothing));
after(() => {
	currentProcess().authkey = inherited;
});

test('it is bytes like others, and whatever is set becomes it', () => {
	currentProcess().authkey = new Uint8Array([115, 101, 99]);
	const { authkey } = currentProcess();
	assert.ok(authkey instanceof AuthenticationString && Buffer.isBuffer(authkey));
	assert.equal(authkey.length, 3);
	assert.ok(authkey.equals(Buffer.from('sec')));
	assert.equal(authkey.toString('hex'), '736563');
	const child = new mp.Process();
	child.authkey = Buffer.from('other');
	assert.ok(child.authkey instanceof AuthenticationString);
	assert.ok(Buffer.from('other').equals(child.authkey));
	assert.throws(() => {
		currentProcess().authkey = 'text' as never;
	}, /authkey must be a Buffer or Uint8Array, not string/);
});

test('it is not shown: not printed, not as text, not in JSON, not with its process', () => {
	currentProcess().authkey = Buffer.from('TopSecret');
	const { authkey } = currentProcess();
	const process = new mp.Process();
	for (const shown of [inspect(authkey), String(authkey), `${authkey}`, authkey.toLocaleString()])
		assert.equal(shown, HIDDEN);
	assert.equal(JSON.stringify({ authkey }), JSON.stringify({ authkey: HIDDEN }));
	for (const object of [process, currentProcess(), { authkey }, [authkey]]) {
		const texts = [inspect(object, { depth: 9, showHidden: true }), String(object), JSON.stringify(object)];
		for (const text of texts) assert.doesNotMatch(text, /TopSecret|54\s*6f\s*70|84,\s*111/i);
	}
});

test('it cannot be pickled, and the error says what to do', async () => {
	const { authkey } = currentProcess();
	const why =
		'it is the authkey of a process, which is handed to children when they are started and must not travel by accident; children have it as currentProcess().authkey; to send it on purpose, send a copy: Buffer.from(key)';
	const expected = (path: string): object => ({
		name: 'PicklingError',
		code: 'ERR_MP_PICKLING',
		path,
		message: `Cannot pickle ${path}: ${why}`,
	});
	assert.throws(() => pickle.dumps(authkey), expected('value'));
	assert.throws(() => pickle.dumps({ a: [authkey] }), expected('value.a[0]'));
	assert.throws(() => pickle.dumps(() => authkey), {
		code: 'ERR_MP_PICKLING',
		message: /captures the variable authkey.*it is the authkey of a process/,
	});
	const [one, other] = Pipe();
	assert.throws(() => one.sendSync(authkey), expected('message'));
	using queue = new mp.Queue();
	await assert.rejects(queue.put(authkey), expected('item'));
	await assert.rejects(new mp.Process({ target: String, args: [authkey] }).start(), expected('args[0]'));
	assert.deepEqual(pickle.loads(pickle.dumps(Buffer.from(authkey))), Buffer.from(authkey));
	one.close();
	other.close();
	const listener = new Listener({ authkey });
	await listener.ready;
	const [here, there] = await Promise.all([listener.accept(), Client(listener.address!, { authkey })]);
	await assert.rejects(there.send(authkey), expected('message'));
	for (const open of [here, there, listener]) open.close();
});

for (const method of methods) {
	test(`children have it by being started (${method})`, async () => {
		currentProcess().authkey = Buffer.from('for my children');
		const [line, theirs] = Pipe();
		const child = new (getContext(method).Process)({ target: tellKey, args: [theirs] });
		await child.start();
		theirs.close();
		assert.deepEqual(await line.recv(), ['AuthenticationString', Buffer.from('for my children'), 'PicklingError']);
		await child.join();
		line.close();
	});
}

test('a manager may be given it', async () => {
	const { authkey } = currentProcess();
	await using manager = new mp.SyncManager({ authkey });
	await manager.start();
	const list = await manager.list([1, 2]);
	assert.deepEqual(await list.getValue(), [1, 2]);
});
