/**
 * Which of this program's Node options its children get: all that change how code is loaded and run (`--import tsx`,
 * `--conditions`, V8 flags …), none that say *what* to run or that only one process can have (a debugger's port, the
 * test runner).
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Dropped together with the value that follows as an argument of its own. */
const WITH_VALUE: ReadonlySet<string> = new Set([
	'-e',
	'--eval',
	'-p',
	'--print',
	'-pe',
	'-ep',
	'--run',
	'--input-type',
	'--build-snapshot-config',
	'--inspect-port',
	'--debug-port',
	'--inspect-publish-uid',
	'--watch-path',
	'--watch-kill-signal',
	'--test-name-pattern',
	'--test-skip-pattern',
	'--test-reporter',
	'--test-reporter-destination',
	'--test-shard',
	'--test-concurrency',
	'--test-timeout',
	'--test-isolation',
	'--test-global-setup',
	'--test-rerun-failures',
]);

/** Dropped. */
const SINGLE: ReadonlySet<string> = new Set([
	'-',
	'-i',
	'--interactive',
	'-c',
	'--check',
	'-h',
	'--help',
	'-v',
	'--version',
	'--build-snapshot',
	'--watch',
	'--watch-preserve-output',
]);

/** Dropped whatever follows. `--test` covers what Node adds to the runner next. */
const PREFIXES: readonly string[] = ['--inspect', '--test', '--experimental-test', '--no-test'];

export function inheritedExecArgv(own: readonly string[]): string[] {
	const kept: string[] = [];
	for (let index = 0; index < own.length; index++) {
		const option = own[index] as string;
		const name = option.split('=', 1)[0] as string;
		if (WITH_VALUE.has(name)) {
			if (name === option) index += 1;
		} else if (!SINGLE.has(name) && !PREFIXES.some((prefix) => name.startsWith(prefix))) kept.push(option);
	}
	return kept;
}

/** Options that name a module, by URL, path or package, which Node looks for from the working directory. */
const MODULES: ReadonlySet<string> = new Set(['--import', '--loader', '--experimental-loader']);
const SCRIPTS: ReadonlySet<string> = new Set(['-r', '--require']);
/** Options that name files or folders. */
const FILES: ReadonlySet<string> = new Set(['--env-file', '--env-file-if-exists', '--experimental-config-file']);

/** As Node was started: programs change their working directory. */
const ownFolder: string = process.cwd();

/** Node's options for a child in `cwd`: those given, or this process's own. They mean there what they mean here. */
export function childExecArgv(given: readonly string[] | undefined, cwd: string | URL | undefined): readonly string[] {
	const here = given === undefined ? ownFolder : process.cwd();
	const there = cwd === undefined ? process.cwd() : resolve(cwd instanceof URL ? fileURLToPath(cwd) : cwd);
	const options = given ?? inheritedExecArgv(process.execArgv);
	return here === there ? options : anchored(options, here);
}

/** The same options for a process with any working directory: what was looked for from it is looked for from `folder`. */
export function anchored(options: readonly string[], folder: string): string[] {
	return options.map((option, index) => {
		const equals = option.indexOf('=');
		if (option.startsWith('-') && equals > 0) {
			const name = option.slice(0, equals);
			return `${name}=${anchoredValue(name, option.slice(equals + 1), folder)}`;
		}
		return index === 0 ? option : anchoredValue(options[index - 1] as string, option, folder);
	});
}

function anchoredValue(option: string, value: string, folder: string): string {
	if (FILES.has(option)) return resolve(folder, value);
	const isPath = /^\.{1,2}(?:[\\/]|$)/.test(value);
	if (SCRIPTS.has(option)) return isPath ? resolve(folder, value) : packageFile(value, folder);
	if (!MODULES.has(option)) return value;
	if (isPath) return new URL(value, pathToFileURL(join(folder, '_'))).href;
	const file = packageFile(value, folder);
	return file === value ? value : pathToFileURL(file).href;
}

/** The file of a package's module; what cannot be found from here, Node may find, or say why not. */
function packageFile(name: string, folder: string): string {
	try {
		return createRequire(join(folder, '_')).resolve(name);
	} catch {
		return name;
	}
}
