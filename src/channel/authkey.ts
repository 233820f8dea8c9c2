/** Keys as users pass them. */
import { typeError } from '../base/errors.ts';

/** The key, if it is one: bytes, perhaps none. */
export function checkKey(authkey: unknown, call: string): Uint8Array {
	if (authkey instanceof Uint8Array) return authkey;
	throw typeError(
		`${call}: authkey must be a Buffer or Uint8Array, not ${typeof authkey}; for text write Buffer.from(text)`,
	);
}
