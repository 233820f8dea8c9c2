/** What is fair, for process 1 in a model of mutex A that it takes once; `NOTE` counts. */
import { WAITER, WAITER_STATE } from '../../src/sync/waiter.ts';
import type { Model } from './model.ts';
import { A, NOTE, recordOf } from './mutex-model.ts';

const STATE: number = recordOf(1) + WAITER.state;
const IMPATIENT: number = recordOf(1) + WAITER.impatient;

/** The process is woken just once to find that somebody else has taken the mutex again. */
export const wokenInVainOnce: Partial<Model> = {
	observe: (memory, before) => {
		if (before[STATE] === WAITER_STATE.nudged && memory[STATE] === WAITER_STATE.waiting) memory[NOTE]!++;
	},
	invariant: (_, memory) => (memory[NOTE]! > 1 ? 'a waiter was woken in vain twice' : undefined),
};

/** From then on just one process more may take the mutex before it. */
export const passedOnce: Partial<Model> = {
	observe: (memory, before) => {
		const impatient = memory[STATE] === WAITER_STATE.waiting && memory[IMPATIENT] === 1;
		if (impatient && ownerIn(memory) > 1 && ownerIn(memory) !== ownerIn(before)) memory[NOTE]!++;
	},
	invariant: (_, memory) => (memory[NOTE]! > 1 ? 'an impatient waiter was passed twice' : undefined),
};

function ownerIn(memory: Int32Array): number {
	return memory[A]! & 0xff;
}
