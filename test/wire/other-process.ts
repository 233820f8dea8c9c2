/** Pickles in one process and unpickles in another: real programs, as users write them, joined by a hex string. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

function repository(): string {
	let folder = import.meta.dirname;
	while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
	return folder;
}

export const fixtures: string = join(repository(), 'test', 'fixtures', 'wire');

/** Node's arguments for running TypeScript through tsx. */
export const tsx: readonly string[] = ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];

export interface Run {
	/** Arguments of Node before the program. */
	readonly execArgv?: readonly string[];
	readonly args?: readonly string[];
	readonly input?: string;
}

/** Standard output of a fixture. */
export async function run(program: string, { execArgv = [], args = [], input = '' }: Run = {}): Promise<string> {
	const argv = [...execArgv, join(fixtures, program), ...args];
	return await new Promise((resolve, reject) => {
		const child = execFile(process.execPath, argv, { timeout: 60_000 }, (error, stdout, stderr) => {
			if (error !== null || stderr !== '') reject(new Error(`${program}: ${stderr || String(error)}`));
			else resolve(stdout);
		});
		child.stdin!.end(input);
	});
}

/** What `look` (the text of a function of the value) answers in another process. */
export async function receive(
	hex: string,
	look: string,
	{ execArgv = [], how = 'async' }: { execArgv?: readonly string[]; how?: 'sync' | 'async' } = {},
): Promise<unknown> {
	// The fixture that pickled is imported again, and prints again, before the answer.
	const answer = await run('receive.mjs', { execArgv, args: [how, look], input: hex });
	const { ok, ...failure } = JSON.parse(answer.trim().split('\n').at(-1)!) as { ok?: unknown; message?: string };
	if (ok === undefined) throw Object.assign(new Error(failure.message), failure);
	return ok;
}
