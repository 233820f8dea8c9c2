/**
 * Starting a program by `posix_spawn`: its process borrows this one's memory until it has become the program. Node's own
 * way copies this process first, page tables and all, and blocks the event loop for that: 3 to 5 ms in a small program,
 * twenty times as long as this.
 *
 * Of descriptors the program has those that it is given, as 0, 1, 2 and so on; of signals it blocks and ignores none. Node
 * knows nothing of it, so whoever starts it sees to its end (exit-watch.ts).
 */
import { getSystemErrorName } from 'node:util';
import { typeError } from '../../base/errors.ts';
import { native } from '../ffi.ts';
import { checked, closeDescriptor, closeOnExec, F_DUPFD_CLOEXEC, fcntl, systemError } from './kernel.ts';

/** What is larger than the C libraries' `posix_spawnattr_t` and `posix_spawn_file_actions_t` (336 and 80 bytes in glibc). */
const STRUCTURE_BYTES = 512;
/** Of a `sigset_t`. */
const SIGNAL_SET_BYTES = 128;
const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const POSIX_SPAWN_SETSID = 0x80;

type Structure = Uint8Array;
type Strings = readonly (string | null)[];

const actionsInit: (actions: Structure) => number = native('int posix_spawn_file_actions_init(void *actions)');
const actionsDestroy: (actions: Structure) => number = native('int posix_spawn_file_actions_destroy(void *actions)');
const addDup2: (actions: Structure, fd: number, target: number) => number = native(
	'int posix_spawn_file_actions_adddup2(void *actions, int fd, int target)',
);
const addChdir: (actions: Structure, path: string) => number = native(
	'int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)',
);
const attributesInit: (attributes: Structure) => number = native('int posix_spawnattr_init(void *attributes)');
const attributesDestroy: (attributes: Structure) => number = native('int posix_spawnattr_destroy(void *attributes)');
const setFlags: (attributes: Structure, flags: number) => number = native(
	'int posix_spawnattr_setflags(void *attributes, short flags)',
);
const setSignalMask: (attributes: Structure, signals: Structure) => number = native(
	'int posix_spawnattr_setsigmask(void *attributes, void *signals)',
);
const setSignalDefaults: (attributes: Structure, signals: Structure) => number = native(
	'int posix_spawnattr_setsigdefault(void *attributes, void *signals)',
);
const posixSpawn: (
	pid: number[],
	file: string,
	actions: Structure,
	attributes: Structure,
	argv: Strings,
	env: Strings,
) => number = native(
	'int posix_spawnp(_Out_ int *pid, const char *file, void *actions, void *attributes, char **argv, char **env)',
);

export interface Program {
	/** A path, or a name that is looked for as a shell does. */
	readonly file: string;
	readonly args: readonly string[];
	readonly env: NodeJS.ProcessEnv;
	readonly cwd: string | undefined;
	/** Its descriptors, by number. They stay open here. */
	readonly fds: readonly number[];
	/** Whether it begins a session of its own. */
	readonly detached: boolean;
}

/** Its pid. @throws the system's error if it cannot be started, `code` being its name. */
export function startProgram(program: Program): number {
	const { file, args, cwd, fds } = program;
	const [argv, env] = [strings([file, ...args]), strings(pairs(program.env))];
	closeOnExec();
	// None of them may be among the numbers that are going to be given anew.
	const sources = fds.map((fd) => checked('fcntl', fcntl(fd, F_DUPFD_CLOEXEC, fds.length)));
	const actions = structure(actionsInit);
	const attributes = structure(attributesInit);
	try {
		for (const [number, fd] of sources.entries()) succeeded('dup2', addDup2(actions, fd, number));
		if (cwd !== undefined) succeeded('chdir', addChdir(actions, cwd));
		giveSignals(attributes, program.detached);
		const pid = [0];
		succeeded(`spawn ${file}`, posixSpawn(pid, file, actions, attributes, argv, env));
		return pid[0]!;
	} finally {
		actionsDestroy(actions);
		attributesDestroy(attributes);
		for (const fd of sources) closeDescriptor(fd);
	}
}

function structure(init: (structure: Structure) => number): Structure {
	const made = new Uint8Array(STRUCTURE_BYTES);
	succeeded('posix_spawn', init(made));
	return made;
}

/** Node ignores SIGPIPE, and what is ignored is inherited otherwise. */
function giveSignals(attributes: Structure, detached: boolean): void {
	const session = detached ? POSIX_SPAWN_SETSID : 0;
	setFlags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | session);
	setSignalMask(attributes, new Uint8Array(SIGNAL_SET_BYTES));
	setSignalDefaults(attributes, new Uint8Array(SIGNAL_SET_BYTES).fill(0xff));
}

/** As `child_process` does it: inherited variables count, those that are `undefined` do not. */
function pairs(env: NodeJS.ProcessEnv): string[] {
	const names: string[] = [];
	for (const name in env) if (env[name] !== undefined) names.push(name);
	return names.map((name) => `${name}=${env[name]}`);
}

/** As C has them. */
function strings(texts: readonly string[]): Strings {
	const wrong = texts.find((text) => text.includes('\0'));
	if (wrong !== undefined) throw typeError(`${JSON.stringify(wrong)} has a NUL in it, and no argument or variable can`);
	return [...texts, null];
}

/** These calls return the number of their error. */
function succeeded(call: string, result: number): void {
	if (result !== 0) throw Object.assign(systemError(call, result), { code: getSystemErrorName(-result) });
}
