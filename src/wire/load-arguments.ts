/** What `pickle.loads` is told, checked. */
import { typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import { type AllowedModule, trustOnly } from './allow-list.ts';
import { Trust } from './trust.ts';

export interface LoadOptions {
	/**
	 * For bytes of somebody who is not trusted: the modules whose exports they may refer to, and call. Closures, globals
	 * and shared objects are refused then. `[]`: only data. Without it, whoever wrote the bytes can run any code here.
	 */
	allow?: readonly AllowedModule[] | undefined;
}

export function checkBytes(bytes: unknown, call: string): Uint8Array {
	if (bytes instanceof Uint8Array) return bytes;
	throw typeError(`pickle.${call}: bytes must be a Buffer or Uint8Array, as dumps() made it, not ${typeof bytes}`);
}

/** How far to trust whoever made the bytes. */
export function trustOf(options: LoadOptions | undefined, call: string): Trust {
	if (options === undefined) return Trust.FAMILY;
	if (typeof options !== 'object' || options === null) {
		throw typeError(`pickle.${call}: options must be an object {allow}`);
	}
	checkKnown(options, ['allow'], `pickle.${call}`);
	return options.allow === undefined ? Trust.FAMILY : trustOnly(options.allow, `pickle.${call}`);
}
