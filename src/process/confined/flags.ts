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

/** A file, or a folder with what is in it, be it there already or not. `*` at the end is Node's sign for "and all below". */
function grant(option: string, path: string): string[] {
	return bothWays(path).flatMap((each) => {
		const all = each.endsWith('/') ? `${each}*` : `${each}/*`;
		return path.endsWith('*') ? [`${option}=${each}`] : [`${option}=${each}`, `${option}=${all}`];
	});
}

/**
 * Node's options for a process that may do what is permitted and no more.
 *
 * @param execArgv what it would be started with anyway
 * @param modules URLs or paths of the modules that it is going to import
 */
export function confinedExecArgv(
	permissions: CheckedPermissions,
	execArgv: readonly string[],
	modules: readonly string[],
): string[] {
	const model = permissionModel()!;
	const { fsRead, fsWrite, childProcess, worker, addons, net } = permissions;
	return [
		...execArgv.filter((option) => !OF_THE_MODEL.test(option)),
		model,
		// Otherwise every child begins with a warning about what it was started with.
		...(model === '--permission' ? [] : ['--disable-warning=ExperimentalWarning']),
		...ownCode(modules).map((path) => `--allow-fs-read=${path}`),
		...fsRead.flatMap((path) => grant('--allow-fs-read', path)),
		...fsWrite.flatMap((path) => grant('--allow-fs-write', path)),
		...(childProcess ? ['--allow-child-process'] : []),
		...(worker ? ['--allow-worker'] : []),
		...(addons ? ['--allow-addons'] : []),
		...(net && canRefuseNet() ? ['--allow-net'] : []),
	];
}
