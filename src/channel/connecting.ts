/** The way to a connection with a listener: its address looked up, connected to, and hands shaken. */
import type { Deadline } from '../base/deadline.ts';
import { ProcessError, TimeoutError } from '../base/errors.ts';
import { within } from '../base/within.ts';
import { platform } from '../os/platform.ts';
import { Trust } from '../wire/trust.ts';
import { type Address, addressText, numericAddress, resolveAddress } from './address.ts';
import { shakeHandsSync } from './blocking-handshake.ts';
import { Connection } from './connection.ts';
import { answer, awaitChallenge, deliver, inTime } from './handshake.ts';
import { FAILURE } from './handshake-words.ts';
import { Pipe } from './pipe.ts';
import { StreamEnds } from './stream-ends.ts';
import { reasonOf } from './system-reason.ts';

/** Milliseconds until another try where too many wait to be accepted. */
const RETRY = 10;

/** Whom to connect to, and how. */
export interface Meeting {
	readonly address: Address;
	readonly authkey: Uint8Array | undefined;
	/** How far whoever listens there is trusted. */
	readonly trust: Trust;
	readonly deadline: Deadline;
}

export async function connect({ address, authkey, trust, deadline }: Meeting): Promise<Connection> {
	deadline.signal?.throwIfAborted();
	const fd = await openConnection(address, deadline);
	const connection = new Connection(new StreamEnds(fd, { mayBeChallenged: authkey === undefined, trust }));
	if (authkey === undefined) return connection;
	try {
		const shaken = within(
			shakeHands(connection, authkey).then(() => true),
			deadline,
		);
		if ((await shaken) === undefined) throw late(address);
		return connection;
	} catch (error) {
		connection.close();
		throw error;
	}
}

/** As `connect`, blocking this thread. The address must be a path, or a host's number: names are looked up by the event loop. */
export function connectSync(address: Address, authkey: Uint8Array): Connection {
	const connection = new Connection(
		new StreamEnds(openSync(address), { mayBeChallenged: false, trust: Trust.OUTSIDE }),
	);
	try {
		shakeHandsSync(connection, authkey, 'Client');
		return connection;
	} catch (error) {
		connection.close();
		throw error;
	}
}

/** Blocks for so many milliseconds: on a pipe that nothing will come through. */
function sleepSync(milliseconds: number): void {
	const [silent, other] = Pipe({ duplex: false });
	silent.pollSync(milliseconds);
	silent.close();
	other.close();
}

function openSync(address: Address): number {
	try {
		const to = numericAddress(address);
		let fd = platform.connectTo(to);
		while (fd === undefined) {
			sleepSync(RETRY);
			fd = platform.connectTo(to);
		}
		return whenConnectedSync(fd);
	} catch (cause) {
		throw unreachable(address, cause);
	}
}

function whenConnectedSync(fd: number): number {
	try {
		platform.waitReady(fd, 'writable', Number.POSITIVE_INFINITY);
		platform.checkConnected(fd);
		return fd;
	} catch (error) {
		platform.closeDescriptor(fd);
		throw error;
	}
}

async function openConnection(address: Address, deadline: Deadline): Promise<number> {
	try {
		const to = await timely(resolveAddress(address), address, deadline);
		for (;;) {
			const fd = platform.connectTo(to);
			if (fd !== undefined) return await whenConnected(fd, address, deadline);
			await timely(new Promise<void>((resolve) => setTimeout(resolve, RETRY)), address, deadline);
		}
	} catch (cause) {
		if (cause instanceof TimeoutError || cause === deadline.signal?.reason) throw cause;
		throw unreachable(address, cause);
	}
}

function unreachable(address: Address, cause: unknown): ProcessError {
	return new ProcessError(
		`Client: cannot connect to ${addressText(address)}: ${reasonOf(cause)}. Does anybody listen there?`,
		{
			code: 'ERR_MP_CONNECT',
			cause,
		},
	);
}

async function whenConnected(fd: number, address: Address, deadline: Deadline): Promise<number> {
	let stop = (): void => {};
	try {
		const writable = new Promise<void>((resolve) => {
			const watch = platform.whenReady(fd, 'writable', resolve);
			stop = () => watch.close();
		});
		await timely(writable, address, deadline);
		platform.checkConnected(fd);
		return fd;
	} catch (error) {
		stop();
		platform.closeDescriptor(fd);
		throw error;
	}
}

/** @throws TimeoutError when the deadline comes first */
async function timely<T>(promise: Promise<T>, address: Address, deadline: Deadline): Promise<T> {
	const done = await within(
		promise.then((value) => ({ value })),
		deadline,
	);
	if (done === undefined) throw late(address);
	return done.value;
}

function late(address: Address): TimeoutError {
	return new TimeoutError(`Client: there was no connection to ${addressText(address)} within the timeout.`);
}

/** The client proves itself first. One that gets no challenge says so: the other side, without a key, would never know. */
async function shakeHands(connection: Connection, key: Uint8Array): Promise<void> {
	await inTime('Client', async (signal) => {
		const challenge = await awaitChallenge(connection, signal).catch((error: unknown) => refuse(connection, error));
		await answer(connection, challenge, key, signal);
		await deliver(connection, key, signal);
	});
}

async function refuse(connection: Connection, error: unknown): Promise<never> {
	if (!connection.closed) await connection.sendBytes(FAILURE).catch(() => {}); // it may be gone: that is no news
	throw error;
}
