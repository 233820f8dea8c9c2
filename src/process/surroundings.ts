/** Environment, working directory and Node options of a child that is forked: it takes them over itself. */
import { platform } from '../os/platform.ts';
import type { Surroundings } from './payload.ts';

let adopted: string | undefined;

/** In a child, or for all the children to come in their fork server: what is as it should be already is not looked at. */
export function adoptSurroundings(text: string): void {
	if (text === adopted) return;
	adopted = undefined;
	takeSurroundings(JSON.parse(text) as Surroundings);
	adopted = text;
}

/** Where this process is, as a parent would write it: nothing is changed by adopting it. */
export function presentSurroundings(): string {
	if (adopted !== undefined) return adopted;
	const { execArgv } = process;
	const present: Surroundings = { env: { ...process.env }, isOther: false, cwd: process.cwd(), execArgv };
	return JSON.stringify(present);
}

/** In the child. */
export function takeSurroundings({ env, isOther, cwd, execArgv }: Surroundings): void {
	for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
	for (const [name, value] of Object.entries(env)) {
		if (value !== undefined && (isOther || process.env[name] !== String(value))) process.env[name] = String(value);
	}
	if (isOther) platform.wipeEnvironmentBlock();
	process.chdir(cwd);
	process.execArgv = [...execArgv];
}
