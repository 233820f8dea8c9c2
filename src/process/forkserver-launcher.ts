/**
 * The start method *forkserver*: the family's fork server makes the child, which is given everything as a spawned one is.
 * What a process cannot be given once it runs (Node options, V8's limit of memory, another user, a fourth standard stream)
 * a fresh Node is started for.
 */
import { ProcessError } from '../base/errors.ts';
import { family } from '../memory/family.ts';
import type { Child, NoChild } from '../os/contract.ts';
import { platform } from '../os/platform.ts';
import { encodePayload } from './encode-payload.ts';
import { childExecArgv } from './exec-argv.ts';
import { executable } from './executable.ts';
import { type FoundServer, forkServer } from './fork-server.ts';
import { type Launcher, type LaunchRequest, MOST_TRIES, neverLived, STILLBORN } from './launcher.ts';
import { prepare, surroundingsOf } from './preparation.ts';
import { spawnInstead } from './spawn-launcher.ts';

const STREAMS = 3;

/** The server has said that it cannot fork: this program's loader has threads. */
let isUnfit = false;

function needsNewNode({ options }: LaunchRequest): boolean {
	const { execArgv, stdio, limits, uid, gid } = options;
	const given = [execArgv, limits?.memory, uid, gid];
	return (
		isUnfit ||
		given.some((option) => option !== undefined) ||
		stdio.length > STREAMS ||
		executable() !== process.execPath
	);
}

function isChild(result: Child | NoChild): result is Child {
	return 'pid' in result;
}

async function startServed(request: LaunchRequest, participant: number): Promise<Child | 'unfit'> {
	const ours = family();
	const surroundings = surroundingsOf(request, childExecArgv(undefined, request.options.cwd));
	const identity = prepare(request, participant, 'forkserver', surroundings);
	const payload = platform.payloadFile(encodePayload(identity, request.job, ours.destinationFor(participant)));
	try {
		return await ask(request, payload, ours.fd);
	} finally {
		platform.closeDescriptor(payload);
	}
}

async function ask(request: LaunchRequest, payload: number, segment: number): Promise<Child | 'unfit'> {
	const { stdio, detached, limits, priority } = request.options;
	const confinement = { ...limits, priority };
	let server: FoundServer | undefined;
	let last: NoChild | undefined;
	for (let tries = 0; tries < MOST_TRIES; tries++) {
		server = await forkServer(last?.why === 'gone' ? server?.generation : undefined);
		const result = await platform.startServedChild(
			{ stdio, payload, descriptors: [segment], detached, confinement },
			server.address,
		);
		if (isChild(result)) return result;
		if (result.why === 'unfit') return 'unfit';
		if (result.why === 'refused') throw refused(request, result.text);
		last = result;
	}
	throw neverLived(request.name, last?.why === 'gone' ? 'the fork server was gone' : STILLBORN);
}

function refused(request: LaunchRequest, why: string): ProcessError {
	return new ProcessError(`cannot start ${request.name}: the fork server refuses: ${why}`, { code: 'ERR_MP_START' });
}

export const forkserverLauncher: Launcher = {
	async launch(request: LaunchRequest): Promise<Child> {
		if (needsNewNode(request)) return await spawnInstead(request, 'forkserver');
		platform.assertMayBecome(request.name, request.options);
		const ours = family();
		const participant = ours.reserveParticipant(request.name);
		try {
			const child = await startServed(request, participant);
			if (child !== 'unfit') {
				ours.bindParticipant(participant, child.identity);
				child.whenEnded(() => ours.releaseParticipant(participant));
				return child;
			}
		} catch (error) {
			ours.releaseParticipant(participant);
			throw error;
		}
		ours.releaseParticipant(participant);
		isUnfit = true;
		return await spawnInstead(request, 'forkserver');
	},
};
