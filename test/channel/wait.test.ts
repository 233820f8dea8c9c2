/** Waiting for whichever of several connections and processes is ready first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, Event, Pipe, Process, wait, waitSync } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { sendWhenTold } from './wait-targets.ts';

checkLeaks(async () => {
	const one = await starting();
	one.told.sendSync('go');
	await wait([one.child]);
	one.end();
});

interface Started {
	readonly child: Process<[Connection, Connection]>;
	readonly reader: Connection;
	readonly told: Connection;
	end(): void;
}

/** A child that sends one message when it is told to, and ends. */
async function starting(): Promise<Started> {
	const [reader, writer] = Pipe({ duplex: false });
	const [orders, told] = Pipe({ duplex: false });
	const child = new Process({ target: sendWhenTold, args: [orders, writer] });
	await child.start();
	writer.close();
	orders.close();
	const end = (): void => {
		reader.close();
		told.close();
		child.close();
	};
	return { child, reader, told, end };
}

for (const [form, waitFor] of [
	['asynchronously', wait],
	['blocking', async (...args: Parameters<typeof waitSync>) => waitSync(...args)],
] as const) {
	test(`${form}: what is ready is returned, and nothing else`, async () => {
		const [one, other] = [await starting(), await starting()];
		other.told.sendSync('go');
		assert.deepEqual(await waitFor([one.reader, other.reader, one.child]), [other.reader]);
		assert.equal(other.reader.recvSync(), 'told');
		assert.deepEqual(await waitFor([other.child.sentinel, one.reader, one.child.sentinel]), [other.child.sentinel]);
		one.told.sendSync('go');
		assert.deepEqual(await waitFor([one.child]), [one.child]);
		assert.deepEqual(await waitFor([one.child, one.reader, other.reader]), [one.child, one.reader, other.reader]);
		one.end();
		other.end();
	});

	test(`${form}: nothing ready in time is an empty list; a timeout of 0 or below looks once`, async () => {
		const [reader, writer] = Pipe({ duplex: false });
		const start = performance.now();
		assert.deepEqual(await waitFor([reader], 30), []);
		assert.ok(performance.now() - start >= 30);
		assert.deepEqual(await waitFor([reader], 0), []);
		assert.deepEqual(await waitFor([reader], -5), []);
		assert.deepEqual(await waitFor([], 10), []);
		writer.close();
		assert.deepEqual(await waitFor([reader], 0), [reader]);
		reader.close();
	});

	test(`${form}: an event is waited for until it is set, alone and beside others`, async () => {
		const one = await starting();
		const event = new Event();
		assert.deepEqual(await waitFor([event, one.reader], 20), []);
		event.set();
		assert.deepEqual(await waitFor([event]), [event]);
		assert.deepEqual(await waitFor([one.child, event, one.reader, one.child.sentinel]), [event]);
		one.told.sendSync('go');
		assert.deepEqual(await waitFor([one.child]), [one.child]);
		assert.deepEqual(await waitFor([one.child, event, one.reader]), [one.child, event, one.reader]);
		one.end();
	});

	test(`${form}: what cannot be waited for is named`, async () => {
		const [reader, writer] = Pipe({ duplex: false });
		await assert.rejects(async () => waitFor([reader, {} as Connection]), {
			name: 'TypeError',
			message:
				'wait: objects[1] cannot be waited for; it must be a connection, a process, a queue, an event, a socket or a sentinel'.replace(
					/^wait/,
					form === 'blocking' ? 'waitSync' : 'wait',
				),
		});
		await assert.rejects(async () => waitFor([writer]), { code: 'ERR_MP_NOT_READABLE' });
		await assert.rejects(async () => waitFor([54_321]), { code: 'ERR_MP_CLOSED' });
		await assert.rejects(async () => waitFor([new Process()]), { code: 'ERR_MP_PROCESS_STATE' });
		reader.close();
		writer.close();
	});
}

test('a wait that is aborted rejects with the reason and leaves nothing waiting', async () => {
	const one = await starting();
	const event = new Event();
	const abort = new AbortController();
	const all = [one.reader, one.child, one.child.sentinel, event];
	const waiting = wait(all, { signal: abort.signal, timeout: 60_000 });
	abort.abort(new Error('changed my mind'));
	await assert.rejects(waiting, { message: 'changed my mind' });
	await assert.rejects(wait(all, { signal: abort.signal }), { message: 'changed my mind' });
	one.told.sendSync('go');
	assert.deepEqual(await wait([one.reader]), [one.reader]);
	assert.equal(one.reader.recvSync(), 'told');
	await one.child.join();
	one.end();
});
