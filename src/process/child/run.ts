/**
 * The life of a child: become who the parent said, import what the target needs, run it, and end as a Node program ends.
 */
import { inheritFamily } from '../../memory/inheritance.ts';
import { leave } from '../../os/leave.ts';
import { exitSequence } from '../exit.ts';
import { log } from '../log.ts';
import type { Job, Preparation } from '../payload.ts';
import { self } from '../self.ts';
import { adoptSurroundings } from '../surroundings.ts';
import { directJob, readyJob } from './direct-job.ts';
import type { ForkedEnd } from './forked-end.ts';
import { LoadingScope } from './loading-scope.ts';
import { isThenable, Outcome } from './outcome.ts';
import { restrain } from './restraint.ts';

/** What a child was given. */
export interface Legacy {
	readonly preparation: Preparation;
	/** Pickled, unless it is a direct call. */
	readonly job: Buffer;
	/** The first descriptor: of the family's segment, or of a broker's sockets. And that of the lifeline, given how many descriptors there are. */
	readonly segment: number;
	lifeline(descriptors: number): number;
	/** The end of a process that was forked, and cannot end by itself. */
	readonly end: ForkedEnd | undefined;
}

function become({ preparation, ...legacy }: Legacy): void {
	const { name, lineage, daemon, startMethod, logging, parent, descriptors, surroundings } = preparation;
	const authkey = Buffer.from(preparation.authkey, 'hex');
	const lifeline = legacy.lifeline(descriptors);
	self.become({ name, lineage, daemon, authkey, startMethod, logging, parent: { ...parent, lifeline } });
	if (!preparation.confined) inheritFamily({ fd: legacy.segment, participant: preparation.participant });
	if (surroundings !== null) adoptSurroundings(surroundings);
	restrain(preparation.restraint);
}

/**
 * While modules are loaded `argv[1]` is our own file, so that a program guarded by comparing it with its own does not
 * take the child for the program. Afterwards the arguments are those of the parent.
 */
function setArguments({ argv, hasMain }: Preparation, phase: 'loading' | 'running', entry: string): void {
	const executable = process.argv[0]!;
	process.argv = phase === 'loading' && hasMain ? [executable, entry, ...argv.slice(1)] : [executable, ...argv];
}

async function unpickle(bytes: Buffer): Promise<Job> {
	const { decodeAsync } = await import('../../wire/codec.ts');
	return (await decodeAsync(bytes)) as Job;
}

async function loadJob({ call }: Preparation, bytes: Buffer): Promise<Job> {
	const ready = call === null ? undefined : readyJob(call);
	return ready ?? (await self.whileLoading(() => (call === null ? unpickle(bytes) : directJob(call))));
}

/** What it was given is with its broker. */
async function confine({ preparation, segment }: Legacy): Promise<void> {
	const { keepToOneself, meetBroker } = await import('../confined/child.ts');
	keepToOneself();
	if (preparation.descriptors > 0) meetBroker(segment, segment + 1);
}

/** How modules are loaded in this process, now and later, so that none of them takes itself for the program. */
function loadModulesAs(preparation: Preparation): void {
	const scope = new LoadingScope();
	const entry = process.argv[1]!;
	self.whileLoading = async (load) => {
		const { argv } = process;
		self.phase = 'loading';
		setArguments(preparation, 'loading', entry);
		try {
			return await scope.run(load);
		} finally {
			await scope.settle();
			process.argv = argv;
			self.phase = 'running';
		}
	};
	setArguments(preparation, 'running', entry);
}

/** Without a `this`: the target is nobody's method. */
function callTarget({ target, args }: Job): unknown {
	return target?.(...args);
}

/** The object of a subclass, or `undefined` for a plain function: then nothing of the library's public part is loaded. */
function objectOf(job: Job): { run(): unknown } | undefined {
	if (job.object === undefined) return undefined;
	const object = Object.assign(Object.create(job.object.class.prototype), job.object.fields);
	self.standIn?.(object, () => callTarget(job))();
	return object;
}

export async function run(legacy: Legacy): Promise<void> {
	const { preparation, job: bytes } = legacy;
	become(legacy);
	const outcome = new Outcome(self.name);
	exitSequence.install();
	exitSequence.reportBy(outcome);
	exitSequence.leaveWith(leave);
	loadModulesAs(preparation);
	legacy.end?.waits();
	try {
		if (preparation.confined) await confine(legacy);
		const job = await loadJob(preparation, bytes);
		self.phase = 'running';
		const object = objectOf(job);
		outcome.running();
		log('info', 'child process calling self.run()');
		const result = object === undefined ? callTarget(job) : object.run();
		if (isThenable(result)) {
			outcome.waiting();
			await result;
		}
		outcome.finished();
	} catch (error) {
		outcome.failed(error);
	}
	legacy.end?.targetReturned();
}
