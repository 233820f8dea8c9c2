/** The descriptor under Node's own sockets and servers. `_handle` is where Node has always kept it. */
import type { Server, Socket } from 'node:net';

interface Handled {
	readonly _handle: { readonly fd?: number } | null;
}

/** `undefined`: it is closed, or not connected, or is no file of the system at all. */
export function descriptorOf(value: Socket | Server): number | undefined {
	const fd = (value as unknown as Handled)._handle?.fd;
	return fd === undefined || fd < 0 ? undefined : fd;
}
