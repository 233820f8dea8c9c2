/** What does not compile: the arguments of a process are those of its target. Checked by the compiler, not run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Process } from 'polyproc';
import { add, CallsSuper, doNothing } from './targets.ts';

const optional = (x: number, y?: string): string => `${x}${y}`;
const twoArguments: readonly [number, string] = [1, 'a'];

test('the arguments of a process are those of its target', () => {
	const made = [
		new Process({ target: add, args: [1, 2] }),
		new Process({ target: doNothing }),
		new Process({ target: doNothing, args: [] }),
		new Process({ name: 'without a target' }),
		new Process(),
		new CallsSuper({ target: (text) => text.length, args: ['x'] }),
		new Process({ target: (x) => x.toFixed(), args: [1] }),
		new Process({ target: (x, y) => x.toFixed() + y.trim(), args: [1, 'a'] }),
		new Process({ target: (...all: number[]) => all.length, args: [1, 2, 3] }),
		new Process({ target: optional, args: [1] }),
		new Process({ target: optional, args: [1, 'a'] }),
		new Process({ target: optional, args: twoArguments }),
		new Process({ target: (all) => all.length, args: [[1, 2]] }),
		new Process({ target: async (x) => x.toFixed(), args: [1], name: 'asynchronous' }),
		// @ts-expect-error a number has no trim: the parameter's type is that of the argument
		new Process({ target: (x) => x.trim(), args: [1] }),
		// @ts-expect-error of the wrong type for an annotated parameter
		new Process({ target: (x: string) => x.trim(), args: [1] }),
		// @ts-expect-error of the wrong type for an optional parameter
		new Process({ target: optional, args: [1, 2] }),
		// @ts-expect-error too many for an annotated target
		new Process({ target: (x: number) => x.toFixed(), args: [1, 2] }),
		// @ts-expect-error too few
		new Process({ target: add, args: [1] }),
		// @ts-expect-error too many
		new Process({ target: add, args: [1, 2, 3] }),
		// @ts-expect-error of the wrong type
		new Process({ target: add, args: [1, '2'] }),
		// @ts-expect-error none
		new Process({ target: add }),
		// @ts-expect-error no such argument
		new Process({ target: doNothing, args: [1] }),
	];
	assert.ok(made.every((process) => !process.isAlive()));
	// @ts-expect-error no such option
	assert.throws(() => new Process({ target: doNothing, tagret: doNothing }), TypeError);
});
