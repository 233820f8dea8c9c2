/** What a child that is given a payload is told about itself. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProcessError } from '../base/errors.ts';
import { platform } from '../os/platform.ts';
import { childEnvironment } from './child-environment.ts';
import type { LaunchRequest } from './launcher.ts';
import { hasMainFile } from './main-module.ts';
import type { Preparation, Restraint, Surroundings } from './payload.ts';
import { type StartMethod, self } from './self.ts';

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
	const { env } = request.options;
	return { env: { ...childEnvironment(env) }, isOther: env !== undefined, cwd: directory(request), execArgv };
}

/** Whether a copy of this process would have another environment or directory than it is to have. */
export function isElsewhere({ options: { env, cwd } }: LaunchRequest): boolean {
	return cwd !== undefined || childEnvironment(env) !== process.env;
}

/** What the child is to lay upon itself, before it runs anything of the program's. */
export function restraintOf({ options: { noNewPrivileges, limits } }: LaunchRequest): Restraint {
	return { noNewPrivileges, adoptsOrphans: limits?.processes !== undefined };
}

export function prepare(
	request: LaunchRequest,
	participant: number,
	startMethod: StartMethod,
	surroundings: Surroundings | null,
): Omit<Preparation, 'call'> {
	return {
		name: request.name,
		lineage: request.lineage,
		daemon: request.daemon,
		authkey: Buffer.from(request.authkey).toString('hex'),
		startMethod,
		logging: self.logging,
		parent: { name: self.name, identity: platform.self() },
		argv: process.argv.slice(1),
		hasMain: hasMainFile(),
		participant,
		descriptors: 1,
		confined: false,
		restraint: restraintOf(request),
		surroundings: surroundings === null ? null : JSON.stringify(surroundings),
	};
}
