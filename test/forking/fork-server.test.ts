/** The fork server as those see it who have children made by it: who it is, and that its death costs nobody anything. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Connection, getContext, Pipe, setStartMethod } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';
import * as targets from './targets.ts';

setStartMethod('forkserver', { force: true });
const { Process } = getContext('forkserver');

/** The fork server, by what a child says. */
async function serverPid(): Promise<number> {
	const { child, here, server } = await started(targets.tellParent);
	assert.equal(await child.join(), 0);
	here.close();
	return server;
}

async function started(target: (to: Connection) => unknown) {
	const [here, there] = Pipe();
	const child = new Process({ target, args: [there] });
	await child.start();
	there.close();
	return { child, here, server: (await here.recv()) as number };
}

checkLeaks(serverPid);

const LIMIT = 2000;

async function isGone(pid: number): Promise<void> {
	for (const start = performance.now(); existsSync(`/proc/${pid}`); await turn()) {
		assert.ok(performance.now() - start < LIMIT, `process ${pid} is still there`);
	}
}

test('one server makes the children of the whole family', async () => {
	const { child, here, server } = await started(targets.tellParents);
	assert.notEqual(server, process.pid);
	assert.equal(await here.recv(), server);
	assert.equal(await child.join(), 0);
	assert.equal(await serverPid(), server);
	here.close();
});

test('SIGINT for the server changes nothing', async () => {
	const { child, here, server } = await started(targets.tellParentAndWait);
	process.kill(server, 'SIGINT');
	assert.equal(await serverPid(), server);
	await here.send('go on');
	assert.equal(await here.recv(), 'finished');
	assert.equal(await child.join(), 0);
	here.close();
});

test('a child outlives its server, which is replaced when it is needed again', async () => {
	for (const join of ['join', 'joinSync'] as const) {
		const { child, here, server } = await started(targets.tellParentAndWait);
		process.kill(server, 'SIGKILL');
		await isGone(server);
		assert.equal(child.isAlive(), true);
		const next = await serverPid();
		assert.notEqual(next, server);
		await here.send('go on');
		assert.equal(await here.recv(), 'finished');
		assert.ok([0, 255].includes((await child[join]()) as number), `exit code ${child.exitCode}`);
		here.close();
		assert.equal(await serverPid(), next);
	}
});

test('a server killed while it is asked for many children fails nobody', async () => {
	for (let round = 0; round < 3; round++) {
		const server = await serverPid();
		const children = Array.from({ length: 10 }, () => new Process({ target: targets.doNothing }));
		const starts = children.map((child) => child.start());
		for (let turns = 0; turns < round; turns++) await turn();
		process.kill(server, 'SIGKILL');
		await Promise.all(starts);
		const codes = await Promise.all(children.map((child) => child.join()));
		assert.ok(
			codes.every((code) => code === 0 || code === 255),
			codes.join(),
		);
	}
});

test('a signal that ends a child is told as it was', async () => {
	for (const [signal, code] of [
		['SIGKILL', -9],
		['SIGTERM', -15],
		['SIGUSR2', -12],
	] as const) {
		const { child, here } = await started(targets.tellParentAndWait);
		process.kill(child.pid as number, signal);
		assert.equal(await child.join(), code);
		here.close();
	}
});

for (const how of ['killed', 'ended'] as const) {
	test(`the server is gone soon after its family was ${how}`, async () => {
		const program = spawn(process.execPath, [fixturePath('forking/family.mjs')], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
		const server = Number((await lines.next()).value);
		assert.ok(existsSync(`/proc/${server}`));
		const end = new Promise((resolve) => program.once('exit', resolve));
		if (how === 'killed') program.kill('SIGKILL');
		else program.stdin.end();
		await end;
		await isGone(server);
	});
}

test("the server keeps nobody's output open", async () => {
	const { stdout, stderr, code } = await runProgram(fixturePath('forking/output-of-first.mjs'));
	assert.deepEqual([stdout, stderr, code], ['all of it was: from the child\n', '', 0]);
});
