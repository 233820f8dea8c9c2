/** What the fork server imports: once, with what the program was given, and with what becomes of errors. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setForkserverPreload } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { type Ended, runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';

checkLeaks();

function run(...args: string[]): Promise<Ended> {
	return runProgram(fixturePath('forking/preload.mjs'), { args });
}

test('the program and a module are imported once for all children, see its arguments, and what they print appears once', async () => {
	const { stdout, stderr, code } = await run('warn', './preloaded.mjs', '__main__', 'extra');
	assert.deepEqual([stderr, code], ['', 0]);
	const said = 'warn,./preloaded.mjs,__main__,extra';
	const lines = stdout.trim().split('\n');
	assert.deepEqual(lines.slice(0, 2), [`the program was imported with ${said}`, `preloaded with ${said}`]);
	assert.equal(lines[2], `the program was imported with ${said}`);
	assert.deepEqual(lines.slice(3), Array(3).fill('a child: preloaded elsewhere, lock free'));
});

test('very many arguments do not keep the server from starting', async () => {
	const { stdout, code } = await run('warn', './preloaded.mjs', ...Array<string>(2000).fill('x'.repeat(50)));
	assert.equal(code, 0);
	assert.equal(stdout.match(/^a child: preloaded elsewhere/gm)?.length, 3);
});

test('a preload that fails is ignored where that is asked for, whether it throws or ends the process', async () => {
	for (const module of ['./preload-throws.mjs', './preload-exits.mjs']) {
		const ignored = await run('ignore', module);
		assert.deepEqual([ignored.stderr, ignored.code], ['', 0]);
		assert.equal(ignored.stdout.match(/^a child: not preloaded/gm)?.length, 3);
	}
});

for (const [module, why] of [
	['./preload-throws.mjs', /RangeError: not in this server/],
	['./preload-missing.mjs', /Cannot find module/],
	['data:text/javascript,const x = ;', /SyntaxError/],
	['./preload-exits.mjs', /called process\.exit\(3\)/],
	['./preload-waits.mjs', /waits for something at its top level/],
] as const) {
	test(`a preload that fails is warned of or fails every start, as asked; the module is named (${module})`, async () => {
		const warned = await run('warn', module);
		assert.equal(warned.code, 0);
		assert.equal(warned.stdout.match(/^a child: not preloaded/gm)?.length, 3);
		assert.equal(warned.stderr.split(`cannot preload ${module}: `).length, 2, warned.stderr);
		assert.match(warned.stderr, why);

		const failed = await run('fail', module);
		assert.doesNotMatch(failed.stdout, /a child/);
		const errors = failed.stdout.split('ERR_MP_START: cannot start ').slice(1);
		assert.equal(errors.length, 3, failed.stdout);
		for (const error of errors) {
			assert.ok(error.includes(`cannot preload ${module}: `), error);
			assert.match(error, why);
		}
	});
}

test('what cannot be a module or a policy is an error at the call', () => {
	assert.throws(() => setForkserverPreload('module' as never), { name: 'TypeError', message: /array of strings/ });
	assert.throws(() => setForkserverPreload([1] as never), TypeError);
	assert.throws(() => setForkserverPreload([], { onError: 'cry' as never }), {
		name: 'TypeError',
		message: /onError must be 'ignore', 'warn' or 'fail', not cry/,
	});
});

test('what a module has left to Node’s threads keeps no child alive, and none is told of it', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'busy-preload-'));
	try {
		const told = join(folder, 'told');
		const program = fixturePath('forking/busy-preload.mjs');
		const { lines, stderr } = await runProgram(program, { env: { TOLD_FILE: told } });
		assert.equal(stderr, '');
		assert.equal(lines.length, 8);
		const wasTold = readFileSync(told, { encoding: 'utf8', flag: 'a+' });
		for (const line of lines) {
			const [pid, code] = line.split(' ');
			assert.equal(code, '0');
			assert.ok(!wasTold.includes(`${pid} `), wasTold);
		}
	} finally {
		rmSync(folder, { recursive: true });
	}
});
