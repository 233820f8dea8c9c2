/** Environment, working directory and Node options of a child that is forked: it takes them over itself. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProcessError } from '../base/errors.ts';
import type { LaunchRequest } from './launcher.ts';
import type { Surroundings } from './payload.ts';

function directory({ name, options: { cwd } }: LaunchRequest): string {
	if (cwd === undefined) return process.cwd();
	const path = resolve(cwd instanceof URL ? fileURLToPath(cwd) : cwd);
	if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
	throw new ProcessError(`cannot start ${name}: its working directory, ${path}, does not exist`, {
		code: 'ERR_MP_START',
	});
}

/** Of a process that has them not, as a copy of this one has. */
export function surroundingsOf(request: LaunchRequest, execArgv: readonly string[]): Surroundings {
	return { env: { ...(request.options.env ?? process.env) }, cwd: directory(request), execArgv };
}

let adopted: string | undefined;

/** In a child, or for all the children to come in their fork server: what is as it should be already is not looked at. */
export function adoptSurroundings(text: string): void {
	if (text === adopted) return;
	adopted = undefined;
	takeSurroundings(JSON.parse(text) as Surroundings);
	adopted = text;
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
