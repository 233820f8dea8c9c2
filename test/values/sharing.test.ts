/** Shared values in several processes: as arguments, in messages, as fields; and when processes are killed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lock, Pipe, Process, RawArray, SharedArray, struct, Value } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './targets.ts';

checkLeaks(async () => {
	const value = new Value('i', 0);
	const [here, there] = Pipe();
	const child = new Process({ target: targets.keepValues, args: [there] });
	await child.start();
	there.close();
	await here.send(value);
	here.close();
	await child.join();
});

async function run(target: (...args: never[]) => unknown, args: unknown[]): Promise<void> {
	const child = new Process({ target: target as () => void, args: args as never });
	await child.start();
	assert.equal(await child.join(), 0);
}

test('4 processes that add 100,000 times each, without a lock, add up exactly', async () => {
	const value = new Value('i', 0, { lock: false });
	await Promise.all(Array.from({ length: 4 }, () => run(targets.addMany, [value, 100_000])));
	assert.equal(value.value, 400_000);
});

for (const lock of [true, new Lock()]) {
	test(`3 processes that read and write under ${lock === true ? 'its own lock' : 'a lock it was given'} add up exactly`, async () => {
		const value = new Value('i', 0, { lock });
		await Promise.all(Array.from({ length: 3 }, () => run(targets.incrementLocked, [value, 3000])));
		assert.equal(value.value, 9000);
		assert.equal(value.getLock().locked(), false);
	});
}

test('values cross as fields of arguments, and a view in a child is the same memory', async () => {
	const everything = {
		number: new Value('i', 1),
		text: new SharedArray('c', 10),
		nested: [new RawArray('q', 2), new RawArray('q', [1, 2, 3])],
	};
	await run(targets.changeEverything, [everything]);
	assert.equal(everything.number.value, 7);
	assert.equal(everything.text.value, 'child');
	for (const array of everything.nested) assert.equal(array.at(-1), 2n ** 40n);
	const array = new RawArray('d', 100_000);
	await run(targets.fillView, [array, 1.5]);
	assert.ok(array.view.every((element) => element === 1.5));
});

test('structs, and arrays of them, are live in a child', async () => {
	const Particle = struct({ x: 'd', speeds: ['f', 2], tag: ['c', 8] });
	const particle = new Value(Particle, { x: 1 });
	const all = new SharedArray(Particle, 3);
	await run(targets.moveParticle, [particle, all]);
	assert.equal(particle.value.x, 2);
	assert.deepEqual([...particle.value.speeds], [0, 0.5]);
	assert.equal(all.at(2).tag, 'moved');
});

test('a closure takes the values along that it captured', async () => {
	const value = new Value('i', 1);
	await run(() => value.add(5), []);
	assert.equal(value.value, 6);
});

test('what the parent drops stays good for the child it was sent to', async () => {
	const [control, theirs] = Pipe();
	const child = new Process({ target: targets.keepValues, args: [theirs] });
	await child.start();
	theirs.close();
	for (let i = 0; i < 100; i++) {
		using value = new Value('i', i);
		await control.send(value);
	}
	for (let i = 0; i < 1000; i++) new Value('i', -1)[Symbol.dispose](); // would take their place
	await control.send('sum');
	assert.equal(await control.recv(), 4950);
	control.close();
	assert.equal(await child.join(), 0);
});

test('the lock of a value whose holder is killed goes to the next, who is told', async () => {
	const value = new Value('i', 1);
	const [report, theirs] = Pipe();
	const child = new Process({ target: targets.holdAndChange, args: [value, theirs] });
	await child.start();
	assert.equal(await report.recv(), 'has it');
	child.kill();
	using _held = await value.hold({ timeout: 5000 });
	assert.equal(value.getLock().ownerDied, true);
	assert.equal(value.value, 13);
	await child.join();
	report.close();
	theirs.close();
});

test('processes killed in the middle of adding leave the others adding, and a whole number', async () => {
	const value = new Value('i', 0);
	const [report, theirs] = Pipe();
	const children = Array.from({ length: 3 }, () => new Process({ target: targets.addForEver, args: [value, theirs] }));
	await Promise.all(children.map((child) => child.start()));
	for (const _ of children) await report.recv();
	for (const child of children) {
		const before = value.value;
		while (value.value === before);
		child.kill();
		await child.join();
	}
	const last = value.value;
	assert.equal(value.add(1), last);
	assert.equal(value.value, last + 1);
	report.close();
	theirs.close();
});
