/**
 * Every error polyproc throws on purpose. One class per situation a caller may want to tell apart, each with a stable
 * `code` (`ERR_MP_…`); the message names what failed, on which object, why, and what to do about it.
 *
 * `instanceof` works across copies of the package (one per process, or two in one `node_modules`): the brand is a
 * registered symbol holding the class name, inherited through the prototype chain.
 *
 * Wrong types and ranges are the language's own `TypeError` and `RangeError`, with a `code` as well: see `typeError`
 * and `rangeError`.
 */

const BRAND: unique symbol = Symbol.for('polyproc.error') as never;

/** A pair of names: what an error is called and the code that stays the same for ever. */
interface ErrorClass {
	readonly name: string;
	readonly prototype: object;
}

function isBranded(value: unknown, className: string): boolean {
	for (let proto: object | null = Object(value); proto !== null; proto = Object.getPrototypeOf(proto)) {
		if (Object.hasOwn(proto, BRAND) && (proto as Record<symbol, unknown>)[BRAND] === className) return true;
	}
	return false;
}

/** Base of all errors below. `code` is stable and documented in docs/errors.md. */
export class ProcessError extends Error {
	readonly code: string;

	constructor(message: string, options?: ErrorOptions & { code?: string }) {
		super(message, options);
		this.code = options?.code ?? (new.target as unknown as { code?: string }).code ?? 'ERR_MP_PROCESS';
	}

	static readonly code: string = 'ERR_MP_PROCESS';

	static override [Symbol.hasInstance](this: ErrorClass, value: unknown): boolean {
		if (typeof value !== 'object' || value === null) return false;
		const own = (this.prototype as Record<symbol, unknown>)[BRAND];
		return Object.hasOwn(this.prototype, BRAND) && typeof own === 'string'
			? isBranded(value, own)
			: Object.prototype.isPrototypeOf.call(this.prototype, value);
	}
}

/** A message did not fit the buffer or the limit given. Nothing is lost: `data` is the whole message. */
export class BufferTooShort extends ProcessError {
	static override readonly code: string = 'ERR_MP_BUFFER_TOO_SHORT';
	readonly data: Uint8Array;
	/** Length of the whole message in bytes. */
	readonly size: number;

	constructor(message: string, data: Uint8Array, size: number = data.byteLength) {
		super(message);
		this.data = data;
		this.size = size;
	}
}

/** The other side does not know the key. */
export class AuthenticationError extends ProcessError {
	static override readonly code: string = 'ERR_MP_AUTHENTICATION';
}

/** A task or a call did not end in time. */
export class TimeoutError extends ProcessError {
	static override readonly code: string = 'ERR_MP_TIMEOUT';
}

/** Every holder of the other end has closed it or died, and everything it sent has been received. */
export class EOFError extends ProcessError {
	static override readonly code: string = 'ERR_MP_EOF';
}

/** The object was closed, here or (a queue) by anyone. */
export class ClosedError extends ProcessError {
	static override readonly code: string = 'ERR_MP_CLOSED';
}

/** Nobody is left who could receive what was sent. */
export class BrokenPipeError extends ProcessError {
	static override readonly code: string = 'ERR_MP_BROKEN_PIPE';
}

/** `get` found nothing in time. */
export class Empty extends ProcessError {
	static override readonly code: string = 'ERR_MP_EMPTY';
}

/** `put` found no room in time. */
export class Full extends ProcessError {
	static override readonly code: string = 'ERR_MP_FULL';
}

/** The barrier was aborted, or reset or timed out while waiting. */
export class BrokenBarrierError extends ProcessError {
	static override readonly code: string = 'ERR_MP_BROKEN_BARRIER';
}

/** A value cannot travel to another process. Thrown in the caller, at the call; nothing was sent. */
export class PicklingError extends ProcessError {
	static override readonly code: string = 'ERR_MP_PICKLING';
	/** Where the offending value sits, e.g. `args[1].onDone`. */
	readonly path: string;

	constructor(message: string, path: string, options?: ErrorOptions) {
		super(message, options);
		this.path = path;
	}
}

/** Bytes from another process could not be turned back into a value. */
export class UnpicklingError extends ProcessError {
	static override readonly code: string = 'ERR_MP_UNPICKLING';
}

/** The last holder of the lock died while it held it (only with `onOwnerDeath: 'throw'`). The lock is free again. */
export class OwnerDiedError extends ProcessError {
	static override readonly code: string = 'ERR_MP_OWNER_DIED';
}

/** One step of a deadlock: who waits for what, and who holds it. */
export interface DeadlockEdge {
	process: string;
	pid: number;
	waitsFor: string;
	heldBy: string;
}

/** Every thread of a cycle waits, synchronously, for the next one. */
export class DeadlockError extends ProcessError {
	static override readonly code: string = 'ERR_MP_DEADLOCK';
	readonly cycle: DeadlockEdge[];

	constructor(message: string, cycle: DeadlockEdge[]) {
		super(message);
		this.cycle = cycle;
	}
}

/** The process that ran a task died under it. */
export class WorkerDiedError extends ProcessError {
	static override readonly code: string = 'ERR_MP_WORKER_DIED';
	readonly pid: number;
	/** As `Process.exitCode`: −N when killed by signal N. */
	readonly exitCode: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly task?: string;

	constructor(
		message: string,
		death: { pid: number; exitCode: number | null; signal: NodeJS.Signals | null; task?: string },
	) {
		super(message);
		this.pid = death.pid;
		this.exitCode = death.exitCode;
		this.signal = death.signal;
		if (death.task !== undefined) this.task = death.task;
	}
}

/** The task was cancelled without a reason of its own. */
export class CancelledError extends ProcessError {
	static override readonly code: string = 'ERR_MP_CANCELLED';
}

/** A failure on the other side that is not the called function's own error, or an error that could not be rebuilt. */
export class RemoteError extends ProcessError {
	static override readonly code: string = 'ERR_MP_REMOTE';
}

/** The stack of an error as it was in the process that threw it; the `cause` of the error that arrives here. */
export class RemoteTraceback extends ProcessError {
	static override readonly code: string = 'ERR_MP_REMOTE_TRACEBACK';

	constructor(traceback: string) {
		super(`\n${traceback}`);
		this.stack = `${this.name}: ${this.message}`;
	}
}

for (const errorClass of [
	ProcessError,
	BufferTooShort,
	AuthenticationError,
	TimeoutError,
	EOFError,
	ClosedError,
	BrokenPipeError,
	Empty,
	Full,
	BrokenBarrierError,
	PicklingError,
	UnpicklingError,
	OwnerDiedError,
	DeadlockError,
	WorkerDiedError,
	CancelledError,
	RemoteError,
	RemoteTraceback,
]) {
	Object.defineProperty(errorClass.prototype, 'name', {
		value: errorClass.name,
		configurable: true,
		writable: true,
	});
	Object.defineProperty(errorClass.prototype, BRAND, { value: errorClass.name });
}

/** A `TypeError` with a code: an argument of the wrong type. */
export function typeError(message: string): TypeError & { code: string } {
	return Object.assign(new TypeError(message), { code: 'ERR_MP_ARGUMENT_TYPE' });
}

/** A `RangeError` with a code: an argument, or a count of calls, out of range. */
export function rangeError(message: string): RangeError & { code: string } {
	return Object.assign(new RangeError(message), { code: 'ERR_MP_ARGUMENT_RANGE' });
}
