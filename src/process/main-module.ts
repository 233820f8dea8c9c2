/**
 * Which module is the program. Only the root program has one: in a child the same file is an ordinary module, which is
 * what the guard `if (isMain(import.meta))` relies on.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { typeError } from '../base/errors.ts';
import { self } from './self.ts';

/** The parts of `import.meta` and of CommonJS's `module` that tell. */
export type ModuleLike = { readonly url: string; readonly main?: boolean } | { readonly filename: string | null };

/** As Node was given it, made absolute; read early, because programs change `process.argv`. */
const entry: string | undefined = process.argv[1];

/** The file that `node PATH` runs: symbolic links followed, folder and missing extension resolved. */
export function resolveProgram(path: string | undefined): string | undefined {
	if (path === undefined) return undefined;
	try {
		return createRequire(join(path, '..', '_')).resolve(path);
	} catch {
		return undefined; // node -e, a REPL: `argv[1]` is the program's first argument
	}
}

function fileOf(module: ModuleLike): string | null {
	if ('url' in module) return module.url.startsWith('file:') ? fileURLToPath(new URL(module.url)) : null;
	return module.filename;
}

/** Programs without a file: what they define travels as closures. */
const TYPED_IN = /^(?:-e|--eval|-p|--print|-pe|-ep|-i|--interactive)(?:=|$)/;

/** Whether the program is a file, and not typed in: `node -e`, a REPL, standard input. */
export function hasMainFile(): boolean {
	const [, first] = process.argv;
	return first !== undefined && first !== '-' && !process.execArgv.some((option) => TYPED_IN.test(option));
}

/** After its first turn, what was typed in finds Node's own `module` under that name. */
function isBuiltin(module: unknown): boolean {
	return module === process.getBuiltinModule('node:module') && !hasMainFile();
}

/** Whether the module was typed in. */
function isTypedIn(file: string | null): boolean {
	return file === null || /(?:^|[\\/])\[(?:eval|stdin)[^\\/]*$/.test(file);
}

/**
 * Whether a module is the program itself, and not imported: by another module, or by a child process. A program that
 * starts processes does so only if it is.
 *
 * @param module `import.meta`, or `module` in CommonJS.
 * @example
 * if (mp.isMain(import.meta)) await new mp.Process({ target: work }).start();
 */
export function isMain(module: ModuleLike): boolean {
	const isModule = typeof module === 'object' && module !== null && ('url' in module || 'filename' in module);
	if (!isModule && !isBuiltin(module)) {
		throw typeError('isMain: pass import.meta, or module in CommonJS');
	}
	// A worker thread's own file is `main` to Node 24; a program that took it for itself would start itself for ever.
	if (!self.isRoot || !process.getBuiltinModule('node:worker_threads').isMainThread) return false;
	if (!isModule) return true;
	if ('main' in module && typeof module.main === 'boolean') return module.main;
	const file = fileOf(module);
	if (isTypedIn(file)) return true;
	return file === resolveProgram(entry);
}
