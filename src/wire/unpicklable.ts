/**
 * Why and where a value cannot travel, while the encoder unwinds. The path is put together only when something goes
 * wrong: every container that an `Unpicklable` passes through adds its own step, so the way in costs nothing.
 */
import { PicklingError } from '../base/errors.ts';
import { TooLong } from './byte-writer.ts';

export class Unpicklable extends Error {
	/** Steps from the value outwards, innermost first. */
	readonly steps: string[] = [];
}

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** A property as it would be written after an object: `.name`, `["a b"]` or `[3]`. */
export function propertyStep(key: string): string {
	if (identifier.test(key)) return `.${key}`;
	return /^(0|[1-9]\d*)$/.test(key) ? `[${key}]` : `[${JSON.stringify(key)}]`;
}

/** A Map's value as it would be asked for: `.get("key")`. */
export function mapStep(key: unknown): string {
	if (typeof key === 'string') return `.get(${JSON.stringify(key)})`;
	return typeof key === 'object' && key !== null ? '.get({…})' : `.get(${String(key)})`;
}

/** Asked where hardly any stack is left: nothing may be called here, not even a regular expression. */
export function isStackOverflow(error: unknown): boolean {
	return error instanceof RangeError && error.message === 'Maximum call stack size exceeded';
}

/** What to throw on: the same failure, one step further out. */
export function located(error: unknown, step: string): unknown {
	// Near the end of the stack nothing may be called any more; the outermost frame names that failure.
	if (isStackOverflow(error) || error instanceof TooLong) return error;
	const failure =
		error instanceof Unpicklable ? error : new Unpicklable('reading it threw an error (see cause)', { cause: error });
	failure.steps.push(step);
	return failure;
}

/** The public error for whatever came out of the encoder. */
export function picklingError(error: unknown, root: string): PicklingError {
	if (isStackOverflow(error)) {
		const why = 'it is nested too deeply for the stack; flatten it (an array instead of a linked list), or cut it';
		return new PicklingError(`Cannot pickle ${root}: ${why}`, root, { cause: error });
	}
	if (!(error instanceof Unpicklable)) {
		return new PicklingError(`Cannot pickle ${root}: reading it threw an error (see cause)`, root, { cause: error });
	}
	const steps = error.steps.reverse().join('');
	const path = root === '' ? steps.replace(/^\./, '') : root + steps;
	const options = error.cause === undefined ? undefined : { cause: error.cause };
	return new PicklingError(`Cannot pickle ${path}: ${error.message}`, path, options);
}
