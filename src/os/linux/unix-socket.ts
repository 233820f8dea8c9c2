/**
 * Local sockets with an abstract name, which no file system has and which is gone with its owner, and messages on them
 * that carry descriptors (SCM_RIGHTS). Made by hand, because Node's own sockets cannot carry them.
 *
 * A message is small enough to be sent and received in one piece; one that does not come in one piece is refused.
 */
import { constants } from 'node:os';
import { errno, memoryAt, native } from '../ffi.ts';
import { checked, closeDescriptor, geteuid, mmap, systemError } from './kernel.ts';
import {
	ACCEPT_NONBLOCK_CLOEXEC,
	AF_UNIX,
	acceptCall,
	bindCall,
	connectCall,
	getsockopt,
	listenCall,
	MSG_CMSG_CLOEXEC,
	MSG_DONTWAIT,
	MSG_NOSIGNAL,
	SCM_RIGHTS,
	SO_PEERCRED,
	SOCK_STREAM_CLOEXEC,
	SOCK_STREAM_NONBLOCK_CLOEXEC,
	SOL_SOCKET,
	socketCall,
	socketpairCall,
} from './socket-calls.ts';

const MSG_TRUNCATED = 0x28; // MSG_TRUNC | MSG_CTRUNC
const BACKLOG = 4096;

const sendmsg: (fd: number, message: number, flags: number) => number = native(
	'long sendmsg(int fd, size_t message, int flags)',
);
const recvmsg: (fd: number, message: number, flags: number) => number = native(
	'long recvmsg(int fd, size_t message, int flags)',
);

/**
 * One page for the structures of a call, at an address we know.
 *
 *     0 msghdr (56)   64 iovec (16)   128 control: cmsghdr (16) and descriptors   1024 data
 */
const PAGE_BYTES = 4096;
const IOVEC = 64;
const CONTROL = 128;
const CONTROL_HEADER = 16;
const MOST_CONTROL = 512;
const DATA = 1024;
export const MOST_DATA = 1024;

class Scratch {
	readonly address: number;
	readonly view: DataView;
	readonly bytes: Uint8Array;

	constructor() {
		const PRIVATE_ANONYMOUS = 0x22;
		const READ_WRITE = 3;
		this.address = Number(mmap(0, PAGE_BYTES, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0));
		const buffer = memoryAt(this.address, PAGE_BYTES);
		this.view = new DataView(buffer);
		this.bytes = new Uint8Array(buffer);
	}

	/** The header for `length` bytes of data and `control` bytes beside it. */
	prepare(length: number, control: number): void {
		this.view.setBigUint64(0, 0n, true);
		this.view.setBigUint64(8, 0n, true);
		this.view.setBigUint64(16, BigInt(this.address + IOVEC), true);
		this.view.setBigUint64(24, 1n, true);
		this.view.setBigUint64(32, control === 0 ? 0n : BigInt(this.address + CONTROL), true);
		this.view.setBigUint64(40, BigInt(control), true);
		this.view.setInt32(48, 0, true);
		this.view.setBigUint64(IOVEC, BigInt(this.address + DATA), true);
		this.view.setBigUint64(IOVEC + 8, BigInt(length), true);
	}
}

let scratch: Scratch | undefined;

function page(): Scratch {
	scratch ??= new Scratch();
	return scratch;
}

function addressOf(name: string): Buffer {
	const text = Buffer.from(`\0${name}`);
	const address = Buffer.alloc(2 + text.length);
	address.writeUInt16LE(AF_UNIX);
	text.copy(address, 2);
	return address;
}

function newSocket(): number {
	return checked('socket', socketCall(AF_UNIX, SOCK_STREAM_NONBLOCK_CLOEXEC, 0));
}

/** Two sockets connected to each other. */
export function socketPair(isBlocking: boolean): [number, number] {
	const fds = [0, 0];
	const type = isBlocking ? SOCK_STREAM_CLOEXEC : SOCK_STREAM_NONBLOCK_CLOEXEC;
	checked('socketpair', socketpairCall(AF_UNIX, type, 0, fds));
	return fds as [number, number];
}

