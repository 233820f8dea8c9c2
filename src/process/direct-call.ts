/**
 * The most common job, a call of an exported function with plain arguments, needs no pickling: the function's reference
 * and the arguments go down as JSON, and the child is spared loading the pickler, which costs it as much as a tenth of
 * a start. What is not exactly the same as JSON is pickled.
 */
import { functionReferences } from '../wire/function-ref.ts';
import type { DirectCall, Job } from './payload.ts';

/** Values that JSON gives back as they were. */
function isPlain(value: unknown): boolean {
	if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
	return value === null || typeof value === 'string' || typeof value === 'boolean';
}

/** An ES module's name starts with this letter; the rest is its URL (wire/module-registry.ts). */
const ES_MODULE = 'e';

/** The job as a direct call, or `null` if it has to be pickled. */
export function directCall(job: Job): DirectCall | null {
	const { target, args, object } = job;
	if (target === undefined || object !== undefined || !args.every(isPlain)) return null;
	const reference = functionReferences.find(target);
	if (reference === null || !reference.module.startsWith(ES_MODULE)) return null;
	return { module: reference.module.slice(ES_MODULE.length), path: reference.path, args };
}
