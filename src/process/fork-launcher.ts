/**
 * The start method *fork*: the child is a copy of this process, with every object as it is; nothing is pickled. It goes
 * on where this process was when nothing was going on: from an immediate of its own.
 */
import { now } from '../base/deadline.ts';
import { ProcessError } from '../base/errors.ts';
import { realTimers } from '../base/timers.ts';
import { HandlesToFork } from '../channel/handles-to-fork.ts';
import { family } from '../memory/family.ts';
import type { Child, Confinement, NoChild } from '../os/contract.ts';
import { FORK_FLAGS } from '../os/fork-flags.ts';
import { platform } from '../os/platform.ts';
import { isMainThread } from '../os/threads.ts';
import { exitSequence } from './exit.ts';
import { hasWorkers } from './fork-readiness.ts';
import { type Launcher, type LaunchRequest, MOST_TRIES, neverLived, STILLBORN } from './launcher.ts';
import type { LaunchOptions } from './options.ts';
import { isElsewhere, surroundingsOf } from './preparation.ts';
import { self } from './self.ts';

const { setImmediate } = realTimers;
const STREAMS = 3;

function assertPossible({ name, options }: LaunchRequest): void {
	if (!platform.canFork()) {
		throw new ProcessError(
			`cannot fork ${name}: this program was not started in a way that lets it be forked. Start it with \`polyproc run FILE\`, or with \`node ${FORK_FLAGS.join(' ')} FILE\`.`,
			{ code: 'ERR_MP_FORK_FLAGS' },
		);
	}
	if (!isMainThread()) {
		throw new ProcessError(
			`cannot fork ${name} from a worker thread: the child would have no other thread. Start it from the main thread, or use another start method.`,
			{ code: 'ERR_MP_START' },
		);
	}
	if (options.execArgv !== undefined)
		throw impossible(name, 'execArgv: Node options are those of the program it is a copy of');
	if (options.stdio.length > STREAMS)
		throw impossible(name, 'more than three entries in stdio; it has all open files anyway');
}

function impossible(name: string, what: string): ProcessError {
	return new ProcessError(`cannot fork ${name} with ${what}. Leave the option out, or use another start method.`, {
		code: 'ERR_MP_START',
	});
}

function warnOfThreads(name: string): void {
	if (!hasWorkers()) return;
	process.emitWarning(
		`${name} is forked from a process with worker threads. They do not exist in the child: what waits for one there waits for ever.`,
		{ type: 'ForkWarning', code: 'POLYPROC_FORK_THREADS' },
	);
}

/** What is written and not out yet would be written by both. */
async function flush(): Promise<void> {
	for (const stream of [process.stdout, process.stderr]) {
		if (stream.writableLength > 0) await new Promise<void>((resolve) => stream.write('', () => resolve()));
	}
}

let rehearsal: Promise<void> | undefined;

/** The first fork of this process finds everything at hand that a child does. */
function rehearsed(): Promise<void> {
	rehearsal ??= rehearse();
	return rehearsal;
}

async function rehearse(): Promise<void> {
	const { rehearseLife } = await import('./child/run-forked.ts');
	await new Promise<void>((resolve) => {
		setImmediate(() => {
			rehearseLife();
			resolve();
		});
	});
}

/**
 * A fork is put off while something is under way. Some things never end, so it is not put off for ever: for so many
 * milliseconds in which nothing comes or goes, and so many in any case.
 */
const PATIENCE = { still: 100, any: 500 } as const;
/** And for so many turns of the event loop at least: a program may be busy with itself for all that time. */
const TURNS = 100;

/** An immediate of its own, with nothing else under way. */
function whenQuiet(act: (running: NodeJS.Immediate) => void): void {
	const latest = now() + PATIENCE.any;
	let end = now() + PATIENCE.still;
	let turns = TURNS;
	let last = 0;
	const look = (): void => {
		const running = setImmediate(() => {
			const count = platform.underWay();
			if (count !== last) end = Math.min(now() + PATIENCE.still, latest);
			last = count;
			if (count > 0 && (turns-- > 0 || now() < end)) look();
			else act(running);
		});
	};
	look();
}

async function forkNow(request: LaunchRequest, participant: number, handles: HandlesToFork): Promise<Child | NoChild> {
	const { prepareToRun } = await import('./child/run-forked.ts'); // from a file that may be another one later
	const ours = family();
	const { options } = request;
	const run = prepareToRun(request, {
		parent: { name: self.name, identity: platform.self() },
		surroundings: isElsewhere(request) ? surroundingsOf(request, process.execArgv) : null,
	});
	return await new Promise((resolve, reject) => {
		const parent = process.pid;
		whenQuiet((running) => {
			try {
				ours.bequeath(participant);
				const child = platform.forkSelf({ ...options, ...confinementOf(options) }, running, {
					inParent: (identity) => ours.bindParticipant(participant, identity),
					inChild: (lifeline) => {
						if (options.detached) ours.bindHeir();
						if (!handles.isEmpty) handles.revive();
						run(lifeline);
					},
				});
				if (child !== null) resolve(child);
			} catch (error) {
				if (process.pid !== parent) throw error; // the child's: uncaught there, and nothing that its parent's program may go on with
				reject(error);
			}
		});
	});
}

function confinementOf({ limits, priority, uid, gid }: LaunchOptions): { readonly confinement?: Confinement } {
	const isConfined = [limits, priority, uid, gid].some((given) => given !== undefined);
	return isConfined ? { confinement: { ...limits, priority, uid, gid } } : {};
}

async function forkUntilItLives(request: LaunchRequest, handles: HandlesToFork): Promise<Child> {
	await platform.prepareToFork();
	await flush();
	const ours = family();
	exitSequence.install(); // a child finds it installed
	await rehearsed();
	for (let tries = 0; tries < MOST_TRIES; tries++) {
		const participant = ours.reserveParticipant(request.name);
		let child: Child | NoChild | undefined;
		try {
			child = await forkNow(request, participant, handles);
			if ('why' in child) continue;
			child.whenEnded(() => ours.releaseParticipant(participant));
			return child;
		} finally {
			if (child === undefined || 'why' in child) ours.releaseParticipant(participant);
		}
	}
	throw neverLived(request.name, STILLBORN);
}

export const forkLauncher: Launcher = {
	async launch(request: LaunchRequest): Promise<Child> {
		assertPossible(request);
		platform.assertMayBecome(request.name, request.options);
		warnOfThreads(request.name);
		const handles = new HandlesToFork({ args: request.job.args, process: request.handle });
		try {
			return await forkUntilItLives(request, handles);
		} finally {
			handles.close();
		}
	},
};
