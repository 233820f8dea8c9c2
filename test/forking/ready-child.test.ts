/** The child that the fork server keeps ready while it is asked again and again: it is nobody's until it is handed over. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { getContext, Pipe } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { tellParent } from './targets.ts';

const { Process } = getContext('forkserver');
/** More than it takes until one is kept ready. */
const SERIES = 6;
/** Milliseconds in which everything that is to happen has happened, on a slow machine. */
const PATIENCE = 5000;

checkLeaks(async () => {
	await oneChild();
});

/** Starts a child and joins it; the fork server's pid. */
async function oneChild(): Promise<number> {
	const [here, there] = Pipe();
	const child = new Process({ target: tellParent, args: [there] });
	await child.start();
	there.close();
	const server = (await here.recv()) as number;
	here.close();
	assert.equal(await child.join(), 0);
	child.close();
	return server;
}

function childrenOf(pid: number): number[] {
	try {
		return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
	} catch {
		return [];
	}
}

async function until<T>(look: () => T | undefined, what: string): Promise<T> {
	for (const end = performance.now() + PATIENCE; performance.now() < end; await sleep(5)) {
		const found = look();
		if (found !== undefined) return found;
	}
	throw new assert.AssertionError({ message: `not seen: ${what}` });
}

/** A child that is ready, and its server. It is not kept for long, so there may have to be another series. */
async function ready(): Promise<{ server: number; pid: number }> {
	for (;;) {
		let server = 0;
		for (let i = 0; i < SERIES; i++) server = await oneChild();
		for (let i = 0; i < 50; i++, await sleep(2)) {
			const [pid] = childrenOf(server);
			if (pid !== undefined) return { server, pid };
		}
	}
}

test('the child that is ready is the next one that is started', async () => {
	const { server, pid } = await ready();
	const [here, there] = Pipe();
	const child = new Process({ target: tellParent, args: [there] });
	await child.start();
	assert.equal(await here.recv(), server);
	assert.equal(child.pid, pid);
	assert.equal(await child.join(), 0);
	for (const end of [here, there]) end.close();
});

test('it is sent away when nobody asks any more', async () => {
	const { server } = await ready();
	await until(() => (childrenOf(server).length === 0 ? true : undefined), 'a server without children');
});

test('killed, it costs nobody anything', async () => {
	const { server, pid } = await ready();
	process.kill(pid, 'SIGKILL');
	assert.equal(await oneChild(), server);
});

test('it ends with its server, and the next child is that of a new one', async () => {
	const { server, pid } = await ready();
	process.kill(server, 'SIGKILL');
	await until(() => (existsSync(`/proc/${pid}`) ? undefined : true), 'its end');
	assert.notEqual(await oneChild(), server);
});

test('a series that is not joined gets as many children', async () => {
	await ready();
	const children = Array.from({ length: 12 }, () => new Process({ target: Math.abs, args: [1] }));
	await Promise.all(children.map((child) => child.start()));
	assert.equal(new Set(children.map((child) => child.pid)).size, children.length);
	assert.deepEqual(
		await Promise.all(children.map((child) => child.join())),
		children.map(() => 0),
	);
	for (const child of children) child.close();
});
