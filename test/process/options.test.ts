/** What can be passed to a process, and what it has around it. */
import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { currentProcess, getStartMethod, PicklingError, Process, setExecutable, setStartMethod } from 'polyproc';
import { checkLeaks, takeInventory } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';
import { CAUGHT, outcomeOf, run } from './outcome.ts';
import * as targets from './targets.ts';

checkLeaks(() => run({ target: targets.doNothing }));

interface Surroundings {
	cwd: string;
	argv: string[];
	execArgv: string[];
	mark?: string;
}

async function surroundings(options: object): Promise<Surroundings> {
	const { told, stderr } = await run({ target: targets.tellSurroundings, ...options });
	assert.equal(stderr, '');
	return told[0] as Surroundings;
}

test('environment, working directory and arguments are those of the parent unless given', async () => {
	const plain = await surroundings({});
	assert.deepEqual([plain.cwd, plain.argv, plain.mark], [process.cwd(), process.argv.slice(1), undefined]);
	const folder = realpathSync(tmpdir());
	const given = await surroundings({ cwd: folder, env: { ...process.env, POLYPROC_TEST_MARK: 'here' } });
	assert.deepEqual([given.cwd, given.mark], [folder, 'here']);
	assert.equal((await surroundings({ cwd: pathToFileURL(folder) })).cwd, folder);
});

test("Node's options are those given", async () => {
	const { execArgv } = await surroundings({ execArgv: ['--stack-trace-limit=5'] });
	assert.deepEqual(execArgv, ['--stack-trace-limit=5']);
});

test("modules in Node's options are looked for from here, also when the child's working directory is another", async () => {
	const from = fixturePath('process');
	const program = await runProgram(fixturePath('process/other-folder.mjs'), {
		cwd: from,
		execArgv: ['--import', './mark.mjs'],
	});
	assert.deepEqual([program.stdout, program.stderr, program.code], ['inherited: marked\ngiven: marked\n', '', 0]);
});

test('standard streams can be pipes, and are nothing to read and the own output by default', async () => {
	const child = new Process({ target: targets.echo, stdio: 'pipe' });
	await child.start();
	child.stdin?.end('hello');
	const chunks: string[] = [];
	for await (const chunk of child.stdout ?? []) chunks.push(String(chunk));
	assert.equal(chunks.join(''), 'HELLO');
	assert.equal(await child.join(), 0);
	const plain = new Process({ target: targets.echo });
	await plain.start();
	assert.deepEqual([plain.stdin, plain.stdout, plain.stderr], [null, null, null]);
	assert.equal(await plain.join(), 0);
});

