/** Connects to a listener: CPython's `multiprocessing.connection.Client`. */
import { Deadline } from '../base/deadline.ts';
import { typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import { type Address, type AddressFamily, checkAddress, checkFamily } from './address.ts';
import { checkKey } from './authkey.ts';
import { connect } from './connecting.ts';
import type { Connection } from './connection.ts';

export interface ClientOptions {
	/** Which family the address is of. It tells by itself. */
	family?: AddressFamily | undefined;
	/** Both sides must know it, and prove so to each other. */
	authkey?: Uint8Array | undefined;
	/** Milliseconds for connecting and the handshake together; no limit by default, but for the handshake's own 5000 ms. */
	timeout?: number | undefined;
	/** Gives up. */
	signal?: AbortSignal | undefined;
}

const OPTIONS = ['family', 'authkey', 'timeout', 'signal'];

/**
 * Connects to a `Listener` of this or another program, on this machine or another, also to one of Python's
 * `multiprocessing.connection`.
 *
 * @throws ProcessError ERR_MP_CONNECT if nobody listens there, or it cannot be reached; `cause` is the system's error
 * @throws AuthenticationError if the two keys differ, or only this side has one
 * @throws TimeoutError if `timeout` was too short
 *
 * @example
 * ```js
 * const connection = await mp.Client(['localhost', 6000], { authkey: Buffer.from('secret') });
 * await connection.send({ hello: 'world' });
 * connection.close();
 * ```
 */
export async function Client(address: Address, options: ClientOptions = {}): Promise<Connection> {
	if (typeof options !== 'object' || options === null) {
		throw typeError('Client: options must be an object {family, authkey, timeout, signal}');
	}
	checkKnown(options, OPTIONS, 'Client');
	const { timeout, signal } = options;
	const deadline = Deadline.from({ timeout, signal }, 'Client');
	const family = options.family === undefined ? undefined : checkFamily(options.family, 'Client');
	const key = options.authkey === undefined ? undefined : checkKey(options.authkey, 'Client');
	return connect(checkAddress(address, family, 'Client'), key, deadline);
}
