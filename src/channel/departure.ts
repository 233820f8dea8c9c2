/**
 * A socket on its way to another process. What this process has read of it already, its receiver would miss: that is an
 * error. What arrives from now on is left with the system, unless somebody here reads the socket: Node reads every
 * socket as soon as it has it, asked or not.
 */
import type { Socket } from 'node:net';
import { Unpicklable } from '../wire/unpicklable.ts';
import { descriptorOf } from './handle-descriptor.ts';

interface Reading {
	readonly _handle: { reading: boolean; readStop?(): number } | null;
	readonly _readableState: { reading: boolean };
}

/** The descriptor of a socket that is going to be somebody else's, or `undefined` if it has none. */
export function departing(socket: Socket): number | undefined {
	if (socket.connecting) return undefined;
	if (socket.readableLength > 0) {
		throw new Unpicklable(
			`the Socket has ${socket.readableLength} bytes that have been read here and would be missing there; read() them and send them along, or take it from createServer({ pauseOnConnect: true }), which reads nothing`,
		);
	}
	leaveUnread(socket);
	// Who has just read and stopped listening has left Node a reading to begin, before it looks at the system again.
	process.nextTick(leaveUnread, socket);
	return descriptorOf(socket);
}

/** As a socket of a server with `pauseOnConnect`: it is read when somebody asks for it. */
function leaveUnread(socket: Socket): void {
	const { _handle: handle, _readableState: state } = socket as unknown as Reading;
	if (handle === null || socket.readableFlowing === true || socket.listenerCount('readable') > 0) return;
	handle.readStop?.();
	handle.reading = false;
	state.reading = false;
}
