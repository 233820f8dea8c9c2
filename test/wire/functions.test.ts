import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fixtures, receive, run, tsx } from './other-process.ts';

const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
const stripsTypes = major > 22 || (major === 22 && minor >= 18);

const exportedLook = `(v) => [v.here(1), new v.Local(3).get(), v.instance.get(), v.instance.constructor.name, v.renamed(1), v.named(),
	v.square(3), v.negate(3), v.cube(2), v.methods[0](), v.methods[1].call({ x: 3, y: 4 }), v.methods[2](4), v.methods[3](4)]`;
const exportedAnswer = [2, 3, 7, 'Local', 3, 'default', 9, -3, 8, 'origin', 5, 8, 12];

const closuresLook = `async (v) => [v.helper(1), v.uses(3), v.imports(), v.isEven(10), v.fact(5), [...v.gen()], await v.later(),
	v.meta().length, await v.dyn(), v.hidden.bump(), v.deeper.extra, v.deeper.bump(), v.bound(), v.thisIsUndefined()]`;
const closuresAnswer = [11, 21, ['b.c', '/', 'function', 8, -3], true, 120, [10, 1, 2], 10, 2, 25, 2, 10, 2, 15, true];

describe('functions and classes that a module exports', () => {
	for (const program of ['main-sync.mjs', 'main-tla.mjs']) {
		it(`cross by reference from a main module that is still being evaluated (${program})`, async () => {
			const hex = await run(program, { args: ['exported'] });
			assert.ok(!Buffer.from(hex, 'hex').includes('=>'), 'no source is sent');
			assert.deepEqual(await receive(hex, exportedLook), exportedAnswer);
		});
	}

	it('cross from CommonJS, the exports that come later as closures', async () => {
		const look = `(v) => [v.early(1), v.late(1), v.uses(), v.sloppy(), (0, v.strict)(), v.greet('y'), v.point.get(), v.base('/x/y'), v.make()]`;
		const uses = ['function', 'a/b', 9, 'hello x', 'main.cjs', 8];
		assert.deepEqual(await receive(await run('main.cjs'), look), [2, 3, uses, true, true, 'hello y', 4, 'y', 'made']);
	});

	it('a module with a top-level await is refused by the synchronous form, which says what to do', async () => {
		const hex = await run('main-tla.mjs', { args: ['exported'] });
		await assert.rejects(receive(hex, exportedLook, { how: 'sync' }), (error: Error) => {
			assert.match(
				error.message,
				/the export here of file:.*main-tla\.mjs: it has a top-level await: receive with the asynchronous form/,
			);
			return true;
		});
	});

	it('a main module that waits at its top level receives instances of its own classes', async () => {
		assert.equal(await run('answers-itself.mjs'), 'true 42 true\n');
	});

	it('an anonymous default export crosses while its module is being evaluated', async () => {
		assert.deepEqual(await receive(await run('anonymous-default.mjs'), '(v) => [v(2), v.name]'), [102, 'default']);
	});

	it('a module that is gone, broken, or lacks the export is named, with the cause', async () => {
		const hex = await run('main-sync.mjs', { args: ['exported'] });
		const elsewhere = (from: string, to: string): string =>
			hex.replaceAll(Buffer.from(from).toString('hex'), Buffer.from(to).toString('hex'));
		const gone = elsewhere('wire/exporting.mjs', 'wire/exported!.mjs');
		await assert.rejects(
			receive(gone, '(v) => 1'),
			/Cannot unpickle the export sq2 of file:.*exported!\.mjs: it could not be loaded \(see cause\)/,
		);
		await assert.rejects(
			receive(gone, '(v) => 1', { how: 'sync' }),
			/the export sq2 of file:.*exported!\.mjs: it could not be loaded/,
		);
		const broken = elsewhere('wire/exporting.mjs', 'wire/brokenly!.mjs');
		await assert.rejects(
			receive(broken, '(v) => 1'),
			/the export sq2 of file:.*brokenly!\.mjs: it could not be loaded/,
		);
		await assert.rejects(receive(elsewhere('sq2', 'xq2'), '(v) => 1'), /exporting\.mjs has no export xq2/);
	});

	it('a module without one can be received synchronously', async () => {
		const hex = await run('main-sync.mjs', { args: ['exported'] });
		const look = `(v) => [v.square(3), v.instance?.get?.()]`;
		assert.deepEqual(await receive(hex, look, { how: 'sync' }), [9, 7]);
	});
});

describe('closures', () => {
	for (const program of ['main-sync.mjs', 'main-tla.mjs']) {
		it(`cross with the variables they capture (${program})`, async () => {
			const hex = await run(program, { args: ['closures'] });
			assert.deepEqual(await receive(hex, closuresLook), closuresAnswer);
		});
	}

	it('show the file and the line they were written in', async () => {
		const hex = await run('main-sync.mjs', { args: ['closures'] });
		const stack = await receive(hex, '(v) => { try { v.fails() } catch (error) { return error.stack } }');
		const line =
			readFileSync(join(fixtures, 'main-sync.mjs'), 'utf8')
				.split('\n')
				.findIndex((text) => text.includes('throw new')) + 1;
		assert.match(String(stack), new RegExp(`at Object\\.fails \\(.*main-sync\\.mjs:${line}:9\\)`));
	});
});

describe('TypeScript', () => {
	const look = '(v) => [v.here(1), v.box.get(), v.uses(3), v.hidden.bump(), v.shape.area(), v.twice(4)]';
	const answer = [2, 5, [13, 'b', 'function', 6], 3, 9, 8];

	it('functions and closures cross under tsx (ES modules)', async () => {
		assert.deepEqual(await receive(await run('typed.ts', { execArgv: tsx }), look, { execArgv: tsx }), answer);
	});

	it('functions and closures cross under tsx (CommonJS)', {
		skip: major < 22 && 'Node 20 cannot load this entry under tsx',
	}, async () => {
		assert.deepEqual(await receive(await run('typed-cjs.cts', { execArgv: tsx }), look, { execArgv: tsx }), answer);
	});

	it('functions and closures cross under type stripping', { skip: !stripsTypes }, async () => {
		const quiet = ['--disable-warning=ExperimentalWarning'];
		assert.deepEqual(await receive(await run('typed.ts', { execArgv: quiet }), look, { execArgv: quiet }), answer);
	});
});
