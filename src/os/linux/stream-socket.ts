/** Stream sockets between programs: TCP over IPv4, and local ones with a path or an abstract name. None of the calls blocks. */
import { constants } from 'node:os';
import type { Accepted, SocketAddress } from '../contract.ts';
import { errno } from '../ffi.ts';
import { checked, closeDescriptor, systemError } from './kernel.ts';
import {
	ACCEPT_NONBLOCK_CLOEXEC,
	AF_INET,
	AF_UNIX,
	acceptCall,
	bindCall,
	connectCall,
	getsockname,
	getsockopt,
	IPPROTO_TCP,
	listenCall,
	MSG_DONTWAIT,
	MSG_NOSIGNAL,
	recvCall,
	SO_ERROR,
	SO_REUSEADDR,
	SOCK_STREAM_NONBLOCK_CLOEXEC,
	SOL_SOCKET,
	sendCall,
	setsockopt,
	socketCall,
	TCP_NODELAY,
} from './socket-calls.ts';

const { EAGAIN, ECONNABORTED, ECONNRESET, EINPROGRESS, EINTR, EPIPE, ETIMEDOUT } = constants.errno;

/** `struct sockaddr_in`: family, port and address, and eight bytes of nothing. */
const INET_BYTES = 16;
/** `struct sockaddr_un`: family and path. */
const UNIX_BYTES = 110;
const FAMILY_BYTES = 2;
/** A path ends with NUL; an abstract name begins with it. */
export const longestSocketPath: number = UNIX_BYTES - FAMILY_BYTES - 1;

const ON = new Int32Array([1]);

function encodeAddress(address: SocketAddress): Buffer {
	if ('path' in address) {
		const family = Buffer.alloc(FAMILY_BYTES);
		family.writeUInt16LE(AF_UNIX);
		const end = address.path.startsWith('\0') ? '' : '\0';
		return Buffer.concat([family, Buffer.from(address.path + end)]);
	}
	const bytes = Buffer.alloc(INET_BYTES);
	bytes.writeUInt16LE(AF_INET);
	bytes.writeUInt16BE(address.port, 2);
	bytes.set(address.host.split('.').map(Number), 4);
	return bytes;
}

function decodeAddress(bytes: Buffer, length: number): SocketAddress {
	if (bytes.readUInt16LE() === AF_INET) {
		return { host: bytes.subarray(4, 8).join('.'), port: bytes.readUInt16BE(2) };
	}
	const path = bytes.toString('utf8', FAMILY_BYTES, Math.max(FAMILY_BYTES, length));
	return { path: path.startsWith('\0') ? path : path.replace(/\0.*$/s, '') };
}

function openSocket(address: SocketAddress): number {
	return checked('socket', socketCall('path' in address ? AF_UNIX : AF_INET, SOCK_STREAM_NONBLOCK_CLOEXEC, 0));
}

/** Small messages go out at once: a message is written in one piece, and nothing is won by waiting for another. */
function sendAtOnce(fd: number, address: SocketAddress): void {
	if ('port' in address) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, ON, ON.byteLength);
}

export function listenAt(wanted: SocketAddress, backlog: number): { fd: number; address: SocketAddress } {
	const fd = openSocket(wanted);
	const address = encodeAddress(wanted);
	try {
		if ('port' in wanted) checked('setsockopt', setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, ON, ON.byteLength));
		checked('bind', bindCall(fd, address, address.length));
		checked('listen', listenCall(fd, backlog));
		return { fd, address: ownAddress(fd) };
	} catch (error) {
		closeDescriptor(fd);
		throw error;
	}
}

function ownAddress(fd: number): SocketAddress {
	const bytes = Buffer.alloc(UNIX_BYTES);
	const length = new Int32Array([UNIX_BYTES]);
	checked('getsockname', getsockname(fd, bytes, length));
	return decodeAddress(bytes, length[0]!);
}

export function acceptFrom(listener: number): Accepted | undefined {
	const bytes = Buffer.alloc(UNIX_BYTES);
	const length = new Int32Array([UNIX_BYTES]);
	const fd = acceptCall(listener, bytes, length, ACCEPT_NONBLOCK_CLOEXEC);
	if (fd === -1) {
		if ([EAGAIN, EINTR, ECONNABORTED].includes(errno())) return undefined;
		throw systemError('accept');
	}
	const from = decodeAddress(bytes, length[0]!);
	sendAtOnce(fd, from);
	return { fd, from };
}

export function connectTo(to: SocketAddress): number | undefined {
	const fd = openSocket(to);
	const address = encodeAddress(to);
	sendAtOnce(fd, to);
	if (connectCall(fd, address, address.length) === 0) return fd;
	const code = errno();
	if (code === EINPROGRESS || code === EINTR) return fd;
	const error = systemError('connect');
	closeDescriptor(fd);
	if (code === EAGAIN) return undefined;
	throw error;
}

export function checkConnected(fd: number): void {
	const code = new Int32Array(1);
	checked('getsockopt', getsockopt(fd, SOL_SOCKET, SO_ERROR, code, new Int32Array([code.byteLength])));
	if (code[0] !== 0) throw systemError('connect', code[0]);
}

export function receive(fd: number, into: Uint8Array): number | undefined {
	const length = Number(recvCall(fd, into, into.length, MSG_DONTWAIT));
	if (length !== -1) return length;
	const code = errno();
	if (code === EAGAIN || code === EINTR) return undefined;
	if (code === ECONNRESET || code === ETIMEDOUT) return 0;
	throw systemError('recv');
}

export function transmit(fd: number, bytes: Uint8Array): number | undefined {
	const length = Number(sendCall(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL));
	if (length !== -1) return length;
	const code = errno();
	if (code === EAGAIN || code === EINTR) return 0;
	if (code === EPIPE || code === ECONNRESET || code === ETIMEDOUT) return undefined;
	throw systemError('send');
}
