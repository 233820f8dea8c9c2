/** What a process with permissions may do, tried from inside; and what of its parent it does not get. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { currentProcess, getContext, Lock, type Permissions, Process, run } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';
import { CAUGHT, outcomeOf } from '../process/outcome.ts';
import * as targets from './targets.ts';

const DENIED = 'ERR_ACCESS_DENIED';
const NET_CAN_BE_REFUSED = process.allowedNodeEnvironmentFlags.has('--allow-net');

let folder: string;

checkLeaks(async () => {
	const lock = new Lock();
	await run(targets.hello, ['x'], { permissions: {} });
	await run(targets.hello, ['x']);
	assert.equal(lock.locked(), false);
});

/** A folder with a secret and an open file in it, and an empty folder. */
function makeFolder(): { secret: string; open: string; shelf: string } {
	folder ??= mkdtempSync(join(tmpdir(), 'isolation-'));
	const [secret, open, shelf] = ['secret.txt', 'open.txt', 'shelf'].map((name) =>
		join(folder, name),
	) as never as string[];
	writeFileSync(secret!, 'secret');
	writeFileSync(open!, 'open');
	mkdirSync(shelf!, { recursive: true });
	return { secret: secret!, open: open!, shelf: shelf! };
}

after(() => rmSync(folder, { recursive: true, force: true }));

test('without a word about files none can be looked at, changed or removed', async () => {
	const { secret } = makeFolder();
	const outcome = await run(targets.tryFile, [secret], { permissions: {} });
	assert.deepEqual(new Set(Object.values(outcome)), new Set([DENIED]), JSON.stringify(outcome));
	assert.equal(readFileSync(secret, 'utf8'), 'secret');
});

test('a file that may be read can be read, and nothing else', async () => {
	const { secret, open } = makeFolder();
	const options = { permissions: { fsRead: [open] } };
	assert.deepEqual(await run(targets.readAll, [open, secret, `${open}x`, '/etc/passwd'], options), [
		'done',
		DENIED,
		DENIED,
		DENIED,
	]);
	assert.deepEqual(await run(targets.writeAll, [open], options), [DENIED]);
});

test('a folder stands for all that is in it, as a path and as a URL; a name that begins like it does not', async () => {
	const { secret, open } = makeFolder();
	for (const fsRead of [[folder], [pathToFileURL(`${folder}/`)]]) {
		const outcome = await run(targets.readAll, [secret, open, `${folder}-other`], { permissions: { fsRead } });
		assert.deepEqual(outcome, ['done', 'done', DENIED]);
	}
	assert.deepEqual(
		await run(targets.readAll, [`${folder}/shelf/../../../etc/passwd`], { permissions: { fsRead: [folder] } }),
		[DENIED],
	);
});

test('where it may write it writes, also what is not there yet; it cannot read it for that', async () => {
	const { secret, shelf } = makeFolder();
	const made = join(shelf, 'made.txt');
	const permissions: Permissions = { fsWrite: [shelf, join(folder, 'later')] };
	const tried = [made, secret, join(folder, 'other.txt'), join(folder, 'later')];
	assert.deepEqual(await run(targets.writeAll, tried, { permissions }), ['done', DENIED, DENIED, 'done']);
	assert.equal(readFileSync(made, 'utf8'), 'new');
	assert.deepEqual(await run(targets.readAll, [made], { permissions }), [DENIED]);
});

test('a folder under another name is the same folder', async () => {
	const { open } = makeFolder();
	const alias = join(folder, 'alias');
	rmSync(alias, { force: true });
	symlinkSync(folder, alias);
	const read = [join(alias, 'open.txt'), open];
	assert.deepEqual(await run(targets.readAll, read, { permissions: { fsRead: [alias] } }), ['done', 'done']);
});

test('processes, threads, native code and the network are refused, each', async () => {
	const { childProcess, worker, addons, binding, listen, connect } = await run(targets.tryAll, [], { permissions: {} });
	assert.deepEqual([childProcess, worker, binding], [DENIED, DENIED, DENIED]);
	assert.equal(addons, 'ERR_DLOPEN_DISABLED');
	const expected = NET_CAN_BE_REFUSED ? [DENIED, DENIED] : ['done', 'ECONNREFUSED'];
	assert.deepEqual([listen, connect], expected);
});

