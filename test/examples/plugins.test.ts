import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkLeaks } from '../house/leaks.ts';
import { repositoryPath } from '../house/root.ts';

const KEY = 'only-the-host-knows';
/** Milliseconds within which everything of a family is gone. */
const PATIENCE = 5000;
const FOLDER = 'polyproc-plugins-';

checkLeaks();

function startHost(): ChildProcess {
	return spawn(process.execPath, [repositoryPath('build/examples/plugins/main.js')], {
		detached: true, // a session of its own: all that it starts can be found by that
		env: { ...process.env, HOST_KEY: KEY },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
}

/** Pids of what runs in the host's session. */
function survivors(session: number): string[] {
	const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
	return pids.filter((pid) => {
		const stat = read(`/proc/${pid}/stat`);
		const [state, , , inSession] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		return Number(inSession) === session && !['Z', 'X'].includes(state!);
	});
}

function read(file: string): string {
	try {
		return readFileSync(file, 'latin1');
	} catch {
		return ''; // it has just ended
	}
}

function folders(): string[] {
	return readdirSync(tmpdir()).filter((name) => name.startsWith(FOLDER));
}

/** Of its session, of those that a plugin has said are in sessions of their own, of its files. */
async function expectNothing(session: number, stdout: string, before: readonly string[]): Promise<void> {
	const children = /says: (.*) are my children/.exec(stdout)?.[1]?.split(' ') ?? [];
	const end = performance.now() + PATIENCE;
	for (;;) {
		const left = [
			...survivors(session),
			...children.filter((pid) => existsSync(`/proc/${pid}`)),
			...folders().filter((name) => !before.includes(name)),
		];
		if (left.length === 0) return;
		assert.ok(performance.now() < end, `left behind: ${left.join(', ')}`);
		await sleep(20);
	}
}

const REPORT: readonly RegExp[] = [
	/^serving http:\/\/127\.0\.0\.1:\d+\/$/,
	/^behaves says: my notes: Nice place\.$/,
	/^behaves says: my environment: \{\}$/,
	/^behaves: finished$/,
	/^blocks: killed: more wallTime than it may have$/,
	/^exits: gone: exit code 7$/,
	/^floods says: Buy! /,
	/^floods: met ERR_MP_FULL: Queue\.putNowait: the queue is full/,
	/^forks: met ERR_ACCESS_DENIED: /,
	/^forks, allowed one says: \d+ \d+ \d+ are my children$/,
	/^forks, allowed one says: 2 of them were killed$/,
	/^forks, allowed one: finished$/,
	/^leaks: killed: more memory than it may have$/,
	/^loops: killed: more cpuTime than it may have$/,
	/^reads: met ERR_ACCESS_DENIED: /,
	/^throws: met TypeError: Cannot set properties of undefined/,
	/^writes: met ERR_ACCESS_DENIED: /,
	/^without plugins: \d+ requests, all answered, p50 \d+\.\d\d ms, p99 \d+\.\d\d ms, longest \d+\.\d\d ms$/,
	/^with plugins: \d+ requests, all answered, p50 \d+\.\d\d ms, p99 \d+\.\d\d ms, longest \d+\.\d\d ms$/,
	/^ratio: \d+\.\d\d$/,
];

test('plugins: what each of ten did is told by its name, all requests are answered meanwhile, and nothing is left', async () => {
	const before = folders();
	const host = startHost();
	const [stdout, stderr] = await Promise.all([text(host.stdout!), text(host.stderr!), once(host, 'exit')]);
	assert.deepEqual([host.exitCode, stderr], [0, ''], stdout);
	const lines = stdout.trimEnd().split('\n');
	assert.equal(lines.length, REPORT.length, stdout);
	for (const [at, expected] of REPORT.entries()) assert.match(lines[at]!, expected);
	assert.ok(!stdout.includes(KEY), 'the key came out');
	await expectNothing(host.pid!, stdout, before);
	const { port, hostname } = new URL(lines[0]!.slice('serving '.length));
	await assert.rejects(once(connect(Number(port), hostname), 'connect'), { code: 'ECONNREFUSED' });
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	test(`plugins: a host that gets ${signal} while they run takes them along`, async () => {
		const before = folders();
		const host = startHost();
		const output = Promise.all([text(host.stdout!), text(host.stderr!)]);
		await untilPlugins(host.pid!);
		host.kill(signal);
		await once(host, 'exit');
		const [stdout, stderr] = await output;
		assert.deepEqual([host.exitCode, host.signalCode, stderr], [0, null, ''], stdout);
		assert.match(stdout, /^loops: /m);
		await expectNothing(host.pid!, stdout, before);
	});
}

/** The host, its fork server, and some more are there. */
async function untilPlugins(session: number): Promise<void> {
	const end = performance.now() + 6 * PATIENCE;
	while (survivors(session).length < 8) {
		assert.ok(performance.now() < end, 'there are no plugins');
		await sleep(20);
	}
}
