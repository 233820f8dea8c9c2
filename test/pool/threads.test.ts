/** Threads are ended wherever they are, and take nobody with them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';
import { Random } from '../soak/random.ts';

checkLeaks();

const THREADS = 12;
/** From when a thread has come to life to when it has done its first native calls, in milliseconds. */
const BEGINNING = 30;

/** Without the gate (os/gate.ts) one in five of the programs of the first kinds aborts; a terminated pool was gentle before. */
const ENDS = [
	['exit', 'a program that ends', 8, 7, ''],
	['throw', 'a program that fails', 5, 1, ''],
	['handler', 'a program whose last words fail', 5, 7, ''],
	['inner', 'a thread that has threads of its own and ends', 6, 7, 'WorkerDiedError\n'],
	['terminate', 'a pool that is terminated', 2, 7, ''],
] as const;

for (const [how, what, programs, code, out] of ENDS) {
	test(`${what} while its threads start ends as it should`, async () => {
		const random = new Random(programs);
		for (let i = 0; i < programs; i++) {
			const args = [how, String(1 + random.below(THREADS)), String(random.below(BEGINNING))];
			const ended = await runProgram(fixturePath('pool/ends-starting.mjs'), { args });
			assert.deepEqual([ended.stdout, ended.signal, ended.code], [out, null, code], `${args} ${ended.stderr}`);
		}
	});
}

for (const [how, code, out] of [
	['exit', 7, ''],
	['throw', 1, ''],
	['terminate', 7, 'ClosedError\n'],
	['timeout', 7, 'TimeoutError\n'],
] as const) {
	test(`a thread that is blocked in the system keeps nothing from ending: ${how}`, async () => {
		const ended = await runProgram(fixturePath('pool/ends-blocked.mjs'), { args: [how] });
		assert.deepEqual([ended.stdout, ended.signal, ended.code], [out, null, code], ended.stderr);
	});
}
