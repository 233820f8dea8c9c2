/** What `new Process()` takes: its types, and the check of what was really passed. */
import { rangeError, typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import type { ChildStdio } from '../os/contract.ts';
import { type AllowedModule, trustOnly } from '../wire/allow-list.ts';
import { checkProcessLimits, PROCESS_LIMITS, type ProcessLimits } from './limits.ts';
import { type CheckedPermissions, checkPermissions, type Permissions } from './permissions.ts';

/** What to run. Wrong arguments do not compile; a target that needs some does not compile without `args`. */
export type TargetOptions<Args extends readonly unknown[]> = {
	/** The function the child calls. Exported ones travel by reference, others as a closure. */
	readonly target?: ((...args: Args) => unknown) | undefined;
	/** What it is called with. A target whose parameters have no types gets them from here. */
	readonly args?: readonly [...Args] | undefined;
} & ([] extends Args ? unknown : { readonly args: unknown });

/** How to run it; `env`, `cwd`, `stdio`, `execArgv` as in `node:child_process`. */
export interface ChildProcessOptions {
	/** For messages and logs; need not be unique. Default: `Process-1`, a grandchild's `Process-1:2`. */
	readonly name?: string | undefined;
	/** Terminated, not waited for, when this process ends; may have no children. Default: as this process. */
	readonly daemon?: boolean | undefined;
	/** In a process group of its own, and not killed when this process is killed. */
	readonly detached?: boolean | undefined;
	/** Instead of this process's environment. */
	readonly env?: NodeJS.ProcessEnv | undefined;
	readonly cwd?: string | URL | undefined;
	/** Default: nothing on stdin, stdout and stderr those of this process. Pipes appear as `stdin`, `stdout`, `stderr`. */
	readonly stdio?: ChildStdio | readonly ChildStdio[];
	/** Node's options for the child; modules in them are looked for from this process's `cwd`. Default: those of this process, without debugger, test runner and `--eval`. */
	readonly execArgv?: readonly string[] | undefined;
	/** What it may do: the rest is refused, by Node itself. It gets no shared memory; shared objects it is passed are used by a broker in its place. */
	readonly permissions?: Permissions | undefined;
	/** Of a process with permissions: modules whose exported functions and classes it may name in what it sends. Default: none. */
	readonly allow?: readonly AllowedModule[] | undefined;
	/** What it may use at most; who passes a limit is killed with its descendants, and `exitReason` names it. */
	readonly limits?: ProcessLimits | undefined;
	/** Its priority and that of all it starts, as for `os.setPriority`: 19, the last to run, to −20. Default: that of this process; only root may give a higher one (a lower number). */
	readonly priority?: number | undefined;
	/** Numbers of the user and group it is to be; only root may choose. */
	readonly uid?: number | undefined;
	readonly gid?: number | undefined;
	/** Nothing it starts can have more rights than it has itself (set-user-ID programs like `sudo`). */
	readonly noNewPrivileges?: boolean | undefined;
}

export type ProcessOptions<Args extends readonly unknown[] = readonly []> = TargetOptions<Args> & ChildProcessOptions;

/** The options as far as a launcher needs them. */
export interface LaunchOptions {
	readonly detached: boolean;
	readonly env: NodeJS.ProcessEnv | undefined;
	readonly cwd: string | URL | undefined;
	readonly stdio: readonly ChildStdio[];
	readonly execArgv: readonly string[] | undefined;
	readonly permissions: CheckedPermissions | undefined;
	readonly allow: readonly AllowedModule[];
	readonly limits: ProcessLimits | undefined;
	readonly priority: number | undefined;
	readonly uid: number | undefined;
	readonly gid: number | undefined;
	readonly noNewPrivileges: boolean;
}

/** Everything passed, checked. */
export interface CheckedOptions extends LaunchOptions {
	readonly target: ((...args: never[]) => unknown) | undefined;
	readonly args: readonly unknown[];
	readonly name: string | undefined;
	readonly daemon: boolean | undefined;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isIterable: Check = (value) => typeof value === 'object' && value !== null && Symbol.iterator in value;

/** What each option must be, and how to say so. */
const OPTIONS: Readonly<Record<string, readonly [check: Check, expected: string]>> = {
	target: [(value) => typeof value === 'function', 'a function'],
	args: [isIterable, 'an array'],
	name: [isText, 'a string'],
	daemon: [isFlag, 'a boolean'],
	detached: [isFlag, 'a boolean'],
	env: [(value) => typeof value === 'object' && value !== null, 'an object'],
	cwd: [(value) => isText(value) || value instanceof URL, 'a path or a file: URL'],
	stdio: [(value) => isText(value) || Array.isArray(value), 'as in child_process.spawn: a string or an array'],
	execArgv: [(value) => Array.isArray(value) && value.every(isText), 'an array of strings'],
	permissions: [(value) => typeof value === 'object' && value !== null, 'an object'],
	allow: [Array.isArray, 'an array of modules'],
	noNewPrivileges: [isFlag, 'a boolean'],
};

/** Options with a check of their own. */
const CHECKS: Readonly<Record<string, (value: unknown, name: string) => void>> = {
	limits: (value) => checkProcessLimits(value, 'new Process', PROCESS_LIMITS),
	priority: (value, name) => checkWhole(value, name, PRIORITIES),
	uid: checkId,
	gid: checkId,
};

const HIGHEST_ID: number = 2 ** 32 - 2;

const PRIORITIES = [-20, 19] as const;

function checkId(value: unknown, name: string): void {
	checkWhole(value, name, [0, HIGHEST_ID]);
}

function checkWhole(value: unknown, name: string, [least, most]: readonly [number, number]): void {
	if (typeof value !== 'number') throw typeError(`new Process: ${name} must be a number, not ${describe(value)}`);
	if (Number.isInteger(value) && value >= least && value <= most) return;
	throw rangeError(`new Process: ${name} must be a whole number from ${least} to ${most}, and ${value} is not`);
}

function checkOption(name: string, value: unknown): void {
	const ownCheck = CHECKS[name];
	if (ownCheck !== undefined) {
		ownCheck(value, name);
		return;
	}
	const [check, expected] = OPTIONS[name]!;
	if (!check(value)) throw typeError(`new Process: ${name} must be ${expected}, not ${describe(value)}`);
}

function describe(value: unknown): string {
	return value === null ? 'null' : typeof value;
}

const STANDARD_STREAMS = 3;
/** Nothing to read: a child's reading from a terminal that its siblings read from too is of no use. */
const DEFAULT_STDIO: readonly ChildStdio[] = ['ignore', 'inherit', 'inherit'];

const STREAM_WORDS: readonly unknown[] = ['pipe', 'overlapped', 'ignore', 'inherit', 'ipc', null, undefined];

function isStream(entry: unknown): boolean {
	return STREAM_WORDS.includes(entry) || typeof entry === 'number' || (typeof entry === 'object' && entry !== null);
}

function completeStdio(stdio: ChildProcessOptions['stdio']): readonly ChildStdio[] {
	const given = (typeof stdio === 'string' ? DEFAULT_STDIO.map(() => stdio) : (stdio ?? [])) as readonly (
		| ChildStdio
		| 'ipc'
	)[];
	const wrong = given.find((entry) => !isStream(entry));
	if (wrong !== undefined) {
		throw typeError(
			`new Process: stdio entries must be 'pipe', 'ignore', 'inherit', a descriptor or a stream, not ${String(wrong)}`,
		);
	}
	if (given.includes('ipc')) throw typeError(`new Process: stdio cannot have 'ipc'; pass a Pipe() or a Queue in args`);
	const length = Math.max(STANDARD_STREAMS, given.length);
	return Array.from({ length }, (_, index) => (given[index] as ChildStdio) ?? DEFAULT_STDIO[index] ?? 'ignore');
}

function checkedAllow(allow: readonly AllowedModule[] | undefined, permissions: unknown): readonly AllowedModule[] {
	if (allow === undefined) return [];
	if (permissions === undefined) {
		throw typeError('new Process: allow is for processes with permissions; all others are trusted with everything');
	}
	trustOnly(allow, 'new Process');
	return allow.map(String);
}

/** Checks what was passed to `new Process`. */
export function checkOptions(options: unknown): CheckedOptions {
	if (typeof options !== 'object' || options === null) {
		throw typeError(`new Process: options must be an object like {target, args}, not ${describe(options)}`);
	}
	checkKnown(options, [...Object.keys(OPTIONS), ...Object.keys(CHECKS)], 'new Process');
	for (const [name, value] of Object.entries(options)) {
		if (value !== undefined) checkOption(name, value);
	}
	const given = options as Partial<Record<keyof CheckedOptions, never>> & {
		args?: Iterable<unknown>;
		allow?: AllowedModule[];
	};
	return {
		target: given.target,
		args: [...(given.args ?? [])],
		name: given.name,
		daemon: given.daemon,
		detached: given.detached ?? false,
		env: given.env,
		cwd: given.cwd,
		stdio: completeStdio(given.stdio),
		execArgv: given.execArgv,
		permissions: given.permissions === undefined ? undefined : checkPermissions(given.permissions, 'new Process'),
		allow: checkedAllow(given.allow, given.permissions),
		limits: given.limits,
		priority: given.priority,
		uid: given.uid,
		gid: given.gid,
		noNewPrivileges: given.noNewPrivileges ?? false,
	};
}
