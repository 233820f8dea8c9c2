/** CPython's _TestSharedMemory and TestSharedMemoryNames, restated. Rows in MAPPING.md. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { getContext, Pipe, type ProcessError, pickle, ShareableList, SharedMemory, UnpicklingError } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { methods } from './methods.ts';
import * as targets from './value-targets.ts';

checkLeaks(async () => {
	using memory = new SharedMemory({ create: true, size: 10 });
	memory.unlink();
	for (const method of methods)
		await runIn(getContext(method), targets.writeByHandle, [memory, 0, 'x']).catch(() => {});
});

type AnyContext = ReturnType<typeof getContext>;

async function runIn(context: AnyContext, target: (...args: never[]) => unknown, args: unknown[]): Promise<void> {
	const child = new context.Process({ target: target as () => void, args: args as never, stdio: 'ignore' });
	await child.start();
	assert.equal(await child.join(), 0);
}

/** A name of this test's own. */
function ownName(text: string): string {
	return `polyproc-${process.pid}-${text}`;
}

const missing = { name: 'ProcessError', code: 'ERR_MP_NOT_FOUND' };

/** What rebuilds a value says why it cannot as the cause. */
function isMissing(error: unknown): boolean {
	return error instanceof UnpicklingError && (error.cause as ProcessError).code === missing.code;
}

test('a name with NUL is a range error', () => {
	assert.throws(() => new SharedMemory({ name: 'a\0b' }), { name: 'RangeError', message: /contains a NUL$/ });
	assert.throws(() => new SharedMemory({ name: 'a\0b', create: true, size: 1 }), { name: 'RangeError' });
});

test('memory has a name, a size and bytes, which a second handle shares until it is unlinked', () => {
	const name = ownName('basics');
	const memory = new SharedMemory({ name, create: true, size: 512 });
	assert.equal(memory.name, name);
	assert.equal(memory.size, 512);
	assert.equal(memory.buf.length, 512);
	assert.equal(inspect(memory), `SharedMemory('${name}', size=512)`);
	memory.buf[0] = 42;
	const same = new SharedMemory({ name, size: 99999 });
	assert.equal(same.size, 512);
	assert.equal(same.buf[0], 42);
	same.buf[0] = 43;
	assert.equal(memory.buf[0], 43);
	assert.throws(() => new SharedMemory({ name, create: true, size: 10 }), { code: 'ERR_MP_EXISTS' });
	same.close();
	same.close();
	assert.equal(memory.buf[0], 43);
	memory.close();
	assert.throws(() => memory.buf, { name: 'ClosedError' });
	memory.unlink();
	assert.throws(() => memory.unlink(), missing);
	assert.throws(() => new SharedMemory({ name }), missing);
	assert.throws(() => new SharedMemory({ create: false }), { name: 'TypeError' });
});

test('sizes of what is created: -1, 0 and none at all are range errors', () => {
	for (const size of [-1, 0, undefined]) {
		assert.throws(() => new SharedMemory({ create: true, size }), { name: 'RangeError' });
	}
});

test('a pickled handle opens the same memory, in both directions; when it is unlinked, there is none', () => {
	const memory = new SharedMemory({ create: true, size: 512 });
	memory.buf.set(Buffer.from('abc'));
	const bytes = pickle.dumps(memory);
	const same = pickle.loads(bytes) as SharedMemory;
	assert.ok(same instanceof SharedMemory);
	assert.equal(Buffer.from(same.buf.subarray(0, 3)).toString(), 'abc');
	same.buf[0] = 0x78;
	assert.equal(memory.buf[0], 0x78);
	same.close();
	memory.unlink();
	memory.close();
	assert.throws(() => pickle.loads(bytes), isMissing);
});

