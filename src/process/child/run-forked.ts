/** The life of a child that is a copy of its parent: it has everything there is to run already. */
import { leave } from '../../os/leave.ts';
import { exitSequence } from '../exit.ts';
import type { LaunchRequest } from '../launcher.ts';
import type { Surroundings } from '../payload.ts';
import { restraintOf } from '../preparation.ts';
import { type ParentRecord, self } from '../self.ts';
import { takeSurroundings } from '../surroundings.ts';
import { ForkedEnd } from './forked-end.ts';
import { Outcome } from './outcome.ts';
import { restrain } from './restraint.ts';
import { isThenable } from './run.ts';

/** What its parent told it in passing. */
export interface Inherited {
	readonly parent: ParentRecord;
	/** `null`: those of its parent. */
	readonly surroundings: Surroundings | null;
}

/** To be called from an immediate. */
export function runForked(request: LaunchRequest, { parent, surroundings }: Inherited): void {
	const { name, lineage, daemon, authkey, job, handle } = request;
	self.become({ name, lineage, daemon, authkey, startMethod: 'fork', logging: self.logging, parent });
	self.phase = 'running';
	const outcome = new Outcome(name);
	exitSequence.install();
	exitSequence.leaveWith(leave);
	self.becomeCurrent?.(handle, () => job.target?.(...job.args));
	const end = new ForkedEnd();
	let result: unknown;
	try {
		if (surroundings !== null) takeSurroundings(surroundings);
		restrain(restraintOf(request));
		outcome.running();
		result = (handle as { run(): unknown }).run();
	} catch (error) {
		outcome.failed(error);
		end.targetReturned();
		return;
	}
	if (isThenable(result)) {
		void settle(result, outcome, end);
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
