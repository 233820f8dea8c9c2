/** What pools and their methods take: the types, and the checks of what was really passed. */
import { signalOf } from '../base/deadline.ts';
import { rangeError, typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import { checkProcessLimits, TASK_LIMITS, type TaskLimits } from '../process/limits.ts';

/** Limits of one task. */
export interface TaskOptions {
	/** Milliseconds from when it begins to run; then its worker is killed and it rejects with a TimeoutError. */
	readonly timeout?: number | undefined;
	/** Calls it off, as `cancel` does. */
	readonly signal?: AbortSignal | undefined;
	/** What its worker may use while it runs; then the worker is killed, and it rejects with a WorkerDiedError. */
	readonly limits?: TaskLimits | undefined;
	/** How often it is run again after an error or the death of its worker. Default: 0. */
	readonly retries?: number | undefined;
	/** Of waiting tasks those with a higher one begin first. Default: 0. */
	readonly priority?: number | undefined;
}

/** How far a map has come. */
export interface Progress {
	/** Items that have been dealt with, failed ones too. */
	readonly done: number;
	/** How many there are, if that is known. */
	readonly total?: number | undefined;
	readonly failed: number;
	/** Milliseconds since it began. */
	readonly elapsed: number;
	/** Items a second. */
	readonly rate: number;
	/** Milliseconds until the end, if they go on at this rate. */
	readonly eta?: number | undefined;
}

export interface MapOptions extends TaskOptions {
	/** Items that are sent to a worker at a time. Default: chosen by how many there are, or how long they take. */
	readonly chunksize?: number | undefined;
	/** Of `imap`: how many items may have been read and not been yielded yet. */
	readonly buffersize?: number | undefined;
	/** Shows a bar on stderr, or calls back. */
	readonly progress?: boolean | ((progress: Progress) => void) | undefined;
	/** Of `map` and `starmap`: rejects with the first error at once, and calls off the rest. */
	readonly failFast?: boolean | undefined;
}

const TASK_OPTIONS = ['timeout', 'signal', 'limits', 'retries', 'priority'];
const MAP_OPTIONS = [...TASK_OPTIONS, 'chunksize', 'buffersize', 'progress', 'failFast'];

/** Task options, checked. */
export interface Limits {
	/** Milliseconds; `Infinity`: for ever. */
	readonly timeout: number;
	readonly signal: AbortSignal | undefined;
	readonly limits: TaskLimits | undefined;
	readonly retries: number;
	readonly priority: number;
}

export interface MapLimits extends Limits {
	readonly chunksize: number | undefined;
	readonly buffersize: number | undefined;
	readonly progress: boolean | ((progress: Progress) => void);
	readonly failFast: boolean;
}

const NO_LIMITS: Limits = {
	timeout: Number.POSITIVE_INFINITY,
	signal: undefined,
	limits: undefined,
	retries: 0,
	priority: 0,
};

function checkObject(options: unknown, known: readonly string[], call: string): void {
	if (typeof options !== 'object' || options === null) {
		throw typeError(`${call}: options must be an object, not ${options === null ? 'null' : typeof options}`);
	}
	checkKnown(options, known, call);
}

/** An integer that is at least `least`. */
export function checkCount(value: unknown, name: string, least: number): void {
	if (typeof value !== 'number') throw typeError(`${name} must be an integer, not ${describe(value)}`);
	if (!Number.isInteger(value) || value < least) {
		throw rangeError(`${name} must be an integer, ${least} or more, not ${value}`);
	}
}

export function describe(value: unknown): string {
	return value === null ? 'null' : typeof value;
}

function timeoutOf(timeout: unknown, call: string): number {
	if (timeout === undefined) return Number.POSITIVE_INFINITY;
	if (typeof timeout !== 'number') throw typeError(`${call}: timeout must be a number of milliseconds`);
	if (!(timeout > 0)) throw rangeError(`${call}: timeout must be more than 0 ms, and ${timeout} is not`);
	return timeout;
}

/** @throws TypeError, RangeError */
export function checkLimits(options: TaskOptions | undefined, call: string, known = TASK_OPTIONS): Limits {
	if (options === undefined) return NO_LIMITS;
	checkObject(options, known, call);
	const { retries = 0, priority = 0, limits } = options;
	if (limits !== undefined) checkProcessLimits(limits, call, TASK_LIMITS);
	checkCount(retries, `${call}: retries`, 0);
	if (typeof priority !== 'number' || Number.isNaN(priority)) throw typeError(`${call}: priority must be a number`);
	return {
		timeout: timeoutOf(options.timeout, call),
		signal: signalOf(options.signal, call),
		limits,
		retries,
		priority,
	};
}

/** @throws TypeError, RangeError */
export function checkMapLimits(options: MapOptions | undefined, call: string): MapLimits {
	const limits = checkLimits(options, call, MAP_OPTIONS);
	const { chunksize, buffersize, progress = false, failFast = false } = options ?? {};
	if (chunksize !== undefined) checkCount(chunksize, `${call}: chunksize`, 1);
	if (buffersize !== undefined) checkCount(buffersize, `${call}: buffersize`, 1);
	if (typeof progress !== 'boolean' && typeof progress !== 'function') {
		throw typeError(`${call}: progress must be true, false or a function, not ${describe(progress)}`);
	}
	if (typeof failFast !== 'boolean') throw typeError(`${call}: failFast must be true or false`);
	return { ...limits, chunksize, buffersize, progress, failFast };
}

/** @throws TypeError */
export function checkFunction(fn: unknown, call: string): void {
	if (typeof fn !== 'function') throw typeError(`${call}: the first argument must be a function, not ${describe(fn)}`);
}
