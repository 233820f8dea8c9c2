/** The lock of a shared value or array: which one an option stands for. */
import { typeError } from '../base/errors.ts';
import { Lock } from './lock.ts';
import { RLock } from './rlock.ts';

export interface GuardOptions {
	/** A lock of your own, to share it between values; `true` (the default): an RLock of its own; `false`: none. */
	readonly lock?: Lock | RLock | boolean | undefined;
}

/** Whether a value is to have no lock at all. Checks the options of `what`, the constructor, for errors. */
export function isUnguarded(options: unknown, what: string): boolean {
	if (options === undefined) return false;
	if (typeof options !== 'object' || options === null) throw typeError(`new ${what}: options must be an object {lock}`);
	const unknown = Object.keys(options).find((key) => key !== 'lock');
	if (unknown !== undefined) throw typeError(`new ${what}: unknown option "${unknown}"; there is lock`);
	const { lock = true } = options as GuardOptions;
	if (typeof lock === 'boolean' || lock instanceof Lock || lock instanceof RLock) return lock === false;
	throw typeError(`new ${what}: lock must be a Lock, an RLock, true or false, not ${String(lock)}`);
}

/** The lock that checked options ask for. */
export function guardOf(options: GuardOptions | undefined): Lock | RLock {
	const lock = options?.lock;
	return lock instanceof Lock || lock instanceof RLock ? lock : new RLock();
}
