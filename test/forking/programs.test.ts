/** Whole programs that are forked: nothing of what they have going goes on in a child, and none of it suffers. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { checkLeaks } from '../house/leaks.ts';
import { type Ended, runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';
import { FORK_FLAGS } from '../parity/methods.ts';

checkLeaks();

/** What starts a program with the same addresses every time, as debuggers do. */
function hasSetarch(): boolean {
	return spawnSync('setarch', ['-R', 'true']).status === 0;
}

function run(file: string, args: string[] = [], execArgv: readonly string[] = FORK_FLAGS): Promise<Ended> {
	return runProgram(fixturePath(`forking/${file}`), { args, execArgv });
}

test('timers, immediates, servers, sockets, processes, callbacks and listeners of a parent never run in its children', async () => {
	const { stdout, stderr, code } = await run('busy-parent.mjs');
	assert.deepEqual([stderr, code], ['', 0]);
	const [told, seen] = [stdout.match(/^from the child .*$/gm), stdout.trim().split('\n').at(-1)];
	assert.deepEqual(told, Array(3).fill('from the child 2 true 0 true'));
	assert.match(seen ?? '', /^0,0,0 .*data.*file,immediate,interval,later immediate,microtask,request,timeout/);
});

test('nor does what the engine was about to do', async () => {
	const { stdout, stderr, code } = await run('engine-tasks.mjs');
	assert.deepEqual([stdout, stderr, code], ['instantiated: 240, children: 0,0,0,0,0,0\n', '', 0]);
});

test('a child that has ended holds nothing any more, and what takes its memory apart is soon gone', async () => {
	const { lines, stderr, code } = await run('remains.mjs');
	assert.deepEqual([lines, stderr, code], [['0,6,3 0 true'], '', 0]);
});

test('what a child throws and nobody catches ends the child, and is nothing that its parent goes on with there', async () => {
	const { lines, stderr, code } = await run('thrown.mjs');
	const ended = ['call', 'tick', 'microtask', 'rejection', 'immediate', 'timer', 'exit', 'thenable'].map(
		(name) => `${name} 1`,
	);
	assert.deepEqual(lines, [...ended, 'handled', 'goes on', 'handled 0', 'captured', 'captured 0']);
	assert.deepEqual([stderr.match(/Error: thrown/g)?.length, code], [ended.length, 0], stderr);
});

