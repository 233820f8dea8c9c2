/** Shared objects that the program's own module makes, when the fork server has imported it too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getContext, Lock, setForkserverPreload, Value } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { addHere, addUnder, numberHere } from './shared-module-targets.ts';

const { Process } = getContext('forkserver');
setForkserverPreload([new URL('shared-module-targets.js', import.meta.url)], { onError: 'fail' });

checkLeaks(async () => {
	const child = new Process({ target: addHere, args: [0] });
	await child.start();
	await child.join();
	child.close();
});

test('what is passed is the program’s, though the server has objects of the same module', async () => {
	const lock = new Lock();
	const value = new Value('i', 0);
	const children = [1, 2, 3].map(() => new Process({ target: addUnder, args: [lock, value, 500] }));
	await Promise.all(children.map((child) => child.start()));
	for (const child of children) assert.equal(await child.join(), 0);
	assert.equal(value.value, 1500);
});

test('what a module makes when it is imported is not that of the program, and is in memory of the same family', async () => {
	const child = new Process({ target: addHere, args: [7] });
	await child.start();
	assert.equal(await child.join(), 0);
	assert.equal(numberHere(), 0);
});