/** A socket that listens under an abstract name. */
export function listen(name: string): number {
	const fd = newSocket();
	const address = addressOf(name);
	try {
		checked('bind', bindCall(fd, address, address.length));
		checked('listen', listenCall(fd, BACKLOG));
	} catch (error) {
		closeDescriptor(fd);
		throw error;
	}
	return fd;
}

/** A connection to who listens under that name; `undefined` if nobody does, `'busy'` if too many are waiting there. */
export function connect(name: string): number | 'busy' | undefined {
	const fd = newSocket();
	const address = addressOf(name);
	if (connectCall(fd, address, address.length) === 0) return fd;
	const code = errno();
	closeDescriptor(fd);
	if (code === constants.errno.ECONNREFUSED) return undefined;
	if (code === constants.errno.EAGAIN) return 'busy';
	throw systemError('connect');
}

/** The next connection, or `undefined` if there is none after all. */
export function accept(fd: number): number | undefined {
	const connection = acceptCall(fd, null, null, ACCEPT_NONBLOCK_CLOEXEC);
	return connection === -1 ? undefined : connection;
}

export interface Peer {
	readonly pid: number;
	readonly uid: number;
}

/** Who made the connection, as the kernel says. */
export function peerOf(fd: number): Peer {
	const credentials = new Int32Array(3);
	checked('getsockopt', getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, new Int32Array([12])));
	return { pid: credentials[0]!, uid: credentials[1]! };
}

const SUPERUSER = 0;

export function isOwnUser(fd: number): boolean {
	const { uid } = peerOf(fd);
	return uid === geteuid() || uid === SUPERUSER;
}

/** False: nobody is there any more. */
export function sendMessage(fd: number, data: Uint8Array, descriptors: readonly number[] = []): boolean {
	const control = descriptors.length === 0 ? 0 : CONTROL_HEADER + descriptors.length * 4;
	const memory = page();
	const { address, view, bytes } = memory;
	memory.prepare(data.length, Math.ceil(control / 8) * 8);
	if (control > 0) {
		view.setBigUint64(CONTROL, BigInt(control), true);
		view.setInt32(CONTROL + 8, SOL_SOCKET, true);
		view.setInt32(CONTROL + 12, SCM_RIGHTS, true);
		for (const [i, descriptor] of descriptors.entries())
			view.setInt32(CONTROL + CONTROL_HEADER + i * 4, descriptor, true);
	}
	bytes.set(data, DATA);
	return sendmsg(fd, address, MSG_NOSIGNAL) === data.length;
}

export interface Message {
	/** Empty: the other side has closed the connection. */
	readonly data: Buffer;
	readonly descriptors: readonly number[];
}

/** What there is to read, without waiting; `undefined`: nothing yet. */
export function receiveMessage(fd: number): Message | undefined {
	const memory = page();
	const { address, view, bytes } = memory;
	memory.prepare(MOST_DATA, MOST_CONTROL);
	const length = Number(recvmsg(fd, address, MSG_DONTWAIT | MSG_CMSG_CLOEXEC));
	if (length === -1) {
		const code = errno();
		if (code === constants.errno.EAGAIN || code === constants.errno.EINTR) return undefined;
		return { data: Buffer.alloc(0), descriptors: [] };
	}
	const descriptors: number[] = [];
	const controlLength = Number(view.getBigUint64(40, true));
	if (controlLength >= CONTROL_HEADER && view.getInt32(CONTROL + 12, true) === SCM_RIGHTS) {
		const end = Number(view.getBigUint64(CONTROL, true));
		for (let at = CONTROL_HEADER; at < end; at += 4) descriptors.push(view.getInt32(CONTROL + at, true));
	}
	const truncated = (view.getInt32(48, true) & MSG_TRUNCATED) !== 0;
	return { data: truncated ? Buffer.alloc(0) : Buffer.from(bytes.subarray(DATA, DATA + length)), descriptors };
}
