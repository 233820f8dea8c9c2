/** What a pool needs of a context: a way to start processes. Contexts are above pools and hand themselves down as this. */
import { typeError } from '../base/errors.ts';
import { boundMethod, Process } from '../process/process.ts';
import type { StartMethod } from '../process/self.ts';
import { checkMethod } from '../process/start-method.ts';

export interface PoolContext {
	readonly Process: typeof Process;
}

/** The start method of what was passed as `context`; `undefined`: the program's. */
export function methodOf(context: PoolContext | StartMethod | undefined, call: string): StartMethod | undefined {
	if (context === undefined) return undefined;
	if (typeof context === 'string') return checkMethod(call, context);
	const bound: unknown = typeof context === 'object' && context !== null ? context.Process : undefined;
	if (typeof bound === 'function' && (bound === Process || bound.prototype instanceof Process)) {
		return (bound as typeof Process)[boundMethod];
	}
	throw typeError(`${call}: context must be what getContext() returns, or the name of a start method`);
}
