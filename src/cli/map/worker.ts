/**
 * What a worker of `polyproc map` does with an item. Text crosses, both ways: JSON is read and written here, so that the
 * process that hands out the items has little to do with each, and nothing of the function's has to be pickled.
 */
import { failureOf } from './failure.ts';

type Target = (item: unknown) => unknown;

interface Job {
	readonly target: Target;
	readonly isJson: boolean;
}

/** A forked worker has this module from its parent, and once more by reference: both know the same job. */
const JOB: unique symbol = Symbol.for('polyproc.map.job') as never;
const home = globalThis as { [JOB]?: Job };

/** Called in each worker before its first item. */
export function prepare(target: Target, isJson: boolean): void {
	home[JOB] = { target, isJson };
	// Standard output is for results.
	process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
}

/** The result for an item, as JSON. */
export function answer(text: string): string | Promise<string> {
	const { target, isJson } = home[JOB]!;
	try {
		const value = target(isJson ? parsed(text) : text);
		return isThenable(value) ? Promise.resolve(value).then(written).catch(fail) : written(value);
	} catch (error) {
		return fail(error);
	}
}

/** The same, for those that do not come in order. */
export function answerNumbered([number, text]: readonly [number, string]): unknown {
	const json = answer(text);
	return typeof json === 'string' ? [number, json] : json.then((late) => [number, late]);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
	return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new SyntaxError(`the line is not JSON: ${(error as Error).message}`);
	}
}

function written(value: unknown): string {
	if (value === undefined) return 'null';
	const json = stringify(value);
	if (json === undefined) throw new TypeError(`its result cannot be written as JSON: it is a ${typeof value}`);
	return json;
}

function stringify(value: unknown): string | undefined {
	try {
		return JSON.stringify(value);
	} catch (error) {
		throw new TypeError(`its result cannot be written as JSON: ${failureOf(error).message}`);
	}
}

/** Whatever was thrown crosses as plain data: its class is not loaded where the items are handed out. */
function fail(thrown: unknown): never {
	const failure = failureOf(thrown);
	throw Object.assign(new Error(failure.message), { failure });
}
