/** Environment, working directory and Node options of a child that is forked: it takes them over itself. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProcessError } from '../base/errors.ts';
import type { LaunchOptions } from './options.ts';
import type { Surroundings } from './payload.ts';

function directory(cwd: string | URL | undefined): string {
	if (cwd === undefined) return process.cwd();
	const path = resolve(cwd instanceof URL ? fileURLToPath(cwd) : cwd);
	if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
	throw new ProcessError(`cannot start in ${path}: there is no such directory`, { code: 'ERR_MP_START' });
}

export function surroundingsOf({ env, cwd }: LaunchOptions, execArgv: readonly string[]): Surroundings {
	return { env: { ...(env ?? process.env) }, cwd: directory(cwd), execArgv };
}

/** In the child. */
export function takeSurroundings({ env, cwd, execArgv }: Surroundings): void {
	for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
	for (const [name, value] of Object.entries(env)) {
		if (value !== undefined && process.env[name] !== String(value)) process.env[name] = String(value);
	}
	process.chdir(cwd);
	process.execArgv = [...execArgv];
}
