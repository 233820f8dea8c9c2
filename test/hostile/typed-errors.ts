/** Which errors a program may get from a damaged object. */
import { ProcessError } from '../../src/base/errors.ts';

/** One with a code of this package, or what its own signal was aborted with. */
export function isOfOurs(error: unknown): boolean {
	if (error instanceof ProcessError) return true;
	if (error instanceof DOMException) return error.name === 'TimeoutError';
	return error instanceof Error && String((error as { code?: unknown }).code).startsWith('ERR_MP_');
}
