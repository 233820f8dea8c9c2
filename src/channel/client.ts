/** Connects to a listener: CPython's `multiprocessing.connection.Client`. */
import type { Address } from './address.ts';
import { type ClientOptions, checkClientOptions } from './client-options.ts';
import { connect } from './connecting.ts';
import type { Connection } from './connection.ts';

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
	return connect(checkClientOptions(address, options));
}
