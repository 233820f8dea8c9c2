/** Listeners and clients that do not trust whom they talk to: their option `allow`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as mp from 'polyproc';
import { Client, type Connection, Listener } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { named, tellWhatComes } from './allow-targets.ts';

const targets = import.meta.resolve('./allow-targets.js');
const refused = { name: 'UnpicklingError', code: 'ERR_MP_UNPICKLING' };
const notListed = {
	...refused,
	message: /the export named of file:.*: the module is not among those of the receiver's `allow`/,
};

checkLeaks(async () => {
	const [here, there] = await connected([], []);
	const [one, other] = mp.Pipe();
	await one.poll(1);
	for (const connection of [here, there, one, other]) connection.close();
	await mp.run(named);
});

type Allow = readonly (string | URL)[] | undefined;

/** A connection's two ends: the listener's, the client's. */
async function connected(listens: Allow, connects: Allow): Promise<[Connection, Connection]> {
	const authkey = Buffer.from('secret');
	using listener = new Listener({ authkey, allow: listens });
	await listener.ready;
	return await Promise.all([listener.accept(), Client(listener.address!, { authkey, allow: connects })]);
}

test('each side decides what it takes from the other, and goes on after a refusal', async () => {
	const [here, there] = await connected([], [targets]);
	await there.send(named);
	await there.send(() => 1);
	await there.send({ data: [1, new Map([['a', new Date(0)]])] });
	await assert.rejects(here.recv(), notListed);
	assert.throws(() => here.recvSync(), { ...refused, message: /comes as source code, which is refused/ });
	assert.deepEqual(here.recvSync(), { data: [1, new Map([['a', new Date(0)]])] });
	await here.send(named);
	await here.send(() => 1);
	assert.equal(await there.recv(), named);
	await assert.rejects(there.recv(), refused);
	here.close();
	there.close();
});

test('without the option everything that is not shared passes, as ever', async () => {
	const [here, there] = await connected(undefined, undefined);
	await there.send(named);
	await there.send(() => 2);
	assert.equal(await here.recv(), named);
	assert.equal(((await here.recv()) as () => number)(), 2);
	here.close();
	there.close();
});

test('a proxy of a manager is not taken either: it would make this process connect to wherever it says', async () => {
	await using manager = await mp.Manager();
	const proxy = await manager.dict();
	const [here, there] = await connected([], undefined);
	await there.send(proxy);
	await assert.rejects(here.recv(), { ...refused, message: /nothing shared is taken from a sender/ });
	here.close();
	there.close();
});

test('a connection that is sent on takes its list along', async () => {
	const [here, there] = await connected([], undefined);
	const [line, theirs] = mp.Pipe();
	const child = new mp.Process({ target: tellWhatComes, args: [here, theirs] });
	await child.start();
	here.close();
	theirs.close();
	await there.send(named);
	await there.send('data');
	assert.match(String(await line.recv()), /UnpicklingError: Cannot unpickle the export named/);
	assert.equal(await line.recv(), 'data');
	await child.join();
	line.close();
	there.close();
});

test('what is no list of modules is refused at once', async () => {
	const wrong = { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' };
	assert.throws(() => new Listener({ allow: 'fs' as never }), {
		...wrong,
		message: 'Listener: allow must be an array of modules (specifiers, absolute paths or URLs), [] for none',
	});
	await assert.rejects(Client('/tmp/nobody', { allow: ['no-such-package'] }), {
		...wrong,
		message: /^Client: allow names "no-such-package", which cannot be found from/,
	});
	await assert.rejects(Client('/tmp/nobody', { allow: ['polyproc'] }), {
		...wrong,
		message: /^Client: allow must not name polyproc itself/,
	});
});
