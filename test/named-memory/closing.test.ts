/** SharedMemory within one process: options, names, and views of what was closed. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SharedMemory } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';

checkLeaks(() => {
	for (let i = 0; i < 2; i++) new SharedMemory({ create: true, size: 1 }).unlink();
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const type = { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' };
const range = { name: 'RangeError', code: 'ERR_MP_ARGUMENT_RANGE' };

/** Memory under a name that this process has mapped. */
function mappings(): number {
	return readFileSync('/proc/self/maps', 'utf8')
		.split('\n')
		.filter((line) => line.includes('/dev/shm/')).length;
}

function createAndForget(isUsed: boolean, isClosed: boolean): void {
	const memory = new SharedMemory({ create: true, size: 10 });
	if (isUsed) memory.buf[0] = 1;
	if (isClosed) memory.close();
	memory.unlink();
}

test('wrong options are type errors that name them', () => {
	for (const [options, message] of [
		[undefined, 'new SharedMemory: options must be an object {name, create, size, track}'],
		['name', 'new SharedMemory: options must be an object {name, create, size, track}'],
		[{ nome: 'x' }, 'new SharedMemory: unknown option "nome"; there are name, create, size, track'],
		[{ name: 5 }, 'new SharedMemory: name must be a string, not 5'],
		[{ create: 1, size: 5 }, 'new SharedMemory: create must be true or false, not 1'],
		[{ create: true, size: '5' }, 'new SharedMemory: size must be a number of bytes, not 5'],
		[{ create: true, size: 1.5 }, 'new SharedMemory: size must be an integer, not 1.5'],
		[{ create: true, size: Number.NaN }, 'new SharedMemory: size must be an integer, not NaN'],
		[{ track: 'yes' }, 'new SharedMemory: track must be true or false, not yes'],
		[{}, 'new SharedMemory: without a name there is nothing to attach to; pass one, or create: true'],
	] as const) {
		assert.throws(() => new SharedMemory(options as never), { ...type, message });
	}
});

test('bad names and sizes are range errors that say what is wrong', () => {
	for (const [name, wrong] of [
		['', 'is no name'],
		['..', 'is no name'],
		['a\0', 'contains a NUL'],
		['/a', 'contains a slash'],
		['a/../b', 'contains a slash'],
		['é'.repeat(128), 'has more than 255 bytes'],
	] as const) {
		const message = `new SharedMemory: the name ${JSON.stringify(name.slice(0, 40))} ${wrong}`;
		for (const create of [true, false]) {
			assert.throws(() => new SharedMemory({ name, create, size: 10 }), { ...range, message });
		}
	}
	for (const size of [0, -5, Number.POSITIVE_INFINITY]) {
		assert.throws(() => new SharedMemory({ create: true, size }), range);
	}
});

test('what the system refuses is a typed error with its reason, and leaves nothing behind', () => {
	const before = readdirSync('/dev/shm');
	assert.throws(() => new SharedMemory({ create: true, size: 2 ** 50 }), {
		name: 'ProcessError',
		code: 'ERR_MP_MEMORY',
	});
	using memory = new SharedMemory({ create: true, size: 10 });
	assert.throws(() => new SharedMemory({ name: memory.name, create: true, size: 10 }), {
		name: 'ProcessError',
		code: 'ERR_MP_EXISTS',
		message: `new SharedMemory: create "${memory.name}": EEXIST: there is one of that name already; attach to it, or choose another name`,
	});
	memory.unlink();
	assert.throws(() => new SharedMemory({ name: memory.name }), {
		name: 'ProcessError',
		code: 'ERR_MP_NOT_FOUND',
		message: `new SharedMemory: attach to "${memory.name}": ENOENT: there is none of that name; it was never created, or it was unlinked`,
	});
	assert.deepEqual(readdirSync('/dev/shm'), before);
});

test('views of closed memory read zeros, reach nobody, and stay good as long as anybody has them', async () => {
	const memory = new SharedMemory({ create: true, size: 1 << 20 });
	const other = new SharedMemory({ name: memory.name });
	memory.unlink();
	memory.buf.fill(7);
	const bytes = memory.buf;
	const numbers = new Float64Array(memory.buf.buffer, 8, 10);
	memory.close();
	memory.close();
	assert.throws(() => memory.buf, { name: 'ClosedError', code: 'ERR_MP_CLOSED' });
	assert.ok(bytes.every((byte) => byte === 0));
	assert.ok(numbers.every((number) => number === 0));
	bytes.fill(9);
	numbers[3] = 1.5;
	assert.ok(other.buf.every((byte) => byte === 7));
	for (let i = 0; i < 10; i++) {
		collect();
		await turn();
	}
	assert.equal(numbers[3], 1.5);
	other.close();
});

test('memory that was closed, or forgotten without that, is unmapped', async () => {
	const before = mappings();
	for (let i = 0; i < 200; i++) createAndForget(i % 2 === 0, i % 4 < 2);
	for (const end = performance.now() + 20_000; mappings() > before; ) {
		assert.ok(performance.now() < end, `${mappings() - before} mappings are left`);
		collect();
		await turn();
	}
});

test('a view keeps memory mapped that is forgotten, not closed', async () => {
	const view = (() => {
		const memory = new SharedMemory({ create: true, size: 4096 });
		memory.unlink();
		memory.buf.fill(3);
		return memory.buf.subarray(10);
	})();
	for (let i = 0; i < 20; i++) {
		collect();
		await turn();
	}
	assert.ok(view.every((byte) => byte === 3));
});

test('thousands of segments can be there at once, and are unlinked in any order', () => {
	const all = Array.from({ length: 3000 }, () => new SharedMemory({ create: true, size: 8 }));
	assert.equal(new Set(all.map(({ name }) => name)).size, 3000);
	for (const half of [0, 1]) {
		for (const [i, memory] of all.entries()) {
			if (i % 2 !== half) continue;
			memory.close();
			memory.unlink();
		}
	}
});
