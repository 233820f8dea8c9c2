/** Who removes named memory that nobody unlinked: the last of its family, or, when all were killed, its custodian. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SharedMemory } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { repositoryPath } from '../house/root.ts';

const FAMILY = repositoryPath('test/fixtures/memory/family.mjs');
/** Milliseconds within which the memory of a family that was killed has to be gone. */
const LIMIT = 5000;
const LOOK_AGAIN = 20;
const ROUNDS = 5;

checkLeaks(() => {
	for (let i = 0; i < 2; i++) new SharedMemory({ create: true, size: 1 }).unlink();
});

const exists = (name: string): boolean => existsSync(`/dev/shm/${name}`);

async function until(done: () => boolean, what: string): Promise<void> {
	const end = performance.now() + LIMIT;
	while (!done()) {
		assert.ok(performance.now() < end, what);
		await sleep(LOOK_AGAIN);
	}
}

interface Running {
	readonly program: ChildProcess;
	readonly names: string[];
}

/** Starts a family of a parent and `children` children that hangs; the names that it has created. */
async function startFamily(children: number): Promise<Running> {
	const args = [FAMILY, 'hang', String(children)];
	const program = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	const names: string[] = [];
	for await (const line of createInterface({ input: program.stdout })) {
		if (line === 'ready') break;
		names.push(line);
	}
	return { program, names };
}

/** Processes that belong to the family of `program`, by their parent. */
function childrenOf(pid: number): number[] {
	return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** The custodians of this user's families: pid and what they wait for. */
function custodians(): number[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.map(Number)
		.filter((pid) => commandOf(pid).startsWith('flock -x /proc/self/fd/3'));
}

/** A program and all its descendants; where processes are forked by a server, that is one of them. */
function familyOf(pid: number): number[] {
	return [...childrenOf(pid).flatMap(familyOf), pid];
}

function commandOf(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
	} catch {
		return ''; // it has just gone
	}
}

/** Not before its parent can see it: a process that is ending has lost its command line already. */
function hasEnded(pid: number): boolean {
	try {
		return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
	} catch {
		return true;
	}
}

for (const [ending, children, code] of [
	['end', 0, 0],
	['end', 2, 0],
	['throw', 1, 1],
] as const) {
	test(`a family of ${1 + children} that does not unlink (${ending}) has it removed by its last, with one warning`, async () => {
		const { code: ended, lines, stderr } = await runProgram(FAMILY, { args: [ending, String(children)] });
		const names = lines.slice(0, -1);
		assert.equal(ended, code, stderr);
		assert.equal(names.length, 1 + children);
		const warnings = stderr
			.split('\n')
			.filter((line) => line.startsWith('polyproc: ') && line.includes('shared memory'));
		assert.equal(warnings.length, 1, stderr);
		for (const name of names) {
			assert.ok(warnings[0]?.includes(name), stderr);
			assert.equal(exists(name), false);
		}
	});
}

test('a family that was killed at once, parent and children, leaves nothing', async () => {
	const { program, names } = await startFamily(2);
	assert.equal(names.length, 3);
	assert.ok(names.every(exists));
	const family = familyOf(program.pid as number);
	assert.ok(family.length >= 3);
	for (const pid of family) process.kill(pid, 'SIGKILL');
	await until(() => !names.some(exists), `left: ${names.filter(exists)}`);
});

test('families killed at any moment of creating and unlinking leave nothing', async () => {
	for (let round = 0; round < ROUNDS; round++) {
		const prefix = `polyproc-churn-${process.pid}-${round}`;
		const mine = (): string[] => readdirSync('/dev/shm').filter((name) => name.startsWith(prefix));
		const program = spawn(process.execPath, [FAMILY, 'churn', '2', prefix], { stdio: 'ignore' });
		const isAtWork = (): boolean => new Set(mine().map((name) => name.split('-')[4])).size === 3;
		await until(isAtWork, 'not all of them create');
		await sleep(round * 7);
		for (const pid of familyOf(program.pid as number)) process.kill(pid, 'SIGKILL');
		await until(() => mine().length === 0, `left: ${mine()}`);
	}
});

test('a family whose parent alone is killed leaves nothing either', async () => {
	const { program, names } = await startFamily(2);
	program.kill('SIGKILL');
	await until(() => !names.some(exists), `left: ${names.filter(exists)}`);
});

test('a killed child costs nothing that the others use; the last has it removed', async () => {
	const { program, names } = await startFamily(1);
	const child = familyOf(program.pid as number).find((pid) => childrenOf(pid).length === 0);
	process.kill(child as number, 'SIGKILL');
	await until(() => commandOf(child as number) === '', 'the child lives');
	using memory = new SharedMemory({ name: names[1] as string });
	assert.equal(memory.buf[0], 1);
	program.kill('SIGTERM');
	await until(() => !names.some(exists), `left: ${names.filter(exists)}`);
});

