/** The life of a child that is a copy of its parent: it has everything there is to run already. */
import { isProxy } from 'node:util/types';
import { realTimers } from '../../base/timers.ts';
import { leave } from '../../os/leave.ts';
import { platform } from '../../os/platform.ts';
import { ExitSequence, exitSequence } from '../exit.ts';
import type { LaunchRequest } from '../launcher.ts';
import type { Restraint, Surroundings } from '../payload.ts';
import { restraintOf } from '../preparation.ts';
import { type Origin, type ParentRecord, self } from '../self.ts';
import { takeSurroundings } from '../surroundings.ts';
import { ForkedEnd, rehearseEnding } from './forked-end.ts';
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
	// Complete but for one thing, so that the child makes no object of its own: for its first ones V8 has to make maps.
	const described = { ...parent, lifeline: 0 };
	described.lifeline = 1; // nor does V8 take this for a constant
	const { logging } = self;
	const origin: Origin = { name, lineage, daemon, authkey, startMethod: 'fork', logging, parent: described };
	const outcome = new Outcome(name, inNextTurn);
	const end = new ForkedEnd();
	if (job.target !== undefined) compile(job.target);
	const becomeCurrent = self.standIn?.(handle, () => job.target?.(...job.args));
	const life = { handle: handle as Runnable, outcome, end, restraint: restraintOf(request), surroundings };
	return (lifeline) => {
		described.lifeline = lifeline;
		self.become(origin);
		self.phase = 'running';
		exitSequence.install();
		exitSequence.leaveWith(leave);
		exitSequence.reportBy(outcome);
		becomeCurrent?.();
		run(life);
	};
}

/**
 * Has V8 compile a function that has not been called yet: for the hints what its objects will be like, which it wants when
 * the function is the `new.target` of something. The function is not called; one that cannot be a constructor stays as it is.
 */
function compile(target: (...args: never[]) => unknown): void {
	if (isProxy(target) || Object.getOwnPropertyDescriptor(target, 'prototype')?.writable !== true) return;
	try {
		Reflect.construct(Object, [], target);
	} catch {
		// a generator
	}
}

const nothing = (): void => {};

/** In the parent, before the first fork, from an immediate: what a child does is compiled there, and not in every child. */
export function rehearseLife(): void {
	const outcome = new Outcome('', inNextTurn);
	const end = new ForkedEnd(nothing, () => false);
	const restraint = { noNewPrivileges: false, adoptsOrphans: false };
	run({ handle: { run: nothing }, outcome, end, restraint, surroundings: null });
	outcome.atExit(0);
	rehearseEnding();
	self.practise({ name: self.name, identity: platform.self(), lifeline: 0 });
	const sequence = new ExitSequence();
	sequence.reportBy(outcome);
	sequence.leaveWith(nothing);
	sequence.restart();
}

interface Runnable {
	run(): unknown;
}

interface Life {
	readonly handle: Runnable;
	readonly outcome: Outcome;
	readonly end: ForkedEnd;
	readonly restraint: Restraint;
	readonly surroundings: Surroundings | null;
}

function run({ handle, outcome, end, restraint, surroundings }: Life): void {
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
