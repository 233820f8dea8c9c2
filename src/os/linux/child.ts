/**
 * Starting a child with its payload and its lifeline. The sole importer of `node:child_process`, for short programs that
 * are run to their end; children are started without it (program.ts says why).
 */
import type { StdioOptions } from 'node:child_process';
import { getPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Child, ChildOptions, Confinement } from '../contract.ts';
import { letGo } from '../inheritance.ts';
import { openStreams, type StandardStreams } from './child-stdio.ts';
import { confine } from './confinement.ts';
import { ForkedChild } from './forked-child.ts';
import { closeDescriptor, geteuid } from './kernel.ts';
import { armLifeline, forgetLifeline, keepLifeline, type Lifeline, openLifeline } from './lifeline.ts';
import { identify } from './liveness.ts';
import { OwnSource } from './own-source.ts';
import { type PayloadFile, payloadFile } from './payload-file.ts';
import { startProgram } from './program.ts';

/** Runs a short program to its end, blocking; what it printed. `fd` is its descriptor 3. It starts a session of its own. */
export function runToEnd(file: string, args: readonly string[], fd: number): string {
	const { spawnSync } = process.getBuiltinModule('node:child_process');
	const env = { PATH: process.env.PATH };
	const stdio: StdioOptions = ['ignore', 'pipe', 'ignore', fd];
	// `detached` is not in the types of spawnSync, which takes it all the same
	const options = { cwd: '/', env, stdio, detached: true } as object;
	return String(spawnSync(file, args, options).stdout ?? '');
}

/**
 * What changes its own priority, and then becomes the program. Somebody else's who changed that a little later would be
 * too late: who is to wait would first have its turn.
 */
function yielding({ priority }: Confinement): string[] {
	return priority === undefined ? [] : ['nice', '-n', String(priority - getPriority()), '--'];
}

/** The same for the user and the group; part of util-linux. Who is not root stays who it is. */
function becoming({ uid, gid }: Confinement): string[] {
	if ((uid === undefined && gid === undefined) || geteuid() !== 0) return [];
	const ids = [...(uid === undefined ? [] : [`--reuid=${uid}`]), ...(gid === undefined ? [] : [`--regid=${gid}`])];
	return ['setpriv', ...ids, '--clear-groups', '--'];
}

/** The child waits until all of this is so. */
function arm(pid: number, payload: PayloadFile, lifeline: Lifeline, options: ChildOptions): void {
	try {
		if (options.confinement !== undefined) confine(pid, options.confinement);
		if (!options.detached) armLifeline(lifeline.readEnd, pid);
		letGo(payload.fd, payload.size);
	} catch (error) {
		process.kill(pid, 'SIGKILL');
		throw error;
	}
}

function launch(options: ChildOptions, streams: StandardStreams, payload: PayloadFile, lifeline: Lifeline): Child {
	const { env, cwd, detached, confinement = {} } = options;
	const command = [...yielding(confinement), ...becoming(confinement), options.file, ...options.args];
	const [file, ...args] = command as [string, ...string[]];
	const fds = [...streams.fds, payload.fd, ...options.descriptors, lifeline.readEnd];
	const pid = startProgram({ file, args, env, cwd: cwd instanceof URL ? fileURLToPath(cwd) : cwd, fds, detached });
	const child = new ForkedChild(identify(pid), new OwnSource(pid), streams.streams, lifeline.writeEnd);
	arm(pid, payload, lifeline, options);
	return child;
}

export async function startChild(options: ChildOptions): Promise<Child> {
	const streams = openStreams(options.stdio);
	const lifeline = openLifeline();
	keepLifeline(lifeline.writeEnd);
	const payload = payloadFile(options.payload, true);
	try {
		return launch(options, streams, payload, lifeline);
	} catch (error) {
		streams.abandon();
		forgetLifeline(lifeline.writeEnd);
		throw error;
	} finally {
		streams.release();
		for (const fd of [payload.fd, lifeline.readEnd]) closeDescriptor(fd);
	}
}
