/** The package's own classes and functions as values. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as mp from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';

async function make(line: mp.Connection, Kinds: Record<string, new (...args: unknown[]) => object>): Promise<void> {
	const made = Object.values(Kinds).map((Kind) => new Kind());
	await line.send(made.every((object, i) => object.constructor === Object.values(Kinds)[i]));
	await line.send(made);
}

async function inChild(Kinds: Record<string, unknown>): Promise<[boolean, object[]]> {
	const [line, theirs] = mp.Pipe();
	const child = new mp.Process<unknown[]>({ target: make as never, args: [theirs, Kinds] });
	await child.start();
	theirs.close();
	const seen = [(await line.recv()) as boolean, (await line.recv()) as object[]] as [boolean, object[]];
	assert.equal(await child.join(), 0);
	line.close();
	return seen;
}

checkLeaks(async () => {
	await inChild({ Lock: mp.Lock });
});

test('its classes and functions are themselves after a journey', () => {
	for (const value of [mp.Queue, mp.Lock, mp.Process, mp.SyncManager, mp.BaseProxy, mp.Pool, mp.Pipe, mp.run]) {
		assert.equal(mp.pickle.loads(mp.pickle.dumps(value)), value);
	}
});

test('a child makes objects of classes that it was sent, which are those of this process', async () => {
	const Kinds = { Queue: mp.Queue, Lock: mp.Lock, Event: mp.Event };
	const [same, objects] = await inChild(Kinds);
	assert.equal(same, true);
	assert.deepEqual(
		objects.map((object) => object.constructor),
		Object.values(Kinds),
	);
});
