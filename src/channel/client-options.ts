/** What `Client` is told, checked. */
import { Deadline } from '../base/deadline.ts';
import { typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import { type AllowedModule, trustOnly } from '../wire/allow-list.ts';
import { Trust } from '../wire/trust.ts';
import { type Address, type AddressFamily, checkAddress, checkFamily } from './address.ts';
import { checkKey } from './authkey.ts';
import type { Meeting } from './connecting.ts';

export interface ClientOptions {
	/** Which family the address is of. It tells by itself. */
	family?: AddressFamily | undefined;
	/** Both sides must know it, and prove so to each other. */
	authkey?: Uint8Array | undefined;
	/**
	 * For listeners that are not trusted: the modules whose exports they may refer to in what they send, and so call. What else
	 * has code in it (closures, globals) is refused then, and so is what is shared, proxies included. `[]`: only data.
	 */
	allow?: readonly AllowedModule[] | undefined;
	/** Milliseconds for connecting and the handshake together; no limit by default, but for the handshake's own 5000 ms. */
	timeout?: number | undefined;
	/** Gives up. */
	signal?: AbortSignal | undefined;
}

const OPTIONS = ['family', 'authkey', 'allow', 'timeout', 'signal'];

export function checkClientOptions(address: Address, options: ClientOptions): Meeting {
	if (typeof options !== 'object' || options === null) {
		throw typeError('Client: options must be an object {family, authkey, allow, timeout, signal}');
	}
	checkKnown(options, OPTIONS, 'Client');
	const { timeout, signal, authkey, allow } = options;
	const deadline = Deadline.from({ timeout, signal }, 'Client');
	const family = options.family === undefined ? undefined : checkFamily(options.family, 'Client');
	return {
		authkey: authkey === undefined ? undefined : checkKey(authkey, 'Client'),
		trust: allow === undefined ? Trust.OUTSIDE : trustOnly(allow, 'Client'),
		address: checkAddress(address, family, 'Client'),
		deadline,
	};
}
