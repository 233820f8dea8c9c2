/** A direct call as a job: its module imported, its function looked up. */
import type { DirectCall, Job } from '../payload.ts';

async function failure(call: DirectCall, why: string, cause?: unknown): Promise<Error> {
	const { UnpicklingError } = await import('../../base/errors.ts');
	return new UnpicklingError(`Cannot unpickle: ${call.path.join('.')} of ${call.module}: ${why}`, { cause });
}

export async function directJob(call: DirectCall): Promise<Job> {
	const namespace = await import(call.module).catch(async (error: unknown) => {
		throw await failure(call, 'the module could not be imported (see cause)', error);
	});
	const target = call.path.reduce(
		(value: unknown, key) => (value as Record<string, unknown> | undefined)?.[key],
		namespace,
	);
	if (typeof target !== 'function') throw await failure(call, 'the module has no such export');
	return { target: target as NonNullable<Job['target']>, args: call.args };
}
