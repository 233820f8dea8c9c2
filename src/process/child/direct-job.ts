/** A direct call as a job: its module imported, its function looked up. */
import type { DirectCall, Job } from '../payload.ts';
import { preloaded } from './preloaded.ts';

async function failure(call: DirectCall, why: string, cause?: unknown): Promise<Error> {
	const { UnpicklingError } = await import('../../base/errors.ts');
	return new UnpicklingError(`Cannot unpickle: ${call.path.join('.')} of ${call.module}: ${why}`, { cause });
}

/** The same when there is nothing to import. */
export function readyJob(call: DirectCall): Job | undefined {
	const namespace = preloaded.get(call.module);
	const target = namespace === undefined ? undefined : lookUp(namespace, call);
	return typeof target === 'function' ? { target: target as NonNullable<Job['target']>, args: call.args } : undefined;
}

function lookUp(namespace: object, { path }: DirectCall): unknown {
	return path.reduce((value: unknown, key) => (value as Record<string, unknown> | undefined)?.[key], namespace);
}

export async function directJob(call: DirectCall): Promise<Job> {
	const namespace = await import(call.module).catch(async (error: unknown) => {
		throw await failure(call, 'the module could not be imported (see cause)', error);
	});
	const target = lookUp(namespace as object, call);
	if (typeof target !== 'function') throw await failure(call, 'the module has no such export');
	return { target: target as NonNullable<Job['target']>, args: call.args };
}