for (const method of methods) {
	const context = getContext(method);

	test(`${method}: a child writes to memory by its name, and through a handle it was given`, async () => {
		using memory = new SharedMemory({ create: true, size: 512 });
		await runIn(context, targets.writeByName, [memory.name, 0, 'name']);
		await runIn(context, targets.writeByHandle, [memory, 4, 'handle']);
		assert.equal(Buffer.from(memory.buf.subarray(0, 10)).toString(), 'namehandle');
		memory.unlink();
	});

	test(`${method}: what a child created lives on when the child ends, or is terminated`, async () => {
		for (const ends of [true, false]) {
			const [report, theirs] = Pipe();
			const child = new context.Process({ target: targets.create, args: [theirs, ends] });
			await child.start();
			const name = (await report.recv()) as string;
			if (!ends) child.terminate();
			await child.join();
			using memory = new SharedMemory({ name });
			assert.equal(memory.buf[0], 7);
			memory.unlink();
			report.close();
			theirs.close();
		}
	});

	test(`${method}: a list is shared with a child`, async () => {
		using list = new ShareableList(['a long enough text', 2]);
		await runIn(context, targets.writeToList, [list]);
		assert.deepEqual([...list], ['from a child', 2]);
		list.shm.unlink();
	});
}

test('a list holds numbers, booleans, text, bytes and null, in slots whose size does not change', () => {
	const items = [Buffer.from('howdy'), 'HoWdY', -273.154, 100, null, true, 42] as const;
	using list = new ShareableList(items);
	list.shm.unlink();
	assert.equal(list.length, 7);
	assert.deepEqual([...list], [...items]);
	assert.equal(list.at(-2), true);
	assert.equal(list.format, '8s8sdqxxxxxx?xxxxxxxx?q');
	for (const index of [7, -8]) {
		assert.throws(() => list.at(index), { name: 'RangeError' });
		assert.throws(() => list.set(index, 1), { name: 'RangeError' });
	}
	list.set(3, 42);
	list.set(4, 'some');
	assert.equal(list.at(4), 'some');
	list.set(4, null);
	list.set(0, 3.5);
	list.set(0, Buffer.from('12345678'));
	assert.deepEqual(list.at(0), Buffer.from('12345678'));
	const before = [...list];
	for (const tooLong of ['123456789', 'ééééé', Buffer.alloc(9)]) {
		assert.throws(() => list.set(1, tooLong), {
			name: 'RangeError',
			message: /^set: \d+ bytes do not fit in the 8 that this item has had from the start$/,
		});
	}
	assert.deepEqual([...list], before);
	assert.equal(list.count(42), 2);
	assert.equal(list.count('nowhere'), 0);
	assert.equal(list.index(42), 3);
	assert.throws(() => list.index(100), { name: 'RangeError', message: 'index: 100 is not in this ShareableList' });
});

test('a copy of a list is a list of its own, a second handle is the same one, and a list may be empty', () => {
	using list = new ShareableList([1, 'two']);
	using copy = new ShareableList(list);
	assert.notEqual(copy.shm.name, list.shm.name);
	copy.set(0, 10);
	assert.equal(list.at(0), 1);
	using same = new ShareableList(undefined, { name: list.shm.name });
	same.set(0, 5);
	assert.equal(list.at(0), 5);
	using empty = new ShareableList();
	assert.deepEqual([...empty], []);
	assert.equal(empty.format, '');
	assert.throws(() => empty.at(0), { name: 'RangeError' });
	using named = new ShareableList([1], { name: ownName('list') });
	assert.equal(named.shm.name, ownName('list'));
	for (const one of [list, copy, empty, named]) one.shm.unlink();
});

test('a pickled list is its name: of the same size for any list, and the same memory', () => {
	using list = new ShareableList([1, 2, 3]);
	using large = new ShareableList(new Array(400).fill('a text of some length'));
	const bytes = pickle.dumps(list);
	assert.equal(pickle.dumps(large).length, bytes.length);
	const same = pickle.loads(bytes) as ShareableList;
	same.set(-1, 4);
	assert.deepEqual([...list], [1, 2, 4]);
	same.shm.close();
	list.shm.unlink();
	large.shm.unlink();
	assert.throws(() => pickle.loads(bytes), isMissing);
});

test('names with colons and newlines are names like others', () => {
	for (const text of ['a:b:c', 'a\nb']) {
		using memory = new SharedMemory({ name: ownName(text), create: true, size: 10 });
		memory.buf[0] = 1;
		assert.ok(existsSync(`/dev/shm/${ownName(text)}`));
		memory.unlink();
		assert.ok(!existsSync(`/dev/shm/${ownName(text)}`));
	}
});
