/** Whole programs with pools: how they begin, and that they end, whatever ends them, and leave nothing. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { promptly } from '../house/promptly.ts';
import { fixturePath } from '../house/root.ts';
import { allMethods, flagsFor, type Method } from '../parity/methods.ts';
import { runningWith } from '../soak/remains.ts';

checkLeaks();

const TSX = ['--import', import.meta.resolve('tsx')];
const STRIPS_TYPES = 'typescript' in process.features && process.features.typescript !== false;
/** Within this everything is gone, in milliseconds. */
const SOON = 2000;

/** Descriptors of a loader that was reading a directory when the program was forked are remarked on by Node. */
function said(stderr: string): string {
	return stderr.replace(/^.*Closing directory handle on garbage collection\n.*--trace-warnings.*\n/, '');
}

const MAINS: readonly (readonly [what: string, file: string, execArgv?: readonly string[], skip?: boolean])[] = [
	['an ES module', 'main.mjs'],
	['a CommonJS module', 'main.cjs'],
	['a TypeScript file, under tsx', 'main.ts', TSX],
	['a TypeScript file, its types stripped by Node', 'main.ts', [], !STRIPS_TYPES],
];

/** What a forgotten pool has done last, and what the program prints. */
const FORGOTTEN = [
	['unused', ''],
	['idle', ''],
	['done', '9\n'],
	['left', '16\n'],
	['map', '1\n'],
] as const;

let marks = 0;

/** A program in a group of its own, as a terminal starts them; all that it starts can be found by its mark. */
class Busy {
	readonly #process: ChildProcess;
	readonly #mark = `${process.pid}-busy-${++marks}`;
	readonly lines: string[] = [];
	stderr = '';
	readonly ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
	readonly #lines: AsyncIterator<string>;