test('the custodian is nobody’s child, hears no signal of a terminal or supervisor, and goes with the family', async () => {
	const before = custodians();
	const { program, names } = await startFamily(0);
	const others = (): number[] => custodians().filter((pid) => !before.includes(pid));
	await until(() => others().length > 0, 'there is none');
	const [custodian] = others() as [number];
	assert.ok(!childrenOf(program.pid as number).includes(custodian));
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.kill(custodian, signal);
	program.kill('SIGKILL');
	await until(() => !names.some(exists), `left: ${names.filter(exists)}`);
	await until(() => !custodians().includes(custodian), 'the custodian lives on');
});

test('a custodian that was killed is replaced when memory is created next', async () => {
	const kept = new SharedMemory({ create: true, size: 1 });
	await until(() => ownCustodians().length === 1, 'there is none');
	const [custodian] = ownCustodians() as [number];
	process.kill(custodian, 'SIGKILL');
	await until(() => hasEnded(custodian), 'it lives');
	const next = new SharedMemory({ create: true, size: 1 });
	await until(() => ownCustodians().length === 1, 'there is none');
	for (const memory of [kept, next]) {
		memory.close();
		memory.unlink();
	}
});

/** The custodians of this very family: those that have our segment open. */
function ownCustodians(): number[] {
	const fds = readdirSync('/proc/self/fd').filter((fd) =>
		targetOf(`/proc/self/fd/${fd}`).startsWith('/memfd:polyproc '),
	);
	const segments = fds.map((fd) => statSync(`/proc/self/fd/${fd}`).ino);
	return custodians().filter((pid) =>
		segments.includes(statSync(`/proc/${pid}/fd/3`, { throwIfNoEntry: false })?.ino ?? 0),
	);
}

function targetOf(link: string): string {
	try {
		return readlinkSync(link);
	} catch {
		return ''; // the descriptor that listed the folder
	}
}

test('without the tools that a custodian needs, shared memory works, and the last of a family removes it', async () => {
	const { code, lines, stderr } = await runProgram(FAMILY, { args: ['end', '1'], env: { PATH: '/nowhere' } });
	assert.equal(code, 0);
	assert.match(stderr, /^polyproc: 2 shared memory segments were never unlinked, and removed now: psm_\w+, psm_\w+\n$/);
	assert.equal(lines.length, 3);
});

test('attaching never owns: a family that attached and was killed leaves it where it is', async () => {
	using memory = new SharedMemory({ create: true, size: 10 });
	memory.buf[0] = 5;
	const code = `import { SharedMemory } from 'polyproc';
		const memory = new SharedMemory({ name: process.argv[1] });
		const own = new SharedMemory({ create: true, size: 1 });
		console.log(own.name);
		if (memory.buf[0] === 5) process.kill(process.pid, 'SIGKILL');`;
	const program = spawn(process.execPath, ['--input-type=module', '-e', code, memory.name], {
		cwd: repositoryPath('.'),
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const own = await new Promise<string>((resolve) =>
		program.stdout.once('data', (data) => resolve(String(data).trim())),
	);
	await until(() => !exists(own), 'its own is left');
	assert.ok(exists(memory.name));
	assert.equal(new SharedMemory({ name: memory.name }).buf[0], 5);
	memory.unlink();
});

test('what is not tracked stays until it is unlinked', async () => {
	const { lines, stderr } = await runProgram(FAMILY, { args: ['untracked'] });
	assert.equal(stderr, '');
	const memory = new SharedMemory({ name: lines[0] as string });
	memory.close();
	memory.unlink();
	assert.equal(exists(memory.name), false);
});

test('what a worker thread created is removed with its process', async () => {
	const { lines } = await runProgram(FAMILY, { args: ['worker'] });
	const names = lines.filter((line) => line.startsWith('psm_'));
	assert.equal(names.length, 2);
	await until(() => !names.some(exists), `left: ${names.filter(exists)}`);
});

test('a name that was unlinked and taken by somebody else is not removed with whoever had it first', async () => {
	const { program, names } = await startFamily(0);
	const [name] = names as [string];
	new SharedMemory({ name }).unlink();
	using other = new SharedMemory({ name, create: true, size: 20 });
	const gone = new Promise((resolve) => program.once('exit', resolve));
	const before = custodians().length;
	program.kill('SIGKILL');
	await gone;
	await until(() => custodians().length < before, 'the custodian lives on'); // it ends when it has removed what is left
	assert.ok(exists(name));
	other.unlink();
});
