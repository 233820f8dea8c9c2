/** A child has what it was passed, and nothing else of its parent's: under every start method but a fork, whose point is the contrary. */
import assert from 'node:assert/strict';
import { type StdioOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { type ChildProcessOptions, getContext } from 'polyproc';
import { isForAll } from '../house/for-all.ts';
import { checkLeaks } from '../house/leaks.ts';
import { fixturePath } from '../house/root.ts';
import { type Method, methods } from '../parity/methods.ts';
import * as targets from './handed-down.ts';
import { CAUGHT, type Outcome, outcomeOf } from './outcome.ts';

type Target = () => unknown;

checkLeaks(async () => {
	for (const method of methods) await run(method, targets.tellIdentity);
});

const freshMethods: readonly Method[] = methods.filter((method) => method !== 'fork');
const isRoot: boolean = process.getuid?.() === 0;
const NOBODY = 65534;
const SCHED_IDLE = 5;

const mayChoose: boolean = isRoot && isForAll(process.execPath) && isForAll(fixturePath('process'));

function run(method: Method, target: Target, options: ChildProcessOptions = {}): Promise<Outcome> {
	return outcomeOf(new (getContext(method).Process)({ target, stdio: CAUGHT, ...options }));
}

/** A descriptor that a shell has left open, beyond those that Node closes for its children by itself. */
const LEFT_OPEN = 40;

/** What the child of a program with much to hand down tells. */
async function tellOf(method: Method, what: keyof typeof targets, nodeOptions?: string): Promise<unknown> {
	const file = openSync(fixturePath('process/empty.cjs'), 'r');
	const stdio = Array.from({ length: LEFT_OPEN + 1 }, () => 'ignore' as 'ignore' | 'pipe' | number);
	stdio.splice(1, 2, 'pipe', 'pipe');
	stdio[LEFT_OPEN] = file;
	const program = spawn(process.execPath, [fixturePath('process/inherits-much.mjs'), method, what], {
		stdio,
		env: { ...process.env, ...(nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions }) },
	});
	const [stdout, stderr] = await Promise.all([text(program.stdout!), text(program.stderr!)]);
	closeSync(file);
	assert.doesNotMatch(stderr, /address already in use|Starting inspector .* failed/);
	return JSON.parse(stdout);
}

for (const method of freshMethods) {
	test(`${method}: no file, socket or server of the parent is open in its child`, async () => {
		const open = (await tellOf(method, 'tellDescriptors')) as string[];
		const own = /^(?:pipe:|anon_inode:|\/dev\/null$|\/memfd:polyproc )/;
		assert.deepEqual(
			open.filter((target) => !own.test(target)),
			[],
		);
		assert.equal(open.filter((target) => target.startsWith('/memfd:')).length, method === 'spawn' ? 1 : 2);
	});

	test(`${method}: signals that the parent catches are a child's to be ended by`, async () => {
		const [blocked, ignored, caught] = (await tellOf(method, 'tellSignals')) as [string, string, string];
		const has = (mask: string, signal: number): boolean => (BigInt(`0x${mask}`) >> BigInt(signal - 1)) % 2n === 1n;
		assert.equal(BigInt(`0x${blocked}`), 0n);
		for (const signal of [1, 12]) assert.deepEqual([has(ignored, signal), has(caught, signal)], [false, false]);
		// Node itself catches these two, and ends of them.
		for (const signal of [2, 15]) assert.equal(has(ignored, signal), false);
	});

	test(`${method}: a debugger is the parent's alone`, async () => {
		assert.deepEqual(await tellOf(method, 'tellInspector', '--inspect=127.0.0.1:0'), [null, [], null]);
		const [url, , options] = (await tellOf(
			method,
			'tellInspector',
			'--stack-trace-limit=7 --inspect=127.0.0.1:0 --no-warnings',
		)) as string[];
		assert.deepEqual([url, options], [null, '--stack-trace-limit=7 --no-warnings']);
	});
}

for (const method of methods) {
	test(`${method}: an environment that is given is all there is, also to who asks the kernel`, async () => {
		process.env.POLYPROC_TEST_SECRET = 'secret';
		try {
			assert.deepEqual((await run(method, targets.tellEnvironment, { env: {} })).told, [[{}, '']]);
			const { told } = await run(method, targets.tellEnvironment, { env: { PATH: '/bin', A: '1' } });
			const [[environment, block]] = told as [[object, string]];
			assert.deepEqual(environment, { PATH: '/bin', A: '1' });
			assert.doesNotMatch(block, /POLYPROC|secret|HOME/);
		} finally {
			delete process.env.POLYPROC_TEST_SECRET;
		}
	});

	test(`${method}: a child without new privileges has none, nor has what it starts`, async () => {
		const { told } = await run(method, targets.tellIdentity, { noNewPrivileges: true });
		assert.equal((told[0] as { privileges: string }).privileges, '1');
		const { stdout } = await run(method, targets.tellOfChild, { noNewPrivileges: true });
		assert.match(stdout, /NoNewPrivs:\s+1/);
		const free = await run(method, targets.tellIdentity);
		assert.equal((free.told[0] as { privileges: string }).privileges, '0');
	});

	test(`${method}: a child has the priority that it is given, in all its threads, and so has what it starts`, async () => {
		const { told } = await run(method, targets.tellPriorities, { priority: 17 });
		assert.deepEqual(told, [[17], 17]);
	});

	test(`${method}: the lowest priority is to run when nobody else wants to`, async () => {
		assert.deepEqual((await run(method, targets.tellPolicies, { priority: 18 })).told, [[0]]);
		assert.deepEqual((await run(method, targets.tellPolicies, { priority: 19 })).told, [[SCHED_IDLE]]);
	});

	test(`${method}: a child can be another user's, if this program is root's`, { skip: !mayChoose }, async () => {
		const { told, stderr } = await run(method, targets.tellIdentity, { uid: NOBODY, gid: NOBODY, cwd: '/' });
		assert.equal(stderr, '');
		const {
			privileges: _,
			groups,
			...ids
		} = told[0] as { uid: number; gid: number; groups: number[]; privileges: string };
		assert.deepEqual([ids, groups.filter((group) => group !== NOBODY)], [{ uid: NOBODY, gid: NOBODY }, []]);
	});
}

test('who may not choose the user, or a higher priority, is told so, and nothing is started', {
	skip: !mayChoose,
}, async () => {
	const program = fixturePath('process/chooses-user.mjs');
	const stdio: StdioOptions = ['ignore', 'pipe', 'inherit'];
	const child = spawn(process.execPath, [program], { uid: NOBODY, gid: NOBODY, cwd: '/', stdio });
	const stdout = await text(child.stdout!);
	assert.match(
		stdout,
		/^ERR_MP_START: cannot start \S+ as user 0, group 65534: only root may start processes of others/m,
	);
	const refusals = stdout.match(/^ERR_MP_START: cannot start \S+ with priority -5: only root may give a higher one/gm);
	assert.equal(refusals?.length, 2);
	assert.match(stdout, /^own: 0$/m);
});
