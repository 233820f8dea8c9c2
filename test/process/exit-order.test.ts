/** In which order a process ends: its work, the program's handlers, daemons, other children. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { fixturePath } from '../house/root.ts';

checkLeaks();

const CODES = { return: 0, exit: 3, throw: 1 } as const;

/** A program that returns stays for its other child, so that its exit handlers come after that child's end. */
function expected(name: string, how: keyof typeof CODES): string[] {
	const handlers = [`first exit handler, code ${CODES[how]}`, 'last exit handler, the daemon is alive'];
	const end = 'the other child ends';
	const order = how === 'return' ? [end, ...handlers] : [...handlers, end];
	return ['target ends', 'pending work', ...order].map((line) => `${name}: ${line}`);
}

for (const how of ['return', 'exit', 'throw'] as const) {
	test(`a program that ends by ${how} ends in order, and its children before it`, async () => {
		const { lines, code, stderr } = await runProgram(fixturePath('process/exit-order.mjs'), { args: [how] });
		assert.deepEqual(lines, expected('MainProcess', how));
		assert.equal(code, CODES[how]);
		assert.equal(stderr.includes('Error: thrown'), how === 'throw');
	});

	test(`a child that ends by ${how} does so too`, async () => {
		const { lines, stderr } = await runProgram(fixturePath('process/exit-order.mjs'), { args: [how, 'child'] });
		assert.deepEqual(lines, [...expected('Child', how), `exit code ${CODES[how]}`]);
		assert.equal(stderr.includes('Error: thrown'), how === 'throw');
	});
}

test('a daemon does not keep the program alive, another child does', async () => {
	const daemon = await runProgram(fixturePath('process/kept-alive.mjs'), { args: ['daemon'] });
	assert.equal(daemon.lines[1], 'still running');
	assert.throws(() => process.kill(Number(daemon.lines[0]), 0), { code: 'ESRCH' });
	const other = await runProgram(fixturePath('process/kept-alive.mjs'), { args: ['other'] });
	assert.equal(other.lines[1], 'ended');
});

test('a child of a program that has closed its output starts all the same', async () => {
	const { code, stderr } = await runProgram(fixturePath('process/stdout-closed.mjs'));
	assert.deepEqual([code, stderr], [0, '']);
});

test("a grandchild runs with the program's Node options, without debugger and test runner", async () => {
	const execArgv = ['--stack-trace-limit=7', '--no-warnings', '--conditions', 'mine', '--inspect-port=0'];
	const { lines, stderr } = await runProgram(fixturePath('process/grandchild-flags.mjs'), { execArgv });
	assert.equal(stderr, '');
	assert.deepEqual(JSON.parse(lines[0] ?? ''), [['--stack-trace-limit=7', '--no-warnings', '--conditions', 'mine'], 7]);
});
