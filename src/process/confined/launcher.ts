/**
 * Starting a process with permissions: always a fresh Node, whatever the start method, since Node's permission model is
 * there from the beginning of a process or not at all. It gets nothing of the family but what it was passed: no shared
 * memory, no key. For shared objects in its arguments it has a broker.
 */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProcessError } from '../../base/errors.ts';
import { Connection } from '../../channel/connection.ts';
import { StreamEnds } from '../../channel/stream-ends.ts';
import type { Child } from '../../os/contract.ts';
import { platform } from '../../os/platform.ts';
import { modulesIn } from '../../wire/codec.ts';
import { Trust } from '../../wire/trust.ts';
import { childEntry } from '../child-entry.ts';
import { childEnvironment } from '../child-environment.ts';
import { encodeJob, encodePreparation } from '../encode-payload.ts';
import { executable } from '../executable.ts';
import type { Launcher, LaunchRequest } from '../launcher.ts';
import type { LaunchOptions } from '../options.ts';
import type { Job, Preparation } from '../payload.ts';
import { canRefuseNet } from '../permissions.ts';
import { prepare } from '../preparation.ts';
import { type StartMethod, self } from '../self.ts';
import { nodeOptions, startFailed, usable } from '../spawn-launcher.ts';
import type { BrokerOrders } from './broker.ts';
import { confinedEnvironment, confinedExecArgv } from './flags.ts';
import { withSocketAtInput } from './place-of-input.ts';
import { stand } from './reference.ts';
import { StandIns } from './stand-ins.ts';

const KEY_BYTES = 32;
/** Of a process that is in no family. */
const NOBODY = 0;

/**
 * How long a broker may outlive its process, in milliseconds. It sees the end by itself, unless it is blocked by a lock,
 * or a descendant of the process has its sockets.
 */
const GRACE = 1000;

/** What gives up new privileges and becomes another program; part of util-linux. */
const RENOUNCING = ['setpriv', '--no-new-privs', '--'];

/** How a broker is started. */
const PLAIN: Omit<LaunchOptions, 'priority'> = {
	detached: false,
	env: undefined,
	cwd: undefined,
	stdio: ['ignore', 'inherit', 'inherit'],
	execArgv: undefined,
	permissions: undefined,
	allow: [],
	limits: undefined,
	uid: undefined,
	gid: undefined,
	noNewPrivileges: false,
};

/** Launchers of processes that are not confined, by start method. */
export type Others = Readonly<Record<StartMethod, Launcher>>;

/** One socket for calls that are awaited, one for those that block. */
class Sockets {
	readonly theirs: readonly number[];
	readonly awaited: Connection;
	readonly blocking: Connection;

	constructor() {
		const [awaited, blocking] = [platform.socketPair(), platform.socketPair()];
		this.theirs = [awaited[1], blocking[1]];
		this.awaited = connectionOver(awaited[0]);
		this.blocking = connectionOver(blocking[0]);
	}

	close(): void {
		for (const fd of this.theirs) platform.closeDescriptor(fd);
		this.awaited.close();
		this.blocking.close();
	}
}

function connectionOver(fd: number): Connection {
	return new Connection(new StreamEnds(fd, { mayBeChallenged: false, trust: Trust.OUTSIDE }));
}

/** @throws ProcessError for `fork`, whose children have everything their parent has */
export async function launchConfined(request: LaunchRequest, method: StartMethod, others: Others): Promise<Child> {
	if (method === 'fork') throw cannotFork(request);
	platform.assertMayBecome(request.name, request.options);
	const given = new StandIns();
	const job = new Uint8Array(encodeJob(request.job, given)); // there is much to do before it is read
	const sockets = given.objects.length === 0 ? undefined : new Sockets();
	try {
		const payload = [...encodePreparation(preparationOf(request, method, sockets)), job];
		const broker = sockets && (await startBroker(request, given, sockets, others[method]));
		const child = await startNode(request, payload, modulesOf(job), sockets?.theirs ?? []);
		if (broker !== undefined) child.whenEnded(() => setTimeout(() => broker.kill('SIGKILL'), GRACE).unref());
		return child;
	} finally {
		sockets?.close();
	}
}

function cannotFork({ name }: LaunchRequest): ProcessError {
	return new ProcessError(
		`cannot start ${name}: a forked process has all that its parent has, so it cannot have permissions; start it with getContext('spawn') or getContext('forkserver').`,
		{ code: 'ERR_MP_NOT_ENFORCEABLE' },
	);
}

/** It is told a key of its own: with the family's it could connect to the others. */
function preparationOf(request: LaunchRequest, method: StartMethod, sockets: Sockets | undefined): Preparation {
	const identity = prepare({ ...request, authkey: randomBytes(KEY_BYTES) }, NOBODY, method, null);
	// What a process does to itself takes native code.
	const restraint = { noNewPrivileges: false, adoptsOrphans: false };
	return { ...identity, descriptors: sockets?.theirs.length ?? 0, confined: true, restraint, call: null };
}

/** The modules that a child imports first; names begin with a letter (wire/module-registry.ts). */
function modulesOf(job: Uint8Array): string[] {
	const named = modulesIn(job).map((name) => name.slice(1));
	return process.argv[1] === undefined ? named : [...named, process.argv[1]];
}

/** Stands in the family for the process: under its name, so that who waits for what it holds is told so. */
async function startBroker(
	request: LaunchRequest,
	given: StandIns,
	sockets: Sockets,
	launcher: Launcher,
): Promise<Child> {
	const { name, lineage } = request;
	const { allow, priority } = request.options;
	const { objects } = given;
	const orders: BrokerOrders = { objects, awaited: sockets.awaited, blocking: sockets.blocking, allow };
	const job = { target: stand as NonNullable<Job['target']>, args: [orders] };
	const authkey = self.authkey;
	const options = { ...PLAIN, priority };
	const broker = await launcher.launch({ name, lineage, daemon: true, authkey, job, handle: {}, options });
	broker.unref();
	void broker.exited.then(() => broker.close());
	return broker;
}

async function startNode(
	request: LaunchRequest,
	payload: Uint8Array[],
	modules: readonly string[],
	descriptors: readonly number[],
): Promise<Child> {
	const { permissions, env, cwd, stdio, detached, limits, priority, uid, gid, noNewPrivileges } = request.options;
	const plain = {
		execArgv: nodeOptions(request.options),
		env: confinedEnvironment(childEnvironment(env)),
		cwd: resolve(cwd instanceof URL ? fileURLToPath(cwd) : (cwd ?? '')),
		modules,
	};
	const hasSocket = descriptors.length > 0 && canRefuseNet() && permissions!.net !== true;
	const streams = hasSocket ? withSocketAtInput(descriptors[0]!, stdio, request.name) : stdio;
	const options = await confinedExecArgv(permissions!, plain);
	await new Promise((resolve) => setImmediate(resolve)); // it has taken a while, and the rest does too
	const command = [executable(), ...options, childEntry, String(streams.length), request.name];
	const [file, ...args] = noNewPrivileges ? [...RENOUNCING, ...command] : command;
	try {
		return await platform.startChild({
			file: file!,
			args,
			env: plain.env,
			cwd,
			stdio: usable(streams),
			payload,
			descriptors,
			detached,
			confinement: { ...limits, priority, uid, gid },
		});
	} catch (error) {
		throw startFailed(request, error);
	}
}