test('an option that is misspelt, or of the wrong type is an error that names it', () => {
	const make = (options: object) => () => new Process(options as never);
	assert.throws(make({ targt: targets.doNothing }), { name: 'TypeError', message: /unknown option "targt"/ });
	assert.throws(make({ toString: 1 }), { name: 'TypeError', message: /unknown option "toString"/ });
	assert.throws(make({ target: 'doNothing' }), { message: 'new Process: target must be a function, not string' });
	assert.throws(make({ args: 1 }), { name: 'TypeError', message: /args must be an array/ });
	assert.throws(make({ name: 1 }), { name: 'TypeError', message: /name must be a string/ });
	assert.throws(make({ daemon: 1 }), { name: 'TypeError', message: /daemon must be a boolean/ });
	assert.throws(make({ stdio: ['ipc'] }), { name: 'TypeError', message: /'ipc'/ });
	assert.throws(make({ stdio: 'none' }), { name: 'TypeError', message: /stdio entries must be 'pipe', .*, not none/ });
	assert.throws(make({ stdio: ['pipe', true] }), { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' });
	assert.throws(make({ limits: null }), { name: 'TypeError', message: /limits must be an object/ });
	assert.throws(make({ uid: -1 }), { name: 'RangeError', message: /uid must be a whole number from 0 to 4294967294/ });
	assert.throws(make({ priority: 20 }), {
		name: 'RangeError',
		message: 'new Process: priority must be a whole number from -20 to 19, and 20 is not',
	});
	assert.throws(make({ gid: 'root' }), { name: 'TypeError', message: /gid must be a number, not string/ });
	assert.throws(make({ noNewPrivileges: 1 }), { name: 'TypeError', message: /noNewPrivileges must be a boolean/ });
	assert.throws(() => new Process(null as never), TypeError);
	const child = make({ target: targets.doNothing })();
	const unknown = { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' };
	assert.throws(() => child.kill({ tre: true } as never), {
		...unknown,
		message: 'kill: unknown option "tre"; there is only tree',
	});
	assert.throws(() => child.kill({ tree: 1 as never }), unknown);
	assert.throws(() => getStartMethod({ allowNon: true } as never), unknown);
	assert.throws(() => setStartMethod('spawn', { froce: true } as never), unknown);
	assert.equal(getStartMethod({ allowNone: true }), null);
});

test('name and key can be changed, to what they can be', () => {
	const child = new Process({ target: targets.doNothing });
	child.name = 'other';
	child.authkey = Buffer.from('key');
	assert.deepEqual([child.name, child.authkey.toString('utf8')], ['other', 'key']);
	assert.throws(() => {
		child.name = 1 as never;
	}, TypeError);
	assert.throws(() => {
		child.authkey = 'key' as never;
	}, TypeError);
	assert.equal(new Process().authkey.length, currentProcess().authkey.length);
});

test('a daemon starts no processes', async () => {
	const { told } = await run({ target: targets.tellWhyNot, daemon: true, name: 'D' });
	const message =
		'cannot start Process-9:1: D is a daemon, and a daemon may not have children. Start it with daemon: false.';
	const [[code, text]] = told as [[string, string]];
	assert.deepEqual([code, text.replace(/Process-\d+/, 'Process-9')], ['ERR_MP_DAEMON', message]);
});

test('an argument that cannot travel rejects start(), names its path, and nothing was started', async () => {
	const before = takeInventory();
	const symbol = Symbol('mine');
	for (const [args, path] of [
		[[1, { deep: [symbol] }], 'args[1].deep[0]'],
		[[symbol], 'args[0]'],
	] as const) {
		const child = new Process({ target: targets.tellArguments, args });
		await assert.rejects(child.start(), (error) => error instanceof PicklingError && error.path === path);
		assert.equal(child.pid, null);
	}
	await assert.rejects(
		new targets.Unsendable().start(),
		(error) => error instanceof PicklingError && error.path === 'handler.deep[0]',
	);
	assert.deepEqual(takeInventory(), before);
});

/** Processes and descriptors: nothing that others on this machine can change. */
function opened(): unknown {
	const { processes, descriptors } = takeInventory();
	return { processes, descriptors };
}

test('a Process among the arguments or fields rejects start(), names its path, and nothing was started', async () => {
	const before = opened();
	const other = new Process({ target: targets.doNothing });
	const captures = (): string => other.name;
	for (const [child, path] of [
		[new Process({ target: targets.tellArguments, args: [other] }), 'args[0]'],
		[new Process({ target: targets.tellArguments, args: [1, { of: [currentProcess()] }] }), 'args[1].of[0]'],
		[new targets.KeepsProcess(), 'helper'],
		[new Process({ target: captures }), 'target'],
	] as const) {
		await assert.rejects(child.start(), (error) => {
			assert.ok(error instanceof PicklingError, String(error));
			const why =
				'it is a Process object, which only the process that made it can use; send its pid or its name, or a connection';
			assert.ok(error.message.startsWith('Cannot pickle ') && error.message.endsWith(why), error.message);
			assert.equal(error.path, path);
			return true;
		});
		assert.equal(child.pid, null);
	}
	assert.deepEqual(opened(), before);
});

test('what is private to a subclass cannot travel: start() says so and nothing was started', async () => {
	const before = opened();
	for (const child of [new targets.KeepsPrivate(), new targets.InheritsPrivate()]) {
		await assert.rejects(child.start(), {
			name: 'PicklingError',
			path: '#secret',
			message:
				'Cannot pickle #secret: it is private to class KeepsPrivate, and would be missing in the child, where the constructor does not run. Make it an ordinary field or method, or create what it holds in run().',
		});
		assert.equal(child.pid, null);
	}
	assert.deepEqual(opened(), before);
});

test('an executable or working directory that is not there rejects start()', async () => {
	setExecutable('/nowhere/node');
	await assert.rejects(new Process({ target: targets.doNothing }).start(), {
		name: 'ProcessError',
		code: 'ERR_MP_START',
		message: /ENOENT.*\/nowhere\/node/,
	});
	setExecutable(process.execPath);
	await assert.rejects(
		new Process({ target: targets.doNothing, cwd: '/nowhere' }).start(),
		/\/nowhere, does not exist/,
	);
	await assert.rejects(async () => setExecutable(1 as never), TypeError);
});

test('a subclass travels with its class and fields, and its constructor does not run again', async () => {
	const child = new targets.Greeter('hi', 3);
	const piped = Object.assign(child, {});
	const { pid } = process;
	await piped.start();
	assert.equal(await piped.join(), 0);
	const caught = new (class extends Process {})({ target: targets.doNothing, stdio: CAUGHT });
	assert.ok(caught.name.endsWith(caught.name));
	assert.equal(child.madeIn, pid);
});

test('run() of a subclass may call the target through super', async () => {
	const child = new targets.CallsSuper({ target: targets.tellArguments, args: ['x'], stdio: CAUGHT });
	const { told, code } = await outcomeOf(child);
	assert.deepEqual([told, code], [['before', ['x']], 0]);
});

test('an error in run() of a subclass is exit code 1', async () => {
	const { code, stderr } = await outcomeOf(new targets.FailingRun({ stdio: CAUGHT }));
	assert.equal(code, 1);
	assert.match(stderr, /RangeError: from run/);
});
