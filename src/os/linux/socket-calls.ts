/** The socket calls and their numbers, for the files that make sockets by hand. */
import { native } from '../ffi.ts';

export const AF_UNIX = 1;
export const AF_INET = 2;
export const SOCK_STREAM_CLOEXEC = 0o2000001;
export const SOCK_STREAM_NONBLOCK_CLOEXEC = 0o2004001;
export const ACCEPT_NONBLOCK_CLOEXEC = 0o2004000;
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_ERROR = 4;
export const SO_PEERCRED = 17;
export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;
export const SCM_RIGHTS = 1;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_CMSG_CLOEXEC = 0x40000000;

export const socketCall: (domain: number, type: number, protocol: number) => number = native(
	'int socket(int domain, int type, int protocol)',
);
export const bindCall: (fd: number, address: Uint8Array, length: number) => number = native(
	'int bind(int fd, const uint8_t *address, uint length)',
);
export const listenCall: (fd: number, backlog: number) => number = native('int listen(int fd, int backlog)');
export const connectCall: (fd: number, address: Uint8Array, length: number) => number = native(
	'int connect(int fd, const uint8_t *address, uint length)',
);
export const acceptCall: (fd: number, address: Uint8Array | null, length: Int32Array | null, flags: number) => number =
	native('int accept4(int fd, _Out_ uint8_t *address, _Inout_ int32_t *length, int flags)');
export const getsockname: (fd: number, address: Uint8Array, length: Int32Array) => number = native(
	'int getsockname(int fd, _Out_ uint8_t *address, _Inout_ int32_t *length)',
);
export const getsockopt: (fd: number, level: number, name: number, value: Int32Array, length: Int32Array) => number =
	native('int getsockopt(int fd, int level, int name, _Out_ int32_t *value, _Inout_ int32_t *length)');
export const setsockopt: (fd: number, level: number, name: number, value: Int32Array, length: number) => number =
	native('int setsockopt(int fd, int level, int name, const int32_t *value, uint length)');
export const socketpairCall: (domain: number, type: number, protocol: number, fds: number[]) => number = native(
	'int socketpair(int domain, int type, int protocol, _Out_ int *fds)',
);
export const sendCall: (fd: number, bytes: Uint8Array, length: number, flags: number) => number = native(
	'long send(int fd, const uint8_t *bytes, size_t length, int flags)',
);
export const recvCall: (fd: number, bytes: Uint8Array, length: number, flags: number) => number = native(
	'long recv(int fd, _Out_ uint8_t *bytes, size_t length, int flags)',
);
