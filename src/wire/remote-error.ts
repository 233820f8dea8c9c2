/**
 * What was thrown in one process, on its way to be thrown again in another. The error itself travels if it can; beside it
 * always goes its text, for the traceback and for when it cannot. Nothing here throws: a failure to report a failure
 * would leave somebody waiting for ever.
 */
import { inspect, types } from 'node:util';
import { RemoteError, RemoteTraceback } from '../base/errors.ts';
import { decode, decodeAsync, encode } from './codec.ts';
import { reductionOf } from './reduce.ts';
import { Trust } from './trust.ts';

/** On the wire: one message in another, so that the text survives whatever happens to the value. */
interface Packed {
	readonly text: string;
	readonly value: Uint8Array | null;
}

function isError(value: unknown): value is Error {
	return types.isNativeError(value) || value instanceof Error;
}

/** The text a terminal would show: stack, own fields and the chain of causes. */
function textOf(thrown: unknown): string {
	try {
		return inspect(thrown, { depth: 4, breakLength: 120, maxArrayLength: 20, maxStringLength: 10_000 });
	} catch {
		return 'an object that cannot be shown'; // Its own inspection threw; there is nothing better to say.
	}
}

/** The error without what stays behind in the text: its stack and its cause. */
function bare(error: Error): Error {
	if (!types.isNativeError(error) || reductionOf(error) !== undefined) return error;
	const copy = error instanceof AggregateError ? new AggregateError([]) : new Error();
	Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object);
	const own = Object.getOwnPropertyDescriptors(error) as Record<string, PropertyDescriptor>;
	for (const key of ['message', 'stack', 'cause']) Reflect.deleteProperty(copy, key);
	for (const [key, descriptor] of Object.entries(own)) {
		if (key !== 'stack' && key !== 'cause') Object.defineProperty(copy, key, descriptor);
	}
	return copy;
}

function encodeValue(thrown: unknown): Uint8Array | null {
	try {
		return new Uint8Array(encode(isError(thrown) ? bare(thrown) : thrown, { root: 'error', to: null }));
	} catch {
		return null; // It goes as text alone, and arrives as a RemoteError.
	}
}

/** Pickles what was thrown; never throws. The bytes are their own. */
export function encodeThrown(thrown: unknown): Uint8Array {
	const packed: Packed = { text: textOf(thrown), value: encodeValue(thrown) };
	return new Uint8Array(encode(packed, { root: 'error', to: null }));
}

/** What to throw here for what was thrown there; never throws. */
export function decodeThrown(bytes: Uint8Array): unknown {
	try {
		const { text, value } = decode(bytes) as Packed;
		return value === null ? remoteError(text) : rebuilt(text, () => decode(value));
	} catch (error) {
		return error;
	}
}

/** As `decodeThrown`, for errors whose class is in a module with a top-level await, or that come from who is not trusted. */
export async function decodeThrownAsync(bytes: Uint8Array, trust: Trust = Trust.FAMILY): Promise<unknown> {
	try {
		const { text, value } = decode(bytes, undefined, trust) as Packed;
		if (value === null) return remoteError(text);
		const result = await decodeAsync(value, trust).then(
			(decoded) => ({ decoded }),
			(failure: unknown) => ({ failure }),
		);
		return rebuilt(text, () => {
			if ('failure' in result) throw result.failure;
			return result.decoded;
		});
	} catch (error) {
		return error;
	}
}

function remoteError(text: string, why?: unknown): RemoteError {
	const error = new RemoteError(`An error of another process could not be sent as itself; this is its text:\n${text}`);
	return why === undefined ? error : Object.assign(error, { cause: why });
}

function rebuilt(text: string, read: () => unknown): unknown {
	let thrown: unknown;
	try {
		thrown = read();
	} catch (failure) {
		return remoteError(text, failure);
	}
	if (isError(thrown)) finish(thrown, text);
	return thrown;
}

/** Gives a rebuilt error its cause, and a stack of this process under its own headline. */
function finish(error: Error, text: string): void {
	const hidden = { enumerable: false, writable: true, configurable: true };
	const place: { stack?: string } = {};
	Error.captureStackTrace(place, finish);
	const frames = (place.stack ?? '').split('\n').slice(1).join('\n');
	Object.defineProperty(error, 'stack', { ...hidden, value: `${headline(error)}${frames && '\n'}${frames}` });
	Object.defineProperty(error, 'cause', { ...hidden, value: new RemoteTraceback(text) });
}

function headline(error: Error): string {
	try {
		return `${error.name}${error.message ? `: ${error.message}` : ''}`;
	} catch {
		return 'Error'; // A getter of the class failed; the traceback has the rest.
	}
}
