/** The function of a run: found in its module, and known from then on by where it was found. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { functionReferences } from '../../wire/function-ref.ts';
import { importFrom } from '../../wire/native-import.ts';
import { CommandError } from '../command.ts';

type AnyFunction = (item: never) => unknown;

export interface Target {
	readonly fn: AnyFunction;
	/** The same for the same function in the same place. */
	readonly identity: string;
}

interface Place {
	/** As messages between processes name it (wire/module-registry.ts). */
	readonly module: string;
	load(): Promise<unknown>;
}

/** Whose imports are resolved as those of a module in the current directory; it need not exist. */
const HERE = '[polyproc map].js';
const SEEN_FROM_HERE = /^(\.{0,2}[/\\]|\.{1,2}$|[a-zA-Z]:[/\\])/;

/** A file if there is one of that name, as for `node FILE`; else a package. */
function locate(name: string): Place {
	if (name.startsWith('file:')) return byUrl(name);
	const file = resolve(name);
	if (existsSync(file)) return byUrl(pathToFileURL(file).href);
	if (SEEN_FROM_HERE.test(name)) throw new CommandError(`map: cannot load MODULE ${name}: there is no file ${file}`, 2);
	const here = pathToFileURL(join(process.cwd(), HERE)).href;
	return { module: `s${here}\n${name}`, load: () => importFrom(here)(name) };
}

function byUrl(url: string): Place {
	return { module: `e${url}`, load: () => import(url) };
}

function split(target: string): { name: string; path: string[] } {
	const at = target.lastIndexOf('#');
	const name = at < 0 ? target : target.slice(0, at);
	const member = at < 0 ? '' : target.slice(at + 1);
	return { name, path: member === '' ? ['default'] : member.split('.') };
}

function memberOf(root: unknown, path: readonly string[]): unknown {
	return path.reduce<unknown>(
		(holder, key) => (holder === null || holder === undefined ? undefined : Object(holder)[key]),
		root,
	);
}

/** @throws CommandError: there is no such module, or no such function in it */
export async function findTarget(target: string): Promise<Target> {
	const { name, path } = split(target);
	const { module, load } = locate(name);
	const namespace = await load().catch((error: unknown) => {
		throw new CommandError(`map: cannot load MODULE ${name}: ${reasonOf(error)}`, 2);
	});
	const [fn, where] = exported(namespace, path);
	if (typeof fn !== 'function') throw new CommandError(`map: ${missing(name, path, fn, namespace)}`, 2);
	functionReferences.learn(fn, { module, path: where });
	return { fn: fn as AnyFunction, identity: `${module.slice(1)}#${path.join('.')}` };
}

/** What a CommonJS module exports may be known to `import` as a member of its default export only. */
function exported(namespace: unknown, path: readonly string[]): [value: unknown, path: readonly string[]] {
	const value = memberOf(namespace, path);
	if (value !== undefined || !Object.hasOwn(Object(namespace), 'default')) return [value, path];
	const inside = ['default', ...path];
	return [memberOf(namespace, inside), inside];
}

/** What was not found says it all; what is wrong inside the module is found by its stack. */
function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') return error.stack ?? error.message;
	return error.message.includes(HERE) ? 'there is no such file here, and no such package' : error.message;
}

function missing(name: string, path: readonly string[], value: unknown, namespace: unknown): string {
	const member = path.join('.');
	if (value !== undefined)
		return `"${member}" of ${name} is no function, but ${value === null ? 'null' : typeof value}`;
	const names = Object.keys(Object(namespace)).filter((key) => key !== 'module.exports');
	const there = names.length === 0 ? 'nothing' : names.join(', ');
	return `${name} has no export "${member}"; what it exports: ${there}`;
}
