/**
 * The family's fork server: found by its notice in the family's memory, started by whoever first needs one, or finds it
 * gone. It is nobody's child in the public sense: no list shows it and nobody waits for it.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ProcessError, typeError } from '../base/errors.ts';
import { family } from '../memory/family.ts';
import { ForkServerNotice } from '../memory/fork-server-notice.ts';
import type { ForkServerAddress } from '../os/contract.ts';
import { FORK_FLAGS } from '../os/fork-flags.ts';
import { platform } from '../os/platform.ts';
import { serverEntry } from './child-entry.ts';
import { childExecArgv } from './exec-argv.ts';
import { executable } from './executable.ts';
import { hasMainFile, resolveProgram } from './main-module.ts';
import { type Logging, self } from './self.ts';

/** What is done when a module cannot be preloaded. */
export type PreloadErrorPolicy = 'ignore' | 'warn' | 'fail';
const POLICIES: readonly string[] = ['ignore', 'warn', 'fail'];

/** What a fork server is told. */
export interface ServerOrder {
	/** Imported once, in this order, before the first fork. */
	readonly preload: readonly string[];
	/** The program as a module, imported behind the others. */
	readonly main: string | null;
	readonly onError: PreloadErrorPolicy;
	/** `process.argv` without the executable. */
	readonly argv: readonly string[];
	readonly key: string;
	readonly client: number;
	readonly clientName: string;
	readonly logging: Logging;
}

/** Milliseconds between two looks while another process starts the server. */
const GLANCE = 2;

let preload: readonly string[] | undefined;
let onError: PreloadErrorPolicy = 'warn';

/**
 * What the fork server imports before the first fork: every child has it then, shared copy-on-write. For servers started
 * from now on. By default it is the program's own module, if that has the guard (`isMain`).
 *
 * @param modules specifiers as in `import`, resolved from the program's file; absolute paths; URLs. `'__main__'` is the
 *   program's own module.
 * @param options `onError`: a module that cannot be imported is ignored, warned of, or makes every start fail.
 */
export function setForkserverPreload(
	modules: readonly (string | URL)[],
	options: { readonly onError?: PreloadErrorPolicy } = {},
): void {
	const valid =
		Array.isArray(modules) && modules.every((module) => typeof module === 'string' || module instanceof URL);
	if (!valid) throw typeError('setForkserverPreload: modules must be an array of strings and URLs');
	const policy = options.onError ?? 'warn';
	if (!POLICIES.includes(policy)) {
		throw typeError(`setForkserverPreload: onError must be 'ignore', 'warn' or 'fail', not ${String(policy)}`);
	}
	preload = modules.map(String);
	onError = policy;
}

const MAIN = '__main__';

function program(): string | null {
	const file = hasMainFile() ? resolveProgram(process.argv[1]) : undefined;
	return file === undefined ? null : pathToFileURL(file).href;
}

/** What a program that may be imported looks like: it asks whether it is the main module. */
const GUARD = /\bisMain\s*\(|\bimport\.meta\.main\b|\brequire\.main\b/;

/** A program without a guard would run once more if it were imported, which nobody has asked for. */
function byDefault(): readonly string[] {
	const file = program();
	try {
		return file !== null && GUARD.test(readFileSync(new URL(file), 'utf8')) ? [MAIN] : [];
	} catch {
		return [];
	}
}

function order(key: Uint8Array): ServerOrder {
	const modules = preload ?? byDefault();
	return {
		preload: modules.filter((module) => module !== MAIN),
		main: modules.includes(MAIN) ? program() : null,
		onError,
		argv: process.argv.slice(1),
		key: Buffer.from(key).toString('hex'),
		client: process.pid,
		clientName: self.name,
		logging: self.logging,
	};
}

const STREAMS = 3;

async function start(): Promise<ForkServerAddress> {
	const { listener, address } = platform.listenForForks();
	try {
		const server = await platform.startChild({
			file: executable(),
			args: [
				...childExecArgv(undefined, undefined).filter((option) => !FORK_FLAGS.includes(option)),
				...FORK_FLAGS,
				serverEntry,
				String(STREAMS),
			],
			env: process.env,
			stdio: ['ignore', 'inherit', 'inherit'],
			payload: [Buffer.from(JSON.stringify(order(address.key)))],
			descriptors: [listener, family().fd],
			detached: false,
		});
		server.unref();
		return address;
	} catch (cause) {
		throw new ProcessError(`the fork server could not be started: ${executable()}`, { cause, code: 'ERR_MP_START' });
	} finally {
		platform.closeDescriptor(listener);
	}
}

export interface FoundServer {
	readonly address: ForkServerAddress;
	/** To tell it from a later one. */
	readonly generation: number;
}

/** The family's fork server; a new one if there is none, or only that of generation `gone`. */
export async function forkServer(gone?: number): Promise<FoundServer> {
	const notice = new ForkServerNotice(family());
	for (;;) {
		const found = notice.read();
		if (found !== undefined && found.generation !== gone) return found;
		if (!notice.claim()) {
			await new Promise((resolve) => setTimeout(resolve, GLANCE));
			continue;
		}
		try {
			const again = notice.read();
			if (again !== undefined && again.generation !== gone) return again;
			notice.publish(await start());
		} finally {
			notice.unclaim();
		}
	}
}
