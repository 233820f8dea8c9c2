/** Whole programs with managers: that they end, whatever ends them, and leave nothing. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { promptly } from '../house/promptly.ts';
import { fixturePath } from '../house/root.ts';
import { allMethods, flagsFor, type Method } from '../parity/methods.ts';
import { runningWith } from '../soak/remains.ts';

checkLeaks();

const PROGRAM = fixturePath('managers/program.mjs');
/** Within this, in milliseconds, nothing is left of a program that was killed. */
const SOON = 2000;

/** Runs the program in a state: it says nothing, ends well, and its temporary folder, its own, is as empty as before. */
async function leavesNothing(state: string, method: Method): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'program-'));
	try {
		const { stdout, stderr, code } = await runProgram(PROGRAM, {
			args: [state, method],
			execArgv: flagsFor(method),
			env: { TMPDIR: folder },
		});
		assert.deepEqual([stdout, stderr, code], ['', '', 0]);
		assert.deepEqual(readdirSync(folder), []);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

for (const method of allMethods) {
	test(`${method}: a program that forgets its manager and its proxies ends all the same`, async () => {
		await leavesNothing('idle', method);
	});
}

for (const method of ['forkserver', 'spawn'] as const) {
	const end = method === 'spawn' ? 'is shut down' : 'is forgotten';
	test(`a program that uses a manager of shared memory ends without a warning, when it ${end}`, async () => {
		await leavesNothing('shared-memory', method);
	});
}

test('a program whose manager has been killed leaves nothing of it, also when it had shared memory', async () => {
	await leavesNothing('killed', 'forkserver');
	await leavesNothing('shared-memory-killed', 'forkserver');
	await leavesNothing('shared-memory-killed', 'spawn');
});

test('a program that ends while its manager is stuck in a call takes it with it, and all it had', async () => {
	await leavesNothing('stuck', 'forkserver');
});

interface Waiting {
	readonly program: ChildProcess;
	readonly mark: string;
}

/** A program in a group of its own that waits for an item of a manager's queue. */
async function waiting(name: string): Promise<Waiting> {
	const mark = `POLYPROC_TEST_MARK=${process.pid}-${name}`;
	const program = spawn(process.execPath, [PROGRAM, 'waiting', 'forkserver'], {
		stdio: ['ignore', 'pipe', 'inherit'],
		detached: true,
		env: { ...process.env, POLYPROC_TEST_MARK: mark.split('=')[1] },
	});
	assert.match(String(await promptly(once(program.stdout!, 'data'))), /waiting/);
	return { program, mark };
}

async function nothingLeft(mark: string): Promise<void> {
	const end = performance.now() + SOON;
	while (runningWith(mark).length > 0) {
		assert.ok(performance.now() < end, `still there: ${runningWith(mark)}`);
		await turn();
	}
}

test('Ctrl-C goes to the program, and its manager serves on', async () => {
	const { program, mark } = await waiting('interrupted');
	const said = once(program.stdout!, 'data');
	process.kill(-program.pid!, 'SIGINT');
	assert.match(String(await promptly(said)), /interrupted 2/);
	assert.deepEqual(await promptly(once(program, 'close')), [0, null]);
	await nothingLeft(mark);
});

test('when a program is killed its manager is gone within two seconds', async () => {
	const { program, mark } = await waiting('killed');
	const closed = once(program, 'close');
	program.kill('SIGKILL');
	await promptly(closed);
	await nothingLeft(mark);
});
