/** The error for shared memory that somebody has overwritten. */
import { ProcessError } from '../base/errors.ts';

/** What is in shared memory cannot be there: a process that shares it has overwritten it. `what`: the object. */
export function corrupted(what: string): ProcessError {
	return new ProcessError(
		`${what} is damaged: a process that shares its memory has overwritten it. Close it and make a new one; do not share that with whom you do not trust.`,
		{ code: 'ERR_MP_CORRUPTED' },
	);
}
