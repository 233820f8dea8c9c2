/** CPython's _TestSubclassingProcess, restated. Rows in MAPPING.md. */
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { getContext, Pipe } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { methods } from './methods.ts';
import { exitWith, failLoudly, setExitCode, Upper } from './process-targets.ts';

checkLeaks(async () => {
	const process = new Upper(...Pipe());
	await process.start();
	await process.stop();
	await process.join();
});

test('a subclass that holds both ends of a pipe answers until it is told to stop', async () => {
	const upper = new Upper(...Pipe());
	upper.daemon = true;
	await upper.start();
	assert.equal(await upper.ask('hello'), 'HELLO');
	assert.equal(await upper.ask('world'), 'WORLD');
	await upper.stop();
	assert.equal(await upper.join(), 0);
});

for (const method of methods) {
	const { Process } = getContext(method);

	test(`${method}: an uncaught error ends with 1, and its whole traceback has reached the child's stderr`, async () => {
		const folder = mkdtempSync(join(tmpdir(), 'polyproc-stderr-'));
		const fd = openSync(join(folder, 'stderr'), 'w');
		const child = new Process({ target: failLoudly, stdio: ['ignore', 'inherit', fd] });
		await child.start();
		assert.equal(await child.join(), 1);
		closeSync(fd);
		const text = readFileSync(join(folder, 'stderr'), 'utf8');
		rmSync(folder, { recursive: true });
		assert.match(text, /RangeError: the moon is too far\n/);
		assert.match(text, / at .*failLoudly .*process-targets\.js:\d+/);
	});

	test(`${method}: the exit code is the one given, modulo 256`, async () => {
		for (const [code, seen] of [
			[0, 0],
			[1, 1],
			[8, 8],
			[256, 0],
			[300, 44],
			[-1, 255],
		] as const) {
			for (const target of [exitWith, setExitCode]) {
				const child = new Process({ target, args: [code] });
				await child.start();
				assert.equal(await child.join(), seen, `${target.name}(${code})`);
			}
		}
	});
}