test('a child has no part in what its parent reads from its standard input', async () => {
	const program = spawn(process.execPath, [...FORK_FLAGS, fixturePath('forking/reading-parent.mjs')], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	const lines: string[] = [];
	for await (const line of createInterface({ input: program.stdout })) {
		if (line === 'ready') program.stdin.write('first');
		else if (line.startsWith('say ')) program.stdin.write(line.slice('say '.length));
		else lines.push(line);
	}
	assert.deepEqual(lines, ['ignore 0', 'read its own', 'pipe 0', 'inherit 0']);
});

test('what a parent has still to write it writes alone, and its children do not wait for that', async () => {
	const program = spawn(process.execPath, [...FORK_FLAGS, fixturePath('forking/writing-parent.mjs')], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let written = '';
	program.stdout.setEncoding('utf8').on('data', (text) => {
		written += text;
	});
	program.stdout.pause();
	const lines: string[] = [];
	for await (const line of createInterface({ input: program.stderr })) {
		lines.push(line);
		if (line === 'read') program.stdout.resume();
		else program.stdout.pause();
	}
	program.stdout.resume();
	if (!program.stdout.readableEnded) await once(program.stdout, 'end');
	assert.deepEqual(lines, ['started', 'read', '0 0', 'started', 'read', '0 20', 'started', 'read', '0 0']);
	assert.equal(written, '.'.repeat(3_000_000));
});

test('a program that has put its own in the place of timers and UUIDs can be forked, and they are not called', async () => {
	const { lines, stderr, code } = await run('replaced.mjs');
	assert.deepEqual([stderr, code], ['', 0]);
	assert.deepEqual([lines.length, new Set(lines).size], [3, 3], String(lines));
	for (const line of lines) assert.match(line, /^[0-9a-f-]{36} 0$/);
});

test('a server under load that forks children all the time answers every request, and no child answers any', async () => {
	const { stdout, stderr, code } = await run('loaded-server.mjs');
	assert.deepEqual([stderr, code], ['', 0]);
	assert.match(stdout, /^50 children, codes 0\n\d\d+ requests, 0 lost, 0 answered by others\n$/);
});

for (const method of ['fork', 'forkserver']) {
	test(`${method}: siblings draw different random numbers, integers, bytes and UUIDs, and so does their parent`, async () => {
		const { stdout, stderr, code } = await run('siblings.mjs', [method], method === 'fork' ? FORK_FLAGS : []);
		assert.deepEqual([stderr, code], ['', 0]);
		const drawn = stdout
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as Record<string, string>);
		assert.equal(drawn.length, 21);
		for (const kind of ['random', 'later', 'uuid', 'bytes', 'integers', 'web']) {
			assert.equal(new Set(drawn.map((one) => one[kind])).size, 21, kind);
		}
	});
}

for (const method of ['spawn', 'forkserver', 'fork']) {
	test(`${method}: a child with nothing left to do is asked whether it goes on, again each time that it did`, async () => {
		const { lines, stderr, code } = await run('before-exit.mjs', [method]);
		assert.deepEqual([stderr, code], ['', 0]);
		assert.deepEqual(lines, ['asked 1', 'read', 'asked 2', 'read', 'asked 3', '0']);
	});
}

test('a program whose addresses are not random can be forked, too', { skip: !hasSetarch() }, () => {
	const flags = ['-R', process.execPath, ...FORK_FLAGS, fixturePath('forking/siblings.mjs'), 'fork'];
	const { stdout, stderr, status } = spawnSync('setarch', flags, { encoding: 'utf8' });
	assert.deepEqual([stderr, status, stdout.trim().split('\n').length], ['', 0, 21]);
});

test('a program with worker threads is warned once it is forked, and only while they run', async () => {
	const { stdout, stderr, code } = await run('with-worker.mjs');
	assert.deepEqual([stdout, code], ['0 0\n', 0]);
	assert.equal(stderr.match(/ForkWarning: with is forked from a process with worker threads\./g)?.length, 1, stderr);
	assert.doesNotMatch(stderr, /without is/);
});

test('a program without the flags is told how to be started', async () => {
	for (const flags of [[], FORK_FLAGS.slice(1), FORK_FLAGS.slice(0, 2)]) {
		const { stdout, code } = await run('without-flags.mjs', [], flags);
		assert.equal(
			stdout,
			'ERR_MP_FORK_FLAGS: cannot fork Process-1: this program was not started in a way that lets it be forked. Start it with `polyproc run FILE`, or with `node --single-threaded --single-threaded-gc --v8-pool-size=0 FILE`.\n',
		);
		assert.equal(code, 0);
	}
});

test('objects made in one context are used by the processes of all', async () => {
	const { stdout, stderr, code } = await run('mixed-contexts.mjs');
	assert.deepEqual([stderr, code], ['', 0]);
	const pairs = ['spawn', 'forkserver', 'fork'].flatMap((made) =>
		['spawn', 'forkserver', 'fork'].map((used) => `${made} ${used} true 1 0\n`),
	);
	assert.equal(stdout, pairs.join(''));
});

test('the start method is what is chosen, or comes from outside, or is the default', async () => {
	const tell = async (args: string[], env: NodeJS.ProcessEnv) => {
		const program = await runProgram(fixturePath('forking/chosen-method.mjs'), { args, env, execArgv: FORK_FLAGS });
		return program.stdout.trim();
	};
	const POLYPROC_START_METHOD = undefined;
	assert.equal(await tell([], { POLYPROC_START_METHOD }), 'forkserver,spawn,fork null forkserver forkserver');
	for (const method of ['spawn', 'fork', 'forkserver']) {
		const all = `forkserver,spawn,fork null ${method} ${method}`;
		assert.equal(await tell([], { POLYPROC_START_METHOD: method }), all);
		assert.equal(await tell([method], { POLYPROC_START_METHOD: 'spawn' }), all.replace('null', method));
	}
	assert.match(
		await tell([], { POLYPROC_START_METHOD: 'thread' }),
		/ERR_MP_START_METHOD POLYPROC_START_METHOD: "thread" is not a start method/,
	);
	assert.match(await tell(['thread'], {}), /ERR_MP_START_METHOD setStartMethod: "thread" is not a start method/);
	assert.match(
		await tell(['spawn', 'fork'], {}),
		/ERR_MP_START_METHOD setStartMethod: "spawn" has been chosen already/,
	);
});
