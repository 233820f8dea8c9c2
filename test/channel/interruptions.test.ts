/** Aborted and closed in the middle: nothing is half done, and the next operation is as if nothing had been. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Lock, Pipe, Process, UnpicklingError } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './targets.ts';

const LARGE = targets.patterned(400_000, 5);

checkLeaks(async () => {
	const [here, there] = Pipe();
	const receiving = here.recv();
	await there.send(1);
	await receiving;
	const first = new Process({ target: targets.sendNumbered, args: [there, 0, 1, 0] });
	await first.start();
	await first.join();
	here.close();
	there.close();
});

test('an aborted recv rejects with the reason and takes nothing', async () => {
	const [here, there] = Pipe();
	const reason = new Error('enough');
	const abort = new AbortController();
	const receiving = here.recv({ signal: abort.signal });
	const next = here.recv();
	abort.abort(reason);
	await assert.rejects(receiving, reason);
	await there.send('for the next');
	assert.equal(await next, 'for the next');
	await assert.rejects(here.recv({ signal: AbortSignal.abort(reason) }), reason);
	await assert.rejects(here.recvBytes(undefined, { signal: AbortSignal.abort(reason) }), reason);
	assert.equal(await here.poll(), false);
	here.close();
	there.close();
});

test('an aborted poll rejects with the reason', async () => {
	const [here, there] = Pipe();
	const reason = new Error('enough');
	const abort = new AbortController();
	const polling = here.poll({ signal: abort.signal });
	abort.abort(reason);
	await assert.rejects(polling, reason);
	await assert.rejects(here.poll({ signal: AbortSignal.abort(reason) }), reason);
	await there.send(1);
	assert.equal(await here.poll({ timeout: 1000 }), true);
	here.close();
	there.close();
});

test('a send that is aborted in the middle of its message is not received, and the next ones are whole', async () => {
	const [here, there] = Pipe();
	const reason = new Error('enough');
	for (const begun of [false, true]) {
		const abort = new AbortController();
		const sending = here.sendBytes(LARGE, 0, undefined, { signal: abort.signal });
		const queued = here.sendBytes(Buffer.from('queued'));
		const receiving = begun ? there.recvBytes() : undefined;
		abort.abort(reason);
		await assert.rejects(sending, reason);
		const got = await (receiving ?? there.recvBytes());
		assert.equal(got.toString(), 'queued');
		await queued;
		const [back] = await Promise.all([there.recvBytes(), here.sendBytes(LARGE)]);
		assert.ok(LARGE.equals(back));
	}
	here.close();
	there.close();
});

test('an aborted send that was only queued leaves those around it alone', async () => {
	const [here, there] = Pipe();
	const abort = new AbortController();
	const first = here.sendBytes(LARGE);
	const second = here.send('aborted', { signal: abort.signal });
	const third = here.send('third');
	abort.abort(new Error('enough'));
	await assert.rejects(second, { message: 'enough' });
	assert.ok(LARGE.equals(await there.recvBytes()));
	assert.equal(await there.recv(), 'third');
	await Promise.all([first, third]);
	here.close();
	there.close();
});

test('a recv that is aborted in the middle of a message loses nothing and writes no more into its buffer', async () => {
	const [here, there] = Pipe();
	const reason = new Error('enough');
	const buffer = Buffer.alloc(LARGE.length);
	const abort = new AbortController();
	const sending = there.sendBytes(LARGE);
	const receiving = here.recvBytesInto(buffer, 0, { signal: abort.signal });
	abort.abort(reason);
	await assert.rejects(receiving, reason);
	buffer.fill(0xaa);
	const next = await here.recvBytes();
	await sending;
	assert.ok(LARGE.equals(next));
	assert.ok(buffer.every((byte) => byte === 0xaa));
	here.close();
	there.close();
});

test('a left-over message that is too long for the next recvBytes is gone after its error', async () => {
	const [here, there] = Pipe();
	const abort = new AbortController();
	const sending = there.sendBytes(LARGE);
	const receiving = here.recvBytes(undefined, { signal: abort.signal });
	abort.abort(new Error('enough'));
	await assert.rejects(receiving, { message: 'enough' });
	await assert.rejects(here.recvBytes(10), { name: 'BufferTooShort', size: LARGE.length });
	await sending;
	there.sendSync('next');
	assert.equal(here.recvSync(), 'next');
	here.close();
	there.close();
});

test('close rejects what is pending, and the other end sees the end and nothing half', async () => {
	const [here, there] = Pipe();
	const closed = {
		name: 'ClosedError',
		code: 'ERR_MP_CLOSED',
		message: 'Connection.close: the connection was closed while this call was waiting.',
	};
	const pending = [here.recv(), here.recvBytes(), here.sendBytes(LARGE), here.send('queued')];
	here.close();
	await Promise.all(pending.map((promise) => assert.rejects(promise, closed)));
	assert.equal(here.closed, true);
	await assert.rejects(there.recv(), { name: 'EOFError' });
	await assert.rejects(there.send(1), { name: 'BrokenPipeError' });
	there.close();
});

test('what cannot be pickled throws at the call, naming the place, and the connection lives on', async () => {
	const [here, there] = Pipe();
	const bad = { deep: [new WeakMap()] };
	await assert.rejects(here.send(bad), { name: 'PicklingError', path: 'message.deep[0]' });
	assert.throws(() => here.sendSync(bad), { name: 'PicklingError', path: 'message.deep[0]' });
	await here.send('alive');
	assert.equal(await there.recv(), 'alive');
	here.close();
	there.close();
});

test('a message that cannot be unpickled rejects that recv, and the next message is fine', async () => {
	const [here, there] = Pipe();
	for (const damaged of [Buffer.from([0xff, 0xff]), Buffer.alloc(0), LARGE]) {
		const sending = there.sendBytes(damaged);
		await assert.rejects(here.recv(), UnpicklingError);
		await sending;
		there.sendSync('fine');
		assert.equal(await here.recv(), 'fine');
	}
	there.sendBytesSync(Buffer.from([0xff]));
	assert.throws(() => here.recvSync(), { name: 'UnpicklingError', code: 'ERR_MP_UNPICKLING' });
	here.close();
	there.close();
});

/** After a process was killed, everything nobody holds is freed. */
async function sweepHeap(): Promise<void> {
	const [report, theirs] = Pipe();
	const victim = new Process({ target: targets.hold, args: [theirs, theirs] });
	await victim.start();
	await report.recv();
	victim.kill();
	await victim.join();
	victim.close();
	report.close();
	theirs.close();
}

test('a shared object in a message whose recv was aborted half-way lives on when its sender has gone', async () => {
	const [here, there] = Pipe();
	const child = new Process({ target: targets.sendLockInLarge, args: [there] });
	await child.start();
	assert.equal(await here.poll(20_000), true);
	const abort = new AbortController();
	const receiving = here.recv({ signal: abort.signal });
	abort.abort(new Error('enough'));
	await assert.rejects(receiving, { message: 'enough' });
	assert.equal(await child.join(), 0);
	child.close();
	assert.equal(await here.poll(20_000), true, 'all of it has come');
	await sweepHeap();
	const { lock, padding } = (await here.recv()) as { lock: Lock; padding: string };
	assert.equal(padding.length, 1 << 23);
	assert.equal(await lock.acquire({ timeout: 0 }), true);
	lock.release();
	here.close();
	there.close();
});
