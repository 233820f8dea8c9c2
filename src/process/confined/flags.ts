/** What a Node is started with that keeps to permissions. */
import { realpathSync } from 'node:fs';
import { anchored } from '../exec-argv.ts';
import { type CheckedPermissions, canRefuseNet, nodeKnows, permissionModel } from '../permissions.ts';
import { ownCode } from './own-code.ts';

/**
 * Options that would give a process more than its permissions say: of the model, of modules and files that it does not
 * watch over, of Node's own insides. From files that Node itself reads come more of them.
 */
const GRANTING =
	/^--(?:(?:no-)?(?:experimental-)?permission|permission-audit|allow-(?!natives)[a-z-]+|(?:no-)?experimental-sqlite|experimental-(?:default-)?config-file|env-file(?:-if-exists)?|expose-internals)$/;
/** Those whose value may follow as an argument of its own. */
const WITH_VALUE = /^--(?:allow-fs-(?:read|write)|env-file(?:-if-exists)?|experimental-config-file)$/;
/** Options that name a module that is loaded before anything else. */
const PRELOADING = /^(?:--import|--require|-r|--loader|--experimental-loader)$/;
/** A word in NODE_OPTIONS. */
const WORD = /(?:[^\s"]|"(?:\\.|[^"\\])*")+/g;

/** Without what would give more. Node takes `_` for `-`. */
function withoutGrants(options: readonly string[]): string[] {
	const kept: string[] = [];
	for (let index = 0; index < options.length; index++) {
		const option = options[index]!;
		const name = option.split('=', 1)[0]!.replaceAll('_', '-');
		if (!GRANTING.test(name)) kept.push(option);
		else if (WITH_VALUE.test(name) && !option.includes('=')) index += 1;
	}
	return kept;
}

/** The same for the options in an environment. */
export function confinedEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	const { NODE_OPTIONS: options, ...rest } = env;
	if (options === undefined) return env;
	return { ...rest, NODE_OPTIONS: withoutGrants(wordsOf(options)).join(' ') };
}

function wordsOf(options: string | undefined): string[] {
	return options?.match(WORD) ?? [];
}

/** The modules that Node loads by itself. */
function preloaded(options: readonly string[]): string[] {
	return options.flatMap((option, index) => {
		const [name, ...value] = option.split('=');
		if (!PRELOADING.test(name!)) return [];
		return value.length > 0 ? [value.join('=')] : options.slice(index + 1, index + 2);
	});
}

/** The same path, and the one that it leads to: Node looks at both. */
function bothWays(path: string): string[] {
	try {
		const real = realpathSync(path);
		return real === path ? [path] : [path, real];
	} catch {
		return [path]; // it may be made later
	}
}

/** Node's pattern for a file, or a folder with what is in it, be it there already or not. Node 20 aborts if it is told twice. */
function patternsOf(paths: readonly string[]): string[] {
	return paths.flatMap(bothWays).map((path) => (path.endsWith('/') ? `${path}*` : `${path}/*`));
}

function allowing(option: string, patterns: readonly string[]): string[] {
	return [...new Set(patterns)].map((pattern) => `--allow-${option}=${pattern}`);
}

/** What a process is to be started with, but for its permissions. */
export interface Plain {
	readonly execArgv: readonly string[];
	readonly env: NodeJS.ProcessEnv;
	readonly cwd: string;
	/** URLs or paths of the modules that it is going to import. */
	readonly modules: readonly string[];
}

/** Node's options for a process that may do what is permitted and no more. */
export async function confinedExecArgv(permissions: CheckedPermissions, plain: Plain): Promise<string[]> {
	const model = permissionModel()!;
	const { fsRead, fsWrite, childProcess, worker, addons, net } = permissions;
	const execArgv = withoutGrants(plain.execArgv);
	const early = anchored([...execArgv, ...wordsOf(plain.env.NODE_OPTIONS)], plain.cwd);
	const modules = [...plain.modules, ...preloaded(early)];
	return [
		...execArgv,
		model,
		// Otherwise every child begins with a warning about what it was started with.
		...(model === '--permission' ? [] : ['--disable-warning=ExperimentalWarning']),
		// Its databases can be anywhere: the model does not know of them.
		...(nodeKnows('--experimental-sqlite') && !addons ? ['--no-experimental-sqlite'] : []),
		...allowing('fs-read', [...(await ownCode(modules)), ...patternsOf(fsRead)]),
		...allowing('fs-write', patternsOf(fsWrite)),
		...(childProcess ? ['--allow-child-process'] : []),
		...(worker ? ['--allow-worker'] : []),
		...(addons ? ['--allow-addons'] : []),
		...(net && canRefuseNet() ? ['--allow-net'] : []),
	];
}
