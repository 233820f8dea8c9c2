/**
 * How long a call may wait: `{timeout, signal}` as users write it, turned once into an absolute moment on the monotonic
 * clock, so that a wait made of several steps does not grow. Milliseconds throughout; `timeout ≤ 0` means "look once",
 * `undefined` (and `Infinity`) means for ever.
 */
import { rangeError, typeError } from './errors.ts';
import { checkKnown } from './known-options.ts';

/** Limits of one wait. `timeout` in milliseconds. */
export interface WaitLimits {
	timeout?: number | undefined;
	signal?: AbortSignal | undefined;
}

const WAIT_LIMITS = ['timeout', 'signal'];
/** Milliseconds that a timer of Node's can be set for. */
export const LONGEST_TIMER: number = 2 ** 31 - 1;

/** What `join`, `wait`, `poll` take: milliseconds, or milliseconds and a signal. */
export type WaitOptions = number | WaitLimits;

/** Milliseconds on the monotonic clock. The one clock of the package. */
export function now(): number {
	return performance.now();
}

/** Microseconds on the machine's monotonic clock, the same in all processes; wraps at 2³², so only differences count. */
export function machineTime(): number {
	const [seconds, nanoseconds] = process.hrtime();
	return (Math.imul(seconds, 1e6) + Math.trunc(nanoseconds / 1000)) | 0;
}

/** An absolute end of waiting; `Infinity` when there is none. */
export class Deadline {
	readonly at: number;
	readonly signal: AbortSignal | undefined;

	constructor(at: number, signal?: AbortSignal) {
		this.at = at;
		this.signal = signal;
	}

	/**
	 * Reads what a user passed; `name` is the call, for the error.
	 *
	 * @throws the signal's reason if it is aborted already: also of a call that blocks, which nothing can abort later
	 */
	static from(options: WaitOptions | undefined, name: string): Deadline {
		const limits = typeof options === 'number' ? { timeout: options } : (options ?? {});
		if (typeof limits !== 'object') {
			throw typeError(`${name}: options must be milliseconds or {timeout, signal}, not ${typeof options}`);
		}
		checkKnown(limits, WAIT_LIMITS, name);
		const signal = signalOf(limits.signal, name);
		const end = endOf(limits.timeout, name);
		signal?.throwIfAborted();
		return new Deadline(end, signal);
	}

	/** Milliseconds left, never negative; `Infinity` for ever. */
	get remaining(): number {
		return this.at === Number.POSITIVE_INFINITY ? this.at : Math.max(0, this.at - now());
	}

	/**
	 * Calls back once the deadline has passed and not before, which Node's own timers do not promise: they may be a
	 * millisecond early, and fire at once when set beyond 2³¹ ms. Returns how to call it off.
	 */
	onExpiry(callback: () => void): () => void {
		if (this.at === Number.POSITIVE_INFINITY) return () => {};
		const check = (): void => {
			if (this.expired) callback();
			else timer = setTimeout(check, Math.min(Math.ceil(this.remaining), LONGEST_TIMER));
		};
		let timer = setTimeout(check, Math.min(Math.ceil(this.remaining), LONGEST_TIMER));
		return () => clearTimeout(timer);
	}

	get expired(): boolean {
		return this.at !== Number.POSITIVE_INFINITY && now() >= this.at;
	}
}

function endOf(timeout: number | undefined, name: string): number {
	if (timeout === undefined) return Number.POSITIVE_INFINITY;
	if (typeof timeout !== 'number') {
		throw typeError(`${name}: timeout must be a number of milliseconds, not ${typeof timeout}`);
	}
	if (Number.isNaN(timeout))
		throw rangeError(`${name}: timeout is NaN; pass milliseconds, or nothing to wait for ever`);
	return timeout <= 0 ? Number.NEGATIVE_INFINITY : now() + timeout;
}

/** The signal a user passed, if it is one. */
export function signalOf(signal: AbortSignal | undefined, name: string): AbortSignal | undefined {
	if (signal === undefined) return undefined;
	if (typeof signal !== 'object' || signal === null || typeof signal.throwIfAborted !== 'function') {
		throw typeError(`${name}: signal must be an AbortSignal`);
	}
	return signal;
}
