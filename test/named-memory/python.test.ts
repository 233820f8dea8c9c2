/** The same memory and the same lists as Python's: by name, both ways, numpy arrays included. Skipped without python3. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { type ListItem, ShareableList, SharedMemory } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';

checkLeaks(() => {
	new SharedMemory({ create: true, size: 1 }).unlink();
	spawnSync('true');
});

const PYTHON = process.env.PYTHON ?? 'python3';
const PRELUDE = `
import sys
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory, ShareableList

def not_mine(memory):
    # before 3.13, attaching makes Python remove it in the end
    resource_tracker.unregister(memory._name, "shared_memory")
    return memory

`;

function hasPython(module: string): boolean {
	return spawnSync(PYTHON, ['-c', `import ${module}`]).status === 0;
}

const skip = hasPython('multiprocessing.shared_memory') ? false : 'there is no python3';
const skipNumpy = skip || (hasPython('numpy') ? false : 'there is no numpy');

/** Runs Python to its end; what it printed. */
function python(program: string, ...args: string[]): string {
	const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', PRELUDE + program, ...args], { encoding: 'utf8' });
	assert.equal(status, 0, stderr);
	assert.equal(stderr, '');
	return stdout.trim();
}

test('Python attaches to memory made here, reads it and writes to it', { skip }, () => {
	using memory = new SharedMemory({ create: true, size: 100 });
	memory.buf.set(Buffer.from('from node'));
	const program = `
memory = not_mine(SharedMemory(name=sys.argv[1]))
print(memory.size, bytes(memory.buf[:9]).decode())
memory.buf[:11] = b"from python"
memory.close()
`;
	assert.equal(python(program, memory.name), '100 from node');
	assert.equal(Buffer.from(memory.buf.subarray(0, 11)).toString(), 'from python');
	memory.unlink();
});

test('memory made by Python is attached to here, written, and unlinked from here', { skip }, () => {
	const name = python(`
memory = not_mine(SharedMemory(create=True, size=64))
memory.buf[:5] = b"hello"
print(memory.name)
`);
	using memory = new SharedMemory({ name });
	assert.equal(memory.size, 64);
	assert.equal(Buffer.from(memory.buf.subarray(0, 5)).toString(), 'hello');
	memory.buf[0] = 0x4a;
	const program = `
memory = not_mine(SharedMemory(name=sys.argv[1]))
print(bytes(memory.buf[:5]).decode())
`;
	assert.equal(python(program, name), 'Jello');
	memory.unlink();
	assert.throws(() => new SharedMemory({ name }), { code: 'ERR_MP_NOT_FOUND' });
});

test('a typed array here is a numpy array there', { skip: skipNumpy }, () => {
	using memory = new SharedMemory({ create: true, size: 8 * 1000 });
	const numbers = new Float64Array(memory.buf.buffer);
	numbers.set(Array.from({ length: 1000 }, (_, i) => i / 2));
	const program = `
import numpy
memory = not_mine(SharedMemory(name=sys.argv[1]))
array = numpy.ndarray((10, 100), dtype=numpy.float64, buffer=memory.buf)
print(array.sum())
array *= 2
del array
memory.close()
`;
	assert.equal(Number(python(program, memory.name)), (999 * 1000) / 4);
	assert.ok(numbers.every((number, i) => number === i));
	memory.unlink();
});

test('Python reads a list made here, each item as itself', { skip }, () => {
	const items = [1, -(2n ** 62n), 2.5, true, false, null, 'text', 'mültibyte €😀', '', Buffer.from('raw'), -0];
	using list = new ShareableList(items);
	const program = 'print(ascii(list(not_mine_list(sys.argv[1]))))';
	assert.equal(
		python(NOT_MINE_LIST + program, list.shm.name),
		"[1, -4611686018427387904, 2.5, True, False, None, 'text', 'm\\xfcltibyte \\u20ac\\U0001f600', '', b'raw', -0.0]",
	);
	list.shm.unlink();
});

const NOT_MINE_LIST = `
def not_mine_list(name):
    made = ShareableList(name=name)
    not_mine(made.shm)
    return made

`;

test('a list made by Python is read and written here, and the other way round', { skip }, () => {
	const name = python(`
made = ShareableList([1, 2.5, True, None, "text", b"raw", "0123456789", 2**60])
not_mine(made.shm)
print(made.shm.name)
`);
	using list = new ShareableList(undefined, { name });
	assert.deepEqual([...list], [1, 2.5, true, null, 'text', Buffer.from('raw'), '0123456789', 2n ** 60n]);
	assert.equal(list.format, python(`${NOT_MINE_LIST}print(not_mine_list(sys.argv[1]).format)`, name));
	list.set(0, 'a text');
	list.set(4, 44);
	list.set(6, Buffer.from('bytes'));
	const change = `${NOT_MINE_LIST}
made = not_mine_list(sys.argv[1])
print(list(made), made.format)
made[3] = False
made[5] = "ja"
`;
	assert.equal(
		python(change, name),
		"['a text', 2.5, True, None, 44, b'raw', b'bytes', 1152921504606846976] 8sdxxxxxxx?xxxxxx?xq8s16sq",
	);
	assert.deepEqual([list.at(3), list.at(5)], [false, 'ja']);
	list.shm.unlink();
});

test('the layout of a list is CPython’s, byte for byte', { skip }, () => {
	const items = [1, 2.5, true, null, 'text', Buffer.from('raw bytes'), false, 'exactly8'];
	using list = new ShareableList(items);
	const program = `
made = ShareableList([1, 2.5, True, None, "text", b"raw bytes", False, "exactly8"])
print(bytes(made.shm.buf).hex())
made.shm.close()
made.shm.unlink()
`;
	assert.equal(Buffer.from(list.shm.buf).toString('hex'), python(program));
	list.shm.unlink();
});

test('NULs at the end come back here; Python strips them, and may write there as before', { skip }, () => {
	using list = new ShareableList([Buffer.from('ab\0\0'), 'text\0']);
	const program = `${NOT_MINE_LIST}
made = not_mine_list(sys.argv[1])
print(list(made))
made[0] = b"12345678"
print(list(made))
`;
	assert.equal(python(program, list.shm.name), "[b'ab', 'text']\n[b'12345678', 'text']");
	assert.deepEqual([...list] as ListItem[], [Buffer.from('12345678'), 'text\0']);
	list.shm.unlink();
});
