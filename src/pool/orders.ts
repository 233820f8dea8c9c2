/** What the workers of a pool are told when they are started. */
import { PicklingError } from '../base/errors.ts';
import type { WorkerSettings } from './worker/main.ts';

export interface WorkerOrders {
	readonly settings: WorkerSettings;
	readonly initializer: ((...args: never[]) => unknown) | undefined;
	readonly initargs: readonly unknown[];
}

/** What cannot travel is one of the things the user gave the pool. */
export function inUsersWords(error: unknown): unknown {
	if (!(error instanceof PicklingError)) return error;
	const path = error.path.replace(/^args\[3\]/, 'initializer').replace(/^args\[4\]/, 'initargs');
	return new PicklingError(error.message.replace(error.path, path), path, { cause: error.cause });
}
