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

/** What its parent told it in passing. */
export interface Inherited {
	readonly parent: ParentRecord;
	readonly surroundings: Surroundings;
}

export async function runForked(request: LaunchRequest, { parent, surroundings }: Inherited): Promise<void> {
	const { name, lineage, daemon, authkey, job, handle } = request;
	self.become({ name, lineage, daemon, authkey, startMethod: 'fork', logging: self.logging, parent });
	self.phase = 'running';
	const outcome = new Outcome(name);
	exitSequence.install();
	exitSequence.leaveWith(leave);
	self.becomeCurrent?.(handle, () => job.target?.(...job.args));
	const end = new ForkedEnd();
	try {
		takeSurroundings(surroundings);
		restrain(restraintOf(request));
		outcome.running();
		await (handle as { run(): unknown }).run();
		outcome.finished();
	} catch (error) {
		outcome.failed(error);
	}
	end.targetReturned();
}
