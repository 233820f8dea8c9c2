/**
 * A socket of Node's, as `wait()` sees it. What has arrived may be in the stream's buffer or still with the system, so
 * both are looked at. Nothing is read and no listener is set that would make the stream flow: whoever reads the socket
 * gets every byte. If that happens while somebody waits, the socket counts as ready all the same, as an event does
 * that is set and cleared.
 */
import type { Socket } from 'node:net';
import { ProcessError, typeError } from '../base/errors.ts';
import { platform } from '../os/platform.ts';
import type { WaitTarget } from '../sync/waitable.ts';
import { descriptorOf } from './handle-descriptor.ts';

export function isSocket(object: unknown): object is Socket {
	return object instanceof process.getBuiltinModule('node:net').Socket;
}

/** @param what it is called in an error, for instance `wait: objects[1]` */
export function socketTarget(socket: Socket, what: string): WaitTarget {
	if (socket.destroyed) return { ready: () => true };
	if (socket.connecting) return new SocketTarget(socket, undefined);
	if (socket.pending) throw notConnected(`${what} is a Socket that nobody has told to connect`, 'Connect it first.');
	const fd = descriptorOf(socket);
	if (fd === undefined || 'encrypted' in socket) {
		throw typeError(
			`${what} is a ${socket.constructor.name}, of which the system cannot tell whether there is something to read; wait for its own events`,
		);
	}
	return new SocketTarget(socket, fd);
}

/** For a thread that is going to block: nothing gets connected then. */
export function assertConnected(socket: Socket, what: string): void {
	if (!socket.connecting) return;
	throw notConnected(
		`${what} is a Socket that is still connecting, for which it needs the event loop`,
		"Await once(socket, 'connect') first, or use wait().",
	);
}

function notConnected(what: string, remedy: string): ProcessError {
	return new ProcessError(`${what}. ${remedy}`, { code: 'ERR_MP_NOT_CONNECTED' });
}

class SocketTarget implements WaitTarget {
	readonly sentinel?: number;
	readonly needsTurn = true;
	readonly #socket: Socket;
	#seen = false;

	/** @param sentinel its descriptor, once it has one that can be asked */
	constructor(socket: Socket, sentinel: number | undefined) {
		this.#socket = socket;
		if (sentinel !== undefined) this.sentinel = sentinel;
	}

	readonly ready = (): boolean => {
		const { destroyed, connecting, readableLength, readableEnded } = this.#socket;
		return this.#seen || destroyed || readableLength > 0 || readableEnded || (!connecting && this.#canBeRead());
	};

	#canBeRead(): boolean {
		const fd = descriptorOf(this.#socket);
		return fd !== undefined && platform.waitSentinels([fd], 0).length > 0;
	}

	/** Watched is another descriptor of the same connection: the event loop itself has only one eye for each. */
	readonly watch = (callback: () => void): (() => void) => {
		const socket = this.#socket;
		let unwatch = (): void => {};
		const tell = (): void => {
			this.#seen = true;
			callback();
		};
		const begin = (): void => {
			const fd = descriptorOf(socket);
			if (fd !== undefined) unwatch = platform.watchDescriptor(fd, tell);
		};
		const stop = (): void => {
			socket.off('connect', begin);
			socket.off('close', tell);
			unwatch();
		};
		if (socket.connecting) socket.once('connect', begin);
		else begin();
		socket.once('close', tell);
		return stop;
	};
}
