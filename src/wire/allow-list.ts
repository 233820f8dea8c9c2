/** The option `allow`: the modules that what an untrusted sender sends may refer to, as users write them. */
import { realpathSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { typeError } from '../base/errors.ts';
import { sharedHome } from './handoff.ts';
import { Trust } from './trust.ts';

/** A specifier as in `require`, resolved from the program's file; an absolute path; a URL. */
export type AllowedModule = string | URL;

/**
 * How far to trust whom this list is for.
 *
 * @throws TypeError if it is not a list of modules, or one of them cannot be found
 */
export function trustOnly(allow: readonly AllowedModule[], call: string): Trust {
	return Trust.only(checkModules(allow, call).flatMap((module) => namesOf(module, call)));
}

function checkModules(allow: unknown, call: string): readonly AllowedModule[] {
	const isList = Array.isArray(allow) && allow.every((module) => typeof module === 'string' || module instanceof URL);
	if (isList) return allow as readonly AllowedModule[];
	throw typeError(`${call}: allow must be an array of modules (specifiers, absolute paths or URLs), [] for none`);
}

function namesOf(module: AllowedModule, call: string): string[] {
	const specifier = String(module);
	if (isBuiltin(specifier)) return [`b${specifier.replace(/^node:/, '')}`];
	const addresses = addressesOf(specifier, call);
	const names = addresses.flatMap((address) => [`e${address}`, `c${address}`]);
	const home = sharedHome();
	if (home === null || !names.includes(home)) return names;
	throw typeError(
		`${call}: allow must not name polyproc itself, whose functions start processes and unpickle anything`,
	);
}

/** A module is known by the place where its file really is. */
function addressesOf(specifier: string, call: string): string[] {
	const isUrl = /^[a-z][a-z\d+.-]+:/i.test(specifier);
	if (isUrl && !specifier.startsWith('file:')) return [new URL(specifier).href];
	const path = isUrl ? undefined : pathOf(specifier, call);
	const given = path === undefined ? new URL(specifier) : pathToFileURL(path);
	const real = pathToFileURL(realPath(fileURLToPath(given)));
	real.search = given.search;
	real.hash = given.hash;
	return [...new Set([given.href, real.href])];
}

function realPath(path: string): string {
	try {
		return realpathSync(path);
	} catch {
		return path; // not there yet, or not for this user: then it is not loaded from here either
	}
}

function pathOf(specifier: string, call: string): string {
	if (isAbsolute(specifier)) return specifier;
	const program = process.argv[1] === undefined ? join(process.cwd(), '_') : resolve(process.argv[1]);
	try {
		return createRequire(program).resolve(specifier);
	} catch (cause) {
		const error = typeError(
			`${call}: allow names ${JSON.stringify(specifier)}, which cannot be found from ${program}; name the file by its absolute path or URL`,
		);
		throw Object.assign(error, { cause });
	}
}
