/** `mp.pickle`: the pickler by itself, for those who carry the bytes on their own. */
import { typeError } from '../base/errors.ts';
import { decode, decodeAsync, encode } from './codec.ts';

export interface Pickle {
	/** The value as bytes of their own. Throws `PicklingError`. */
	dumps(value: unknown): Uint8Array;
	/** The value again. Modules it names are loaded synchronously. Throws `UnpicklingError`. */
	loads(bytes: Uint8Array): unknown;
	/** As `loads`, for values that refer to modules with a top-level await. */
	loadsAsync(bytes: Uint8Array): Promise<unknown>;
}

/**
 * @example
 * const bytes = pickle.dumps({ when: new Date(), tags: new Set(['a']) });
 * const copy = pickle.loads(bytes);
 */
export const pickle: Pickle = {
	dumps: (value) => new Uint8Array(encode(value, { root: 'value', to: null })),
	loads: (bytes) => decode(checked(bytes, 'loads')),
	loadsAsync: async (bytes) => decodeAsync(checked(bytes, 'loadsAsync')),
};

function checked(bytes: unknown, call: string): Uint8Array {
	if (bytes instanceof Uint8Array) return bytes;
	throw typeError(`pickle.${call}: bytes must be a Buffer or Uint8Array, as dumps() made it, not ${typeof bytes}`);
}
