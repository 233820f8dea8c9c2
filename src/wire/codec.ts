/**
 * Pickling: any value ⇄ one self-contained run of bytes. This is the door to everything else in this folder; the format
 * is drawn in tags.ts.
 */
import { UnpicklingError } from '../base/errors.ts';
import { TooLong } from './byte-writer.ts';
import { Decoder } from './decoder.ts';
import { Encoder } from './encoder.ts';
import { functionReferences } from './function-ref.ts';
import { type Destination, NotReadyError, sharedHome } from './handoff.ts';
import { modules } from './module-registry.ts';
import * as tag from './tags.ts';
import { Trust } from './trust.ts';
import { isStackOverflow, picklingError } from './unpicklable.ts';

export interface EncodeOptions {
	/** What the value is to the caller: the first word of `PicklingError.path` (`args`, `item`, `message`, …). */
	readonly root: string;
	/** Who will hold the shared objects in it. */
	readonly to: Destination;
}

/** What `prepare` could not import, by module, and why. */
export type ImportFailures = ReadonlyMap<string, unknown>;

/** An encoder and a decoder that are not at work. One is enough unless a hook or a getter uses another in the middle. */
let idleEncoder: Encoder | null = null;
let idleDecoder: Decoder | null = null;

/** A pickled value: the first `at` bytes of a scratch buffer. **Valid until the next call**; copy it at once. */
export interface Pickled {
	readonly bytes: Uint8Array;
	/** The same bytes. */
	readonly words: Int32Array;
	readonly at: number;
}

/**
 * Pickles a value.
 *
 * @returns a view of a scratch buffer: **valid until the next call**; copy it, or write it away at once.
 * @throws PicklingError naming the value that cannot travel, and where it is.
 */
export function encode(value: unknown, { root, to }: EncodeOptions): Uint8Array {
	const { bytes, at } = encodeInPlace(value, root, to);
	return bytes.subarray(0, at);
}

/**
 * As `encode`, without a view, which takes longer to make than a small value to pickle.
 *
 * @param most bytes there may be, about
 * @throws TooLong if it is far longer than that
 */
export function encodeInPlace(value: unknown, root: string, to: Destination, most?: number): Pickled {
	const encoder = idleEncoder ?? new Encoder();
	idleEncoder = null;
	try {
		encoder.start(to, most);
		encoder.message(value);
		encoder.finish();
		return encoder;
	} catch (error) {
		if (error instanceof TooLong) throw error;
		throw picklingError(error, root);
	} finally {
		encoder.release();
		idleEncoder ??= encoder;
	}
}

/**
 * The value that was pickled. Modules it refers to are loaded with `require` if they have not been met before, as far as
 * whoever sent it is trusted. Everything is copied out of `bytes`.
 *
 * @throws UnpicklingError for anything that is not a whole message, or refers to what this process cannot load.
 */
export function decode(bytes: Uint8Array, failures?: ImportFailures, trust: Trust = Trust.FAMILY): unknown {
	return decodeInPlace(bytes, bytes.length, trust, failures);
}

/** As `decode`, of the first `length` of the bytes. */
export function decodeInPlace(bytes: Uint8Array, length: number, trust: Trust, failures?: ImportFailures): unknown {
	const decoder = idleDecoder ?? new Decoder();
	idleDecoder = null;
	decoder.open(bytes, length);
	decoder.trust = trust;
	if (failures !== undefined) decoder.importFailures = failures;
	try {
		const kind = decoder.byte();
		if (kind === tag.MODULES) decoder.moduleNames = moduleList(bytes, length);
		else if (kind !== tag.PLAIN) decoder.damaged('the first byte is not that of a pickled value');
		const value = decoder.message();
		if (kind === tag.PLAIN && decoder.at !== decoder.end) decoder.damaged('there are bytes after the value');
		return value;
	} catch (error) {
		throw unpicklingError(error);
	} finally {
		decoder.release();
		idleDecoder ??= decoder;
	}
}

/**
 * Imports the modules a message refers to that are not known yet; which of them failed, and why, is for `decode`.
 * Undefined: there are none, which is nearly always so. Those that the sender may not refer to are left alone. `bytes`
 * may change once this has returned.
 */
export function prepare(bytes: Uint8Array, trust: Trust = Trust.FAMILY): Promise<ImportFailures> | undefined {
	if (bytes[0] !== tag.MODULES) return undefined;
	const home = sharedHome();
	const unknown = namesIn(bytes).filter(
		(name) =>
			name !== home && trust.allows(name) && modules.isToBeImported(name) && !functionReferences.hasWitness(name),
	);
	return unknown.length === 0 ? undefined : modules.prepare(unknown);
}

/** As `decode`, but ES modules that are not known yet are imported, which can wait for their top-level await. */
export async function decodeAsync(bytes: Uint8Array, trust: Trust = Trust.FAMILY): Promise<unknown> {
	const preparation = prepare(bytes, trust);
	// While something is waited for, the sender may overwrite what `bytes` is a window of.
	const copy = bytes[0] === tag.MODULES ? new Uint8Array(bytes) : bytes;
	const failures = await preparation;
	for (;;) {
		try {
			return decode(copy, failures, trust);
		} catch (error) {
			if (!(error instanceof NotReadyError)) throw error;
			await error.ready;
		}
	}
}

/** The modules that a message refers to, by their names (module-registry.ts). */
export function modulesIn(bytes: Uint8Array): readonly string[] {
	return bytes[0] === tag.MODULES ? moduleList(bytes, bytes.length) : [];
}

function namesIn(bytes: Uint8Array): readonly string[] {
	try {
		return moduleList(bytes, bytes.length);
	} catch (error) {
		throw unpicklingError(error);
	}
}

function moduleList(bytes: Uint8Array, length: number): readonly string[] {
	const list = new Decoder();
	list.open(bytes, length);
	list.at = length - 8;
	if (list.at < 1) list.damaged('the message ends too early');
	const start = list.float64();
	if (!Number.isInteger(start) || start < 1 || start > length - 8) list.damaged('the list of modules is missing');
	list.at = start;
	return list.strings();
}

function unpicklingError(error: unknown): UnpicklingError {
	if (error instanceof UnpicklingError) return error;
	const why = isStackOverflow(error)
		? 'the value is nested too deeply for the stack'
		: 'rebuilding the value threw an error (see cause)';
	return new UnpicklingError(`Cannot unpickle: ${why}`, { cause: error });
}