for (const [name, expected] of [
	['childProcess', 'done'],
	['worker', 'done'],
	['addons', 'ERR_DLOPEN_FAILED'],
] as const) {
	test(`${name}: true allows that and nothing else`, async () => {
		const permissions = { [name]: true, fsRead: name === 'childProcess' ? [process.execPath] : [] };
		const outcome = await run(targets.tryAll, [], { permissions });
		assert.equal(outcome[name], expected);
		for (const other of ['childProcess', 'worker', 'binding'].filter((each) => each !== name)) {
			assert.equal(outcome[other], DENIED, other);
		}
	});
}

test('net: true is what it is without permissions; net: false is an error where Node cannot refuse it', async () => {
	const outcome = await run(targets.tryAll, [], { permissions: { net: true } });
	assert.deepEqual([outcome.listen, outcome.connect], ['done', 'ECONNREFUSED']);
	const make = (): Process => new Process({ target: targets.exit as () => void, permissions: { net: false } });
	if (NET_CAN_BE_REFUSED) assert.ok(make());
	else assert.throws(make, { name: 'ProcessError', code: 'ERR_MP_NOT_ENFORCEABLE', message: /net: false/ });
});

test('the library itself opens no door: whatever needs native code or a process is refused, and says so', async () => {
	const { pickle, ...rest } = await run(targets.tryLibrary, [], { permissions: {} });
	assert.equal(pickle, 'done');
	assert.deepEqual(new Set(Object.values(rest)), new Set(['ERR_MP_CONFINED']), JSON.stringify(rest));
});

for (const method of ['spawn', 'forkserver'] as const) {
	test(`${method}: it is given no descriptor but its streams and its own`, async () => {
		const lock = new Lock(); // the family has its memory
		assert.equal(lock.locked(), false);
		const context = getContext(method);
		const child = new context.Process({
			target: targets.tellDescriptors,
			permissions: { fsRead: ['/proc'] },
			stdio: CAUGHT,
		});
		const { told } = await outcomeOf(child as Process);
		const open = Object.values(told[0] as Record<string, string>);
		assert.ok(open.length >= 3, String(open));
		assert.deepEqual(
			open.filter((what) => /memfd|shm|polyproc/.test(what)),
			[],
			String(open),
		);
	});
}

test('nor the key of the family, whose processes it could otherwise connect to', async () => {
	const own = Buffer.from(currentProcess().authkey).toString('hex');
	const theirs = await run(targets.key, [], { permissions: {} });
	assert.match(theirs, /^[0-9a-f]{64}$/);
	assert.notEqual(theirs, own);
});

test('a fork has everything its parent has, so it is refused permissions', async () => {
	const context = getContext('fork');
	const child = new context.Process({ target: targets.exit, args: [0], permissions: {} });
	await assert.rejects(child.start(), {
		name: 'ProcessError',
		code: 'ERR_MP_NOT_ENFORCEABLE',
		message: /forked process/,
	});
});

for (const [what, permissions, error, message] of [
	['not an object', true, 'TypeError', /permissions must be an object/],
	['null', null, 'TypeError', /permissions must be an object/],
	['a name that is none', { read: [] }, 'TypeError', /read/],
	['a path alone', { fsRead: '/tmp' }, 'TypeError', /fsRead must be an array/],
	['something else among the paths', { fsWrite: [1] }, 'TypeError', /fsWrite must have paths/],
	['a pattern', { fsRead: ['/tmp/*.txt'] }, 'TypeError', /without "\*"/],
	['an empty path', { fsRead: [''] }, 'TypeError', /fsRead must have paths/],
	['another URL', { fsRead: [new URL('https://example.com/')] }, 'TypeError', /fsRead must have paths/],
	['no boolean', { worker: 'yes' }, 'TypeError', /worker must be true or false/],
] as const) {
	test(`permissions that are ${what} are refused at the call`, () => {
		assert.throws(() => new Process({ target: targets.forever, permissions: permissions as never }), {
			name: error,
			message,
		});
	});
}