	constructor(method: Method, file: string, what: string) {
		this.#process = spawn(process.execPath, [...flagsFor(method), fixturePath(`pool/${file}`), method, what], {
			stdio: ['ignore', 'pipe', 'pipe'],
			detached: true,
			env: { ...process.env, POLYPROC_TEST_MARK: this.#mark },
		});
		this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
			this.stderr += text;
		});
		this.ended = once(this.#process, 'close') as typeof this.ended;
		this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
	}

	/** What it prints, up to a line. */
	async until(last: string): Promise<void> {
		for (;;) {
			const { value, done } = await promptly(this.#lines.next());
			if (done === true) assert.fail(`the program ended: ${this.lines} ${this.stderr}`);
			if (value === last) return;
			this.lines.push(value);
		}
	}

	async rest(): Promise<string[]> {
		const rest: string[] = [];
		for (let line = await promptly(this.#lines.next()); line.done !== true; line = await promptly(this.#lines.next())) {
			rest.push(line.value);
		}
		return rest;
	}

	interrupt(): void {
		process.kill(-this.#process.pid!, 'SIGINT');
	}

	kill(): void {
		this.#process.kill('SIGKILL');
	}

	/** Neither a worker is left, nor the server that forked it, nor anything they have started. */
	async leavesNothing(): Promise<void> {
		const start = performance.now();
		for (;;) {
			const left = runningWith(`POLYPROC_TEST_MARK=${this.#mark}`);
			if (left.length === 0) return;
			if (performance.now() - start > SOON) {
				const what = left.map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
				for (const pid of left) process.kill(pid, 'SIGKILL');
				assert.fail(`left behind: ${what}`);
			}
			await turn();
		}
	}
}

for (const method of allMethods) {
	for (const [what, file, execArgv = [], skip = false] of method === 'forkserver' ? MAINS : MAINS.slice(0, 1)) {
		test(`${method}: ${what} uses a pool while it is still being evaluated, with its own functions`, {
			skip,
		}, async () => {
			const ended = await runProgram(fixturePath(`pool/${file}`), {
				args: [method],
				execArgv: [...flagsFor(method), ...execArgv],
				cwd: fixturePath('pool'), // whose tsconfig.json does not name our sources
			});
			assert.deepEqual([ended.stdout, said(ended.stderr), ended.code], ['1,4,9\n17\n25\n36\n', '', 0]);
		});
	}

	test(`${method}: a program may compare paths instead of asking isMain`, async () => {
		const options = { args: [method], execArgv: flagsFor(method) };
		const ended = await runProgram(fixturePath('pool/compared.mjs'), options);
		assert.deepEqual([ended.stdout, said(ended.stderr), ended.code], ['1,4,9\n', '', 0]);
	});

	test(`${method}: a pool in a main module without a guard is one error, and nothing multiplies`, async () => {
		const options = { args: [method], execArgv: flagsFor(method) };
		const { stdout, stderr, code } = await runProgram(fixturePath('pool/unguarded.mjs'), options);
		if (method === 'fork') {
			assert.deepEqual([stdout, said(stderr), code], ['imported\n1,4,9\n', '', 0]);
			return;
		}
		const imports = stdout.match(/imported/g)?.length ?? 0;
		assert.ok(imports >= 2 && imports <= 5, stdout); // the program, and each worker it had
		assert.equal(code, 1);
		assert.match(stderr, /ERR_MP_MAIN_GUARD/);
		assert.equal(stderr.match(/^ *if \(mp\.isMain\(import\.meta\)\)/gm)?.length, 1, stderr);
	});

	for (const [how, out] of method === 'forkserver' ? FORGOTTEN : FORGOTTEN.slice(2, 3)) {
		test(`${method}: a program that forgets to close its pool ends all the same: ${how}`, async () => {
			const options = { args: [method, how], execArgv: flagsFor(method) };
			const { stdout, stderr, code } = await runProgram(fixturePath('pool/forgotten.mjs'), options);
			assert.deepEqual([stdout, said(stderr), code], [out, '', 0]);
		});
	}

	test(`${method}: a program that ends by process.exit while tasks run leaves nothing`, async () => {
		const program = new Busy(method, 'busy.mjs', 'exit');
		await program.until('busy');
		assert.deepEqual(await promptly(program.ended), [7, null]);
		await program.leavesNothing();
	});

	test(`${method}: so does one that fails`, { skip: method !== 'forkserver' }, async () => {
		const program = new Busy(method, 'busy.mjs', 'throw');
		await program.until('busy');
		assert.deepEqual(await promptly(program.ended), [1, null]);
		assert.match(program.stderr, /in the program/);
		await program.leavesNothing();
	});

	for (const what of ['spin', 'nested']) {
		test(`${method}: a program that is killed in the middle of tasks leaves nothing for two seconds: ${what}`, async () => {
			const program = new Busy(method, 'busy.mjs', what);
			await program.until('busy');
			program.kill();
			await program.leavesNothing();
			assert.deepEqual(await promptly(program.ended), [null, 'SIGKILL']);
		});
	}

	test(`${method}: Ctrl-C ends a busy program promptly, with one line, and leaves nothing`, async () => {
		const program = new Busy(method, 'busy.mjs', 'spin');
		await program.until('busy');
		program.interrupt();
		assert.deepEqual(await promptly(program.ended), [null, 'SIGINT']);
		assert.equal(said(program.stderr), 'polyproc: interrupted; given up: 2 running and 20 waiting tasks of Pool-1\n');
		await program.leavesNothing();
	});

	test(`${method}: Ctrl-C with idle workers is the program's end, and says nothing`, async () => {
		const program = new Busy(method, 'exits-idle.mjs', '');
		await program.until('busy');
		program.interrupt();
		assert.deepEqual(await promptly(program.ended), [null, 'SIGINT']);
		assert.equal(said(program.stderr), '');
		await program.leavesNothing();
	});

	test(`${method}: a program that handles Ctrl-C decides for itself what becomes of its pool`, async () => {
		const program = new Busy(method, 'busy.mjs', 'handler');
		await program.until('busy');
		program.interrupt();
		assert.deepEqual(await program.rest(), ['interrupted, 2 workers', 'ClosedError', 'ClosedError', 'terminated']);
		assert.deepEqual(await promptly(program.ended), [0, null]);
		assert.equal(said(program.stderr), '');
		await program.leavesNothing();
	});
}

for (const [how, out] of FORGOTTEN) {
	test(`threads: a program that forgets to close its pool ends all the same: ${how}`, async () => {
		const { stdout, stderr, code } = await runProgram(fixturePath('pool/forgotten.mjs'), { args: ['threads', how] });
		assert.deepEqual([stdout, stderr, code], [out, '', 0]);
	});
}

test('fork: a child has its parent’s pool and is told that it is not its own; it may make one', async () => {
	const { stdout, stderr, code } = await runProgram(fixturePath('pool/forked-child.mjs'), {
		execArgv: flagsFor('fork'),
	});
	assert.deepEqual([stdout, stderr, code], ['9\nProcessError ERR_MP_PROCESS_STATE 25 0\n16\n', '', 0]);
});

for (const kind of ['processes', 'threads']) {
	test(`${kind}: an error that nobody catches in a worker that has no task is told on stderr; another worker goes on`, async () => {
		const { lines, stderr, code } = await runProgram(fixturePath('pool/late-error.mjs'), { args: [kind] });
		assert.deepEqual([lines, code], [['done', '1'], 0], stderr);
		assert.equal(stderr.match(/RangeError.*: too late/g)?.length, 1, stderr);
		assert.match(stderr, /at .*late-error\.mjs/);
	});
}
