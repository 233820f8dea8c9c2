/** What the calls of locks take, and how it is read. */
import { Deadline, type WaitLimits } from '../base/deadline.ts';
import { typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';

/** How to acquire. `block: false` looks once; `timeout` in milliseconds is ignored then. */
export interface AcquireOptions extends WaitLimits {
	block?: boolean | undefined;
}

/** What becomes of a lock whose holder died: the next one gets it and `ownerDied` is true, or gets an error. */
export type OnOwnerDeath = 'flag' | 'throw';

export interface LockOptions {
	onOwnerDeath?: OnOwnerDeath | undefined;
}

const ACQUIRE_OPTIONS = ['block', 'timeout', 'signal'];
const LOCK_OPTIONS = ['onOwnerDeath'];

/** The deadline that `options` of `name` (the call, for errors) ask for. */
export function acquireDeadline(options: AcquireOptions | undefined, name: string): Deadline {
	if (options === undefined) return Deadline.from(undefined, name);
	if (typeof options !== 'object' || options === null) {
		throw typeError(`${name}: options must be an object {block, timeout, signal}, not ${String(options)}`);
	}
	checkKnown(options, ACQUIRE_OPTIONS, name);
	if (options.block !== undefined && typeof options.block !== 'boolean') {
		throw typeError(`${name}: block must be true or false, not ${String(options.block)}`);
	}
	const limits = options.block === false ? { timeout: 0, signal: options.signal } : options;
	return Deadline.from({ timeout: limits.timeout, signal: limits.signal }, name);
}

/** Whether a dead owner is to be reported by an error. `name` is the class. */
export function throwsOnOwnerDeath(options: LockOptions, name: string): boolean {
	if (typeof options !== 'object' || options === null) throw typeError(`new ${name}: options must be an object`);
	checkKnown(options, LOCK_OPTIONS, `new ${name}`);
	const choice = options.onOwnerDeath;
	if (choice === undefined || choice === 'flag') return false;
	if (choice === 'throw') return true;
	throw typeError(`new ${name}: onOwnerDeath must be 'flag' or 'throw', not ${String(choice)}`);
}
