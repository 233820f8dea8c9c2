/**
 * The start method *spawn*: a fresh Node that has nothing of this process but what it is given: environment, working
 * directory and Node options as in `child_process`, its standard streams, and the payload.
 */
import { fstatSync } from 'node:fs';
import { ProcessError } from '../base/errors.ts';
import { family } from '../memory/family.ts';
import type { Child, ChildStdio } from '../os/contract.ts';
import { platform } from '../os/platform.ts';
import { childEntry } from './child-entry.ts';
import { childEnvironment } from './child-environment.ts';
import { encodePayload } from './encode-payload.ts';
import { childExecArgv } from './exec-argv.ts';
import { executable } from './executable.ts';
import type { Launcher, LaunchRequest } from './launcher.ts';
import { heapFlags } from './limits.ts';
import type { LaunchOptions } from './options.ts';
import { prepare } from './preparation.ts';
import type { StartMethod } from './self.ts';

function isOpen(fd: number): boolean {
	try {
		fstatSync(fd);
		return true;
	} catch {
		return false; // EBADF
	}
}

/** A stream this process has closed cannot be inherited; the child gets /dev/null, as it would from a shell. */
export function usable(stdio: readonly ChildStdio[]): ChildStdio[] {
	return stdio.map((entry, index) => (entry === 'inherit' && !isOpen(index) ? 'ignore' : entry));
}

export function startFailed(request: LaunchRequest, cause: unknown): ProcessError {
	const { code } = cause as NodeJS.ErrnoException;
	const { cwd } = request.options;
	const hint = code === 'ENOENT' && cwd !== undefined ? `, or the working directory ${cwd}, does not exist` : '';
	return new ProcessError(`cannot start ${request.name}: ${code ?? String(cause)}: ${executable()}${hint}`, {
		cause,
		code: 'ERR_MP_START',
	});
}

/** Limits of V8's stand behind what is inherited and before what is given, so that the last word is the caller's. */
export function nodeOptions({ execArgv, cwd, limits = {} }: LaunchOptions): readonly string[] {
	const options = childExecArgv(execArgv, cwd);
	return execArgv === undefined ? [...options, ...heapFlags(limits)] : [...heapFlags(limits), ...options];
}

function spawnNode(options: LaunchOptions, base: LaunchRequest, payload: Uint8Array[], family: number): Promise<Child> {
	const stdio = usable(options.stdio);
	const { limits = {}, priority, uid, gid } = options;
	return platform.startChild({
		file: executable(),
		args: [...nodeOptions(options), childEntry, String(stdio.length), base.name],
		env: childEnvironment(options.env),
		cwd: options.cwd,
		stdio,
		payload,
		descriptors: [family],
		detached: options.detached,
		confinement: { ...limits, priority, uid, gid },
	});
}

async function launch(request: LaunchRequest, method: StartMethod): Promise<Child> {
	platform.assertMayBecome(request.name, request.options);
	const ours = family();
	const participant = ours.reserveParticipant(request.name);
	try {
		const payload = encodePayload(
			prepare(request, participant, method, null),
			request.job,
			ours.destinationFor(participant),
		);
		const child = await spawnNode(request.options, request, payload, ours.fd).catch((error) => {
			throw startFailed(request, error);
		});
		ours.bindParticipant(participant, child.identity);
		child.whenEnded(() => ours.releaseParticipant(participant));
		return child;
	} catch (error) {
		ours.releaseParticipant(participant);
		throw error;
	}
}

export const spawnLauncher: Launcher = { launch: (request) => launch(request, 'spawn') };

/** A fresh Node for what a fork server cannot make: it is a child of the start method all the same, as are its children. */
export function spawnInstead(request: LaunchRequest, method: StartMethod): Promise<Child> {
	return launch(request, method);
}
