/** The life of a child that is a copy of its parent: it has everything there is to run already. */
import { realTimers } from '../../base/timers.ts';
import { leave } from '../../os/leave.ts';
import { platform } from '../../os/platform.ts';
import { ExitSequence, exitSequence } from '../exit.ts';
import type { LaunchRequest } from '../launcher.ts';
import type { Restraint, Surroundings } from '../payload.ts';
import { restraintOf } from '../preparation.ts';
import { type ParentRecord, Self, self } from '../self.ts';
import { takeSurroundings } from '../surroundings.ts';
import { ForkedEnd } from './forked-end.ts';
import { isThenable, Outcome } from './outcome.ts';
import { restrain } from './restraint.ts';

/** What its parent tells it in passing. */
export interface Inherited {
	readonly parent: Omit<ParentRecord, 'lifeline'>;
	/** `null`: those of its parent. */
	readonly surroundings: Surroundings | null;
}

const { setImmediate } = realTimers;
const inNextTurn = (then: () => void): void => void setImmediate(then).unref();

/** In the parent. What it returns is the child's life, to be called from an immediate. */
export function prepareToRun(request: LaunchRequest, { parent, surroundings }: Inherited): (lifeline: number) => void {
	const { name, lineage, daemon, authkey, job, handle } = request;
	const origin = { name, lineage, daemon, authkey, startMethod: 'fork', logging: self.logging } as const;
	const outcome = new Outcome(name, inNextTurn);
	const end = new ForkedEnd();
	const becomeCurrent = self.standIn?.(handle, () => job.target?.(...job.args));
	const restraint = restraintOf(request);
	return (lifeline) => {
		self.become({ ...origin, parent: { ...parent, lifeline } });
		self.phase = 'running';
		exitSequence.install();
		exitSequence.leaveWith(leave);
		exitSequence.reportBy(outcome);
		becomeCurrent?.();
		run(handle as Runnable, { outcome, end, restraint, surroundings });
	};
}

const nothing = (): void => {};

/** In the parent, before the first fork, from an immediate: what a child does is compiled there, and not in every child. */
export function rehearseLife(): void {
	const outcome = new Outcome('', inNextTurn);
	const end = new ForkedEnd(nothing, () => false);
	run(
		{ run: nothing },
		{ outcome, end, restraint: { noNewPrivileges: false, adoptsOrphans: false }, surroundings: null },
	);
	outcome.atExit(0);
	const { name, lineage, daemon, authkey, logging } = self;
	const parent = { name, identity: platform.self(), lifeline: 0 };
	new Self().become({ name, lineage, daemon, authkey, startMethod: 'fork', logging, parent });
	const sequence = new ExitSequence();
	sequence.reportBy(outcome);
	sequence.leaveWith(nothing);
	sequence.restart();
}

interface Runnable {
	run(): unknown;
}

interface Life {
	readonly outcome: Outcome;
	readonly end: ForkedEnd;
	readonly restraint: Restraint;
	readonly surroundings: Surroundings | null;
}

function run(handle: Runnable, { outcome, end, restraint, surroundings }: Life): void {
	let awaited: PromiseLike<unknown> | undefined;
	try {
		if (surroundings !== null) takeSurroundings(surroundings);
		restrain(restraint);
		outcome.running();
		const result = handle.run();
		if (isThenable(result)) awaited = result;
	} catch (error) {
		outcome.failed(error);
		end.targetReturned();
		return;
	}
	if (awaited !== undefined) {
		void settle(awaited, outcome, end);
	} else {
		outcome.finished();
		end.targetCalled();
	}
}

async function settle(result: PromiseLike<unknown>, outcome: Outcome, end: ForkedEnd): Promise<void> {
	outcome.waiting();
	end.waits();
	try {
		await result;
		outcome.finished();
	} catch (error) {
		outcome.failed(error);
	}
	end.targetReturned();
}
