/** Waiting for whichever of several things is ready first: connections with something to receive, ended processes, … */
import type { Socket } from 'node:net';
import type { WaitOptions } from '../base/deadline.ts';
import type { Waitable } from '../sync/waitable.ts';
import { chooseReady, chooseReadySync } from './choice.ts';

/** What `wait` takes: objects of this library that can be waited for, sentinels of processes, and Node's sockets. */
export type WaitObject = Waitable | Socket | number;

/**
 * Waits until at least one of `objects` is ready: a connection has something to receive (or has ended), a process has
 * ended, an event is set or has been meanwhile, a socket has something to read (or has ended, or is destroyed). A socket
 * is not read and not set flowing; if somebody else reads it meanwhile, it is ready all the same. One that is still
 * connecting is waited for, and ready when it has failed.
 *
 * @returns those that are ready, in their order; none when the timeout (milliseconds) came first
 * @throws ClosedError if a connection is closed, or a number no sentinel of a process of this one
 * @throws ProcessError `ERR_MP_NOT_CONNECTED` if a socket was never told to connect
 * @throws TypeError if something cannot be waited for: of a TLS socket nobody can tell before it is decrypted
 *
 * @example
 * ```js
 * const ready = await mp.wait([connection, child, socket], 500);
 * if (ready.includes(socket)) console.log(socket.read());
 * ```
 */
export function wait<T extends WaitObject>(objects: Iterable<T>, timeout?: WaitOptions): Promise<T[]> {
	return chooseReady(objects, timeout);
}

/**
 * As `wait`, blocking this thread.
 *
 * @throws ProcessError `ERR_MP_NOT_CONNECTED` also if a socket is still connecting, which would need the event loop
 */
export function waitSync<T extends WaitObject>(objects: Iterable<T>, timeout?: WaitOptions): T[] {
	return chooseReadySync(objects, timeout);
}
