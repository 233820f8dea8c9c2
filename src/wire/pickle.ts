/** `mp.pickle`: the pickler by itself, for those who carry the bytes on their own. */
import { decode, decodeAsync, encode } from './codec.ts';
import { checkBytes, type LoadOptions, trustOf } from './load-arguments.ts';

export interface Pickle {
	/** The value as bytes of their own. Throws `PicklingError`. */
	dumps(value: unknown): Uint8Array;
	/** The value again. Modules it names are loaded synchronously. Throws `UnpicklingError`. */
	loads(bytes: Uint8Array, options?: LoadOptions): unknown;
	/** As `loads`, for values that refer to modules with a top-level await. */
	loadsAsync(bytes: Uint8Array, options?: LoadOptions): Promise<unknown>;
}

/**
 * @example
 * const bytes = pickle.dumps({ when: new Date(), tags: new Set(['a']) });
 * const copy = pickle.loads(bytes);
 */
export const pickle: Pickle = {
	dumps: (value) => new Uint8Array(encode(value, { root: 'value', to: null })),
	loads: (bytes, options) => decode(checkBytes(bytes, 'loads'), undefined, trustOf(options, 'loads')),
	loadsAsync: async (bytes, options) => decodeAsync(checkBytes(bytes, 'loadsAsync'), trustOf(options, 'loadsAsync')),
};
