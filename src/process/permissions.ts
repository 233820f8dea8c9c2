/** What a process may do that is started with `permissions`, as it was passed and checked. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProcessError, typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';

/** What is not named is refused. The program's own code can always be loaded. Enforced by Node's permission model. */
export interface Permissions {
	/** Files and folders, with all that is in them, that may be read: paths, or file: URLs. `'*'`: all. */
	readonly fsRead?: readonly (string | URL)[] | undefined;
	/** That may be written, made and removed. */
	readonly fsWrite?: readonly (string | URL)[] | undefined;
	/** Whether it may start processes. **These have no such limits** on Node 20 and 22. */
	readonly childProcess?: boolean | undefined;
	/** Whether it may start threads. **These have no such limits**. */
	readonly worker?: boolean | undefined;
	/** Whether it may load native code, which can do anything. */
	readonly addons?: boolean | undefined;
	/** Whether it may use the network. Only Node 25 and later can refuse it; before, `net: false` is an error. */
	readonly net?: boolean | undefined;
}

const LISTS = ['fsRead', 'fsWrite'] as const;
const FLAGS = ['childProcess', 'worker', 'addons', 'net'] as const;
const NAMES: readonly string[] = [...LISTS, ...FLAGS];

/** With absolute paths. */
export type CheckedPermissions = { readonly [K in (typeof LISTS)[number]]: readonly string[] } & {
	readonly [K in (typeof FLAGS)[number]]: boolean;
};

/** Whether such a process may have descendants. */
export function mayStartProcesses({ childProcess, worker, addons }: CheckedPermissions): boolean {
	return childProcess || worker || addons;
}

/** Whether this Node knows an option. */
export function nodeKnows(option: string): boolean {
	return process.allowedNodeEnvironmentFlags.has(option);
}

/** The option that has Node's permission model enforced; `undefined`: there is none. */
export function permissionModel(): string | undefined {
	return ['--permission', '--experimental-permission'].find(nodeKnows);
}

/** Whether this Node can refuse the network. */
export function canRefuseNet(): boolean {
	return nodeKnows('--allow-net');
}

/**
 * Checks what was passed as `permissions`.
 *
 * @throws TypeError for what they cannot be
 * @throws ProcessError ERR_MP_NOT_ENFORCEABLE for what this Node cannot refuse
 */
export function checkPermissions(given: unknown, call: string): CheckedPermissions {
	if (typeof given !== 'object' || given === null) {
		throw typeError(`${call}: permissions must be an object {${NAMES.join(', ')}}`);
	}
	checkKnown(given, NAMES, `${call}: permissions`);
	const { net } = given as Permissions;
	const flag = (name: (typeof FLAGS)[number]): boolean => checkedFlag((given as Permissions)[name], name, call);
	const list = (name: (typeof LISTS)[number]): string[] => checkedPaths((given as Permissions)[name], name, call);
	const checked = {
		fsRead: list('fsRead'),
		fsWrite: list('fsWrite'),
		childProcess: flag('childProcess'),
		worker: flag('worker'),
		addons: flag('addons'),
		net: flag('net'),
	};
	if (permissionModel() === undefined) throw notEnforceable(call, 'permissions', '20');
	if (net === false && !canRefuseNet()) throw notEnforceable(call, 'net: false', '25');
	return checked;
}

function notEnforceable(call: string, what: string, since: string): ProcessError {
	return new ProcessError(
		`${call}: Node ${process.versions.node} cannot enforce ${what}, only Node ${since} and later can. Use one, or leave it out and have the system see to it.`,
		{ code: 'ERR_MP_NOT_ENFORCEABLE' },
	);
}

function checkedFlag(value: unknown, name: string, call: string): boolean {
	if (value === undefined || typeof value === 'boolean') return value ?? false;
	throw typeError(`${call}: permissions.${name} must be true or false`);
}

function checkedPaths(value: unknown, name: string, call: string): string[] {
	if (value === undefined) return [];
	if (!Array.isArray(value)) throw typeError(`${call}: permissions.${name} must be an array of paths`);
	return value.map((path) => {
		const checked = pathOf(path);
		if (checked !== undefined && !/[*\0]/.test(checked)) return checked;
		throw typeError(`${call}: permissions.${name} must have paths without "*", or file: URLs, not ${String(path)}`);
	});
}

function pathOf(path: unknown): string | undefined {
	if (path === '*') return '/';
	if (typeof path === 'string' && path !== '') return resolve(path.replace(/\/\*$/, '/'));
	return path instanceof URL && path.protocol === 'file:' ? fileURLToPath(path) : undefined;
}
