/** What does not compile: the arguments of a process are those of its target. Checked by the compiler, not run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Process } from 'polyproc';
import { add, CallsSuper, doNothing } from './targets.ts';

test('the arguments of a process are those of its target', () => {
	const made = [
		new Process({ target: add, args: [1, 2] }),
		new Process({ target: doNothing }),
		new Process({ target: doNothing, args: [] }),
		new Process({ name: 'without a target' }),
		new Process(),
		new CallsSuper({ target: (text) => text.length, args: ['x'] }),
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
