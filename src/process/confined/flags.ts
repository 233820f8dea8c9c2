/** What a Node is started with that keeps to permissions. */
import { realpathSync } from 'node:fs';
import { type CheckedPermissions, canRefuseNet, permissionModel } from '../permissions.ts';
import { ownCode } from './own-code.ts';

/** Options that would give a process more than its permissions say, or take the model away. */
const OF_THE_MODEL = /^--(?:experimental-permission|permission|allow-[a-z-]+|permission-audit)(?:=|$)/;

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

/**
 * Node's options for a process that may do what is permitted and no more.
 *
 * @param execArgv what it would be started with anyway
 * @param modules URLs or paths of the modules that it is going to import
 */
export async function confinedExecArgv(
	permissions: CheckedPermissions,
	execArgv: readonly string[],
	modules: readonly string[],
): Promise<string[]> {
	const model = permissionModel()!;
	const { fsRead, fsWrite, childProcess, worker, addons, net } = permissions;
	return [
		...execArgv.filter((option) => !OF_THE_MODEL.test(option)),
		model,
		// Otherwise every child begins with a warning about what it was started with.
		...(model === '--permission' ? [] : ['--disable-warning=ExperimentalWarning']),
		...allowing('fs-read', [...(await ownCode(modules)), ...patternsOf(fsRead)]),
		...allowing('fs-write', patternsOf(fsWrite)),
		...(childProcess ? ['--allow-child-process'] : []),
		...(worker ? ['--allow-worker'] : []),
		...(addons ? ['--allow-addons'] : []),
		...(net && canRefuseNet() ? ['--allow-net'] : []),
	];
}
