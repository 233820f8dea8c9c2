/** What `new Listener` is told, checked. */
import { rangeError, typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import { type AllowedModule, trustOnly } from '../wire/allow-list.ts';
import { Trust } from '../wire/trust.ts';
import { type Address, type AddressFamily, checkAddress, checkFamily } from './address.ts';
import { checkKey } from './authkey.ts';
import type { ListeningOptions } from './listening.ts';

export interface ListenerOptions {
	/** Where to listen: `['host', port]` (port 0: any that is free), a path, or `'\0name'`. By default a path nobody else can guess. */
	address?: Address | undefined;
	/** Only needed without `address`: the default is `'AF_UNIX'`. */
	family?: AddressFamily | undefined;
	/** How many clients may wait to be accepted, beside those whose handshake has begun; 1 by default. */
	backlog?: number | undefined;
	/** Both sides must know it, and prove so to each other, before a connection is accepted. */
	authkey?: Uint8Array | undefined;
	/**
	 * For clients that are not trusted: the modules whose exports they may refer to in what they send, and so call. What else
	 * has code in it (closures, globals) is refused then, and so is what is shared, proxies included. `[]`: only data.
	 */
	allow?: readonly AllowedModule[] | undefined;
}

const OPTIONS = ['address', 'family', 'backlog', 'authkey', 'allow'];
const LARGEST_BACKLOG = 0x7fffffff;

export function checkListenerOptions(options: ListenerOptions): ListeningOptions {
	if (typeof options !== 'object' || options === null) {
		throw typeError('Listener: options must be an object {address, family, backlog, authkey, allow}');
	}
	checkKnown(options, OPTIONS, 'Listener');
	const { backlog = 1, authkey, allow } = options;
	const family = options.family === undefined ? undefined : checkFamily(options.family, 'Listener');
	const address = options.address === undefined ? undefined : checkAddress(options.address, family, 'Listener');
	if (typeof backlog !== 'number') throw typeError('Listener: backlog must be a number of clients');
	if (!Number.isInteger(backlog) || backlog < 0 || backlog > LARGEST_BACKLOG) {
		throw rangeError(`Listener: backlog is ${backlog}; it must be a whole number, not negative`);
	}
	return {
		address,
		family: family ?? 'AF_UNIX',
		backlog,
		authkey: authkey === undefined ? undefined : checkKey(authkey, 'Listener'),
		trust: allow === undefined ? Trust.OUTSIDE : trustOnly(allow, 'Listener'),
	};
}
