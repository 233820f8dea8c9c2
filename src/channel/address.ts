/** Addresses of listeners as users write them, which are CPython's: `['host', port]`, a path, `'\0name'`, `'\\\\.\\pipe\\name'`. */
import { lookup } from 'node:dns/promises';
import { isIPv4 } from 'node:net';
import { ProcessError, rangeError, typeError } from '../base/errors.ts';
import type { SocketAddress } from '../os/contract.ts';
import { platform } from '../os/platform.ts';

/**
 * Where a listener is: `['host', port]` on the network, a path of the file system, or (Linux) a name that begins with NUL and
 * is in no file system.
 */
export type Address = readonly [host: string, port: number] | string;

export type AddressFamily = 'AF_INET' | 'AF_UNIX' | 'AF_PIPE';

const FAMILIES: readonly string[] = ['AF_INET', 'AF_UNIX', 'AF_PIPE'];
const PIPE_PREFIX = '\\\\';
const LAST_PORT = 0xffff;
/** Everything this machine is called, as Python's sockets have it. */
const EVERYWHERE = '0.0.0.0';

/** The family of an address that has been checked. */
function familyOf(address: Address): AddressFamily {
	if (typeof address !== 'string') return 'AF_INET';
	return address.startsWith(PIPE_PREFIX) ? 'AF_PIPE' : 'AF_UNIX';
}

/** @throws TypeError, RangeError or (what this system does not have) ProcessError */
export function checkFamily(family: unknown, call: string): AddressFamily {
	if (typeof family !== 'string') throw typeError(`${call}: family must be one of ${FAMILIES.join(', ')}`);
	if (!FAMILIES.includes(family)) {
		throw rangeError(`${call}: there is no family "${family}"; there are ${FAMILIES.join(', ')}`);
	}
	if (family === 'AF_PIPE') {
		throw new ProcessError(
			`${call}: named pipes of Windows (AF_PIPE) are not available here; use ['host', port] or a path.`,
			{ code: 'ERR_MP_NOT_AVAILABLE' },
		);
	}
	return family as AddressFamily;
}

/** The address a user passed, of the family a user passed, if that is an address of it. */
export function checkAddress(address: unknown, family: AddressFamily | undefined, call: string): Address {
	const checked = typeof address === 'string' ? checkPath(address, call) : checkHostAndPort(address, call);
	const own = checkFamily(familyOf(checked), call);
	if (family === undefined || family === own) return checked;
	throw rangeError(`${call}: ${addressText(checked)} is an address of ${own}, not of ${family}`);
}

function checkPath(path: string, call: string): string {
	if (path === '' || path === '\0') throw rangeError(`${call}: address is an empty path`);
	if (path.includes('\0', 1)) throw rangeError(`${call}: address ${addressText(path)} has a NUL inside`);
	const { longestSocketPath } = platform;
	if (Buffer.byteLength(path) > longestSocketPath && !path.startsWith(PIPE_PREFIX)) {
		throw rangeError(
			`${call}: address ${addressText(path)} is longer than the ${longestSocketPath} bytes a socket's may have`,
		);
	}
	return path;
}

function checkHostAndPort(address: unknown, call: string): Address {
	if (!Array.isArray(address) || address.length !== 2 || typeof address[0] !== 'string') {
		throw typeError(`${call}: address must be ['host', port] or a path`);
	}
	const [host, port] = address as [string, unknown];
	if (typeof port !== 'number') throw typeError(`${call}: the port of an address must be a number, not ${typeof port}`);
	if (!Number.isInteger(port) || port < 0 || port > LAST_PORT) {
		throw rangeError(`${call}: the port of an address is ${port}; it must be a whole number from 0 to ${LAST_PORT}`);
	}
	return [host, port];
}

/** For messages. */
export function addressText(address: Address): string {
	return typeof address === 'string' ? JSON.stringify(address) : `${address[0]}:${address[1]}`;
}

/** As the system wants it: the name of a host looked up. */
export async function resolveAddress(address: Address): Promise<SocketAddress> {
	if (typeof address === 'string') return { path: address };
	const [host, port] = address;
	if (host === '') return { host: EVERYWHERE, port };
	const found = await lookup(host, { family: 4 });
	return { host: found.address, port };
}

/** As the system wants it, if no name has to be looked up. @throws ProcessError if one has */
export function numericAddress(address: Address): SocketAddress {
	if (typeof address === 'string') return { path: address };
	const [host, port] = address;
	if (host === '') return { host: EVERYWHERE, port };
	if (host === 'localhost') return { host: '127.0.0.1', port };
	if (isIPv4(host)) return { host, port };
	throw new ProcessError(
		`a call that blocks cannot look up the host ${host}: make one that is awaited first, or use the host's IP address.`,
		{ code: 'ERR_MP_CONNECT' },
	);
}

/** As users see it. */
export function addressFrom(address: SocketAddress): Address {
	return 'path' in address ? address.path : [address.host, address.port];
}
