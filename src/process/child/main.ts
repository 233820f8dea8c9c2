/**
 * What a spawned child runs: the file it is started with. It names nothing above it: what to do came with the payload,
 * as references to the modules of the program, which are imported here.
 *
 * Kept light on purpose: most children run a function and end.
 */
import { readPayload } from '../../os/inheritance.ts';
import { splitPayload } from '../payload.ts';
import { run } from './run.ts';

const base = Number(process.argv[2]);

void run({
	...splitPayload(readPayload(base)),
	segment: base + 1,
	end: undefined,
	lifeline: (descriptors) => base + 1 + descriptors,
});