test('a whole program: what it imports loads, what lies beside it does not open', async () => {
	const { secret } = makeFolder();
	const program = join(folder, 'program');
	mkdirSync(join(program, 'node_modules/dep'), { recursive: true });
	writeFileSync(join(program, 'node_modules/dep/index.js'), 'exports.dep = 1;');
	writeFileSync(join(program, 'other.mjs'), 'export const other = 2;');
	writeFileSync(join(program, '.env'), 'KEY=secret');
	writeFileSync(join(program, 'config.json'), '{}');
	writeFileSync(
		join(program, 'plugin.mjs'),
		`import { readFileSync } from 'node:fs';
import { dep } from 'dep';
export async function plugin(paths) {
	const { other } = await import('./other.mjs');
	return [dep, other, ...paths.map((path) => { try { return readFileSync(path, 'utf8'); } catch ({ code }) { return code; } })];
}`,
	);
	writeFileSync(
		join(program, 'main.mjs'),
		`import * as mp from ${JSON.stringify(import.meta.resolve('polyproc'))};
import { plugin } from './plugin.mjs';
if (mp.isMain(import.meta)) {
	const paths = process.argv.slice(2);
	console.log(JSON.stringify(await mp.run(plugin, [paths], { permissions: {} })));
}`,
	);
	const paths = [secret, join(program, '.env'), join(program, 'config.json')];
	const { lines, stderr, code } = await runProgram(join(program, 'main.mjs'), { args: paths });
	assert.deepEqual([lines, stderr, code], [[JSON.stringify([1, 2, DENIED, DENIED, DENIED])], '', 0]);
});

/** A program with many files of code in `lib`; it asks `plugin` in processes with permissions, one for each argument. */
function makeLargeProgram(): string {
	makeFolder();
	const program = mkdtempSync(join(folder, 'large-'));
	for (const path of ['lib/code/deep', 'lib/mixed', 'lib/code/.hidden'])
		mkdirSync(join(program, path), { recursive: true });
	for (let i = 0; i < 300; i++) writeFileSync(join(program, 'lib/code/deep', `${i}.mjs`), `export default ${i};`);
	writeFileSync(join(program, 'lib/mixed/code.mjs'), 'export default 0;');
	for (const file of ['lib/mixed/key.txt', 'lib/code/.hidden/key.js', 'package.json', '.env']) {
		writeFileSync(join(program, file), '{}');
	}
	writeFileSync(
		join(program, 'plugin.mjs'),
		`import { readFileSync } from 'node:fs';
export async function plugin(path) {
	for (const module of ['./lib/code/deep/299.mjs', './lib/mixed/code.mjs']) await import(module);
	try { return readFileSync(path, 'utf8'); } catch ({ code }) { return code; }
}`,
	);
	writeFileSync(
		join(program, 'main.mjs'),
		`import { writeFileSync } from 'node:fs';
import * as mp from ${JSON.stringify(import.meta.resolve('polyproc'))};
import { plugin } from './plugin.mjs';
if (mp.isMain(import.meta)) {
	for (const path of process.argv.slice(2)) {
		if (path.endsWith('new.txt')) writeFileSync(path, 'made between two starts');
		console.log(await mp.run(plugin, [path], { permissions: {} }));
	}
}`,
	);
	return program;
}

test('a large program: all its code loads, and what lies among it and is none does not open, be it ever so new', async () => {
	const program = makeLargeProgram();
	const files = ['lib/mixed/key.txt', 'lib/code/.hidden/key.js', '.env', 'new.txt', 'lib/code/deep/new.txt'];
	const args = files.map((file) => join(program, file));
	const { lines, stderr, code } = await runProgram(join(program, 'main.mjs'), { args });
	assert.deepEqual([lines, stderr, code], [files.map(() => DENIED), '', 0]);
});
