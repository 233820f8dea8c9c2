/**
 * The family's fork server: found by its notice in the family's memory, started by whoever first needs one, or finds it
 * gone. It is nobody's child in the public sense: no list shows it and nobody waits for it.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ProcessError } from '../base/errors.ts';
import { family } from '../memory/family.ts';
import { ForkServerNotice } from '../memory/fork-server-notice.ts';
import type { ForkServerAddress } from '../os/fork-contract.ts';
import { FORK_FLAGS } from '../os/fork-flags.ts';
import { platform } from '../os/platform.ts';
import { serverEntry } from './child-entry.ts';
import { childEnvironment } from './child-environment.ts';
import { childExecArgv } from './exec-argv.ts';
import { executable } from './executable.ts';
import { hasMainFile, resolveProgram } from './main-module.ts';
import { type PreloadErrorPolicy, preloading } from './preloading.ts';
import { type Logging, self } from './self.ts';

/** What a fork server is told. */
export interface ServerOrder {
	/** Imported once, in this order, before the first fork. */
	readonly preload: readonly string[];
	/** Modules of this package, by their names (wire/module-registry.ts). */
	readonly own: readonly string[];
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
	const { modules = byDefault(), onError } = preloading;
	return {
		preload: modules.filter((module) => module !== MAIN),
		own: preloading.own,
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
			env: childEnvironment(undefined),
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
