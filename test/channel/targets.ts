/** What the children of the channel tests run. */
import { createHash } from 'node:crypto';
import { type Connection, Lock, Pipe } from 'polyproc';

/** How a process moves messages. */
export type Form = 'async' | 'sync';

export function digest(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that are different for every `seed`. */
export function patterned(length: number, seed: number): Buffer {
	const bytes = Buffer.allocUnsafe(length);
	for (let i = 0; i < length; i++) bytes[i] = (i * 31 + seed * 7 + (i >> 8)) & 0xff;
	return bytes;
}

/** Sends back what comes, bytes as bytes, until the end. */
export async function echoBytes(connection: Connection): Promise<void> {
	for (;;) {
		const message = await connection.recvBytes().catch(() => undefined);
		if (message === undefined) return;
		await connection.sendBytes(message);
	}
}

export async function echo(connection: Connection): Promise<void> {
	for await (const value of connection) await connection.send(value);
}

/** Receives `count` messages of bytes and answers with their digests, in one form or the other. */
export async function digestAll(connection: Connection, count: number, form: Form): Promise<void> {
	const digests: string[] = [];
	for (let i = 0; i < count; i++) {
		digests.push(digest(form === 'sync' ? connection.recvBytesSync() : await connection.recvBytes()));
	}
	connection.sendSync(digests);
}

/** Sends `[who, 0]` to `[who, count - 1]`. */
export function sendNumbered(connection: Connection, who: number, count: number, padding: number): void {
	for (let i = 0; i < count; i++) connection.sendSync([who, i, 'x'.repeat((i * 7919) % padding)]);
}

/** Receives until the end and passes on what came. */
export async function passOn(from: Connection, to: Connection): Promise<void> {
	for await (const value of from) await to.send((value as unknown[]).slice(0, 2));
}

/** Makes a pipe, sends one end over, says something on the other, and ends. */
export async function sendConnection(connection: Connection, form: 'exits' | 'closes'): Promise<void> {
	const [mine, theirs] = Pipe();
	await connection.send(theirs);
	theirs.close();
	await mine.send('said before');
	if (form === 'exits') return;
	assertEqual(await mine.recv(), 'answer');
	mine.close();
}

function assertEqual(actual: unknown, expected: unknown): void {
	if (actual !== expected) throw new Error(`${actual} is not ${expected}`);
}

/** Receives a lock, takes it, says so, and keeps it until told. */
export async function keepLockThatCameOver(connection: Connection): Promise<void> {
	const lock = (await connection.recv()) as Lock;
	await lock.acquire();
	await connection.send(lock instanceof Lock);
	await connection.recv();
	lock.release();
}

/** Says that it is there, and then does one thing that does not end by itself; tells how it ended, on `report`. */
export async function blockIn(what: Blocking, connection: Connection, report: Connection): Promise<void> {
	await report.send('there');
	try {
		await blocking[what](connection);
		await report.send('ended');
	} catch (error) {
		await report.send((error as Error).name);
	}
}

const LARGE = Buffer.alloc(1 << 20);

const blocking = {
	recv: (connection: Connection) => connection.recv(),
	recvSync: (connection: Connection) => connection.recvSync(),
	poll: (connection: Connection) => connection.poll(Number.POSITIVE_INFINITY),
	pollSync: (connection: Connection) => connection.pollSync(Number.POSITIVE_INFINITY),
	sendBytes: (connection: Connection) => connection.sendBytes(LARGE),
	sendBytesSync: (connection: Connection) => connection.sendBytesSync(LARGE),
};
export type Blocking = keyof typeof blocking;

/** Has a connection and does not use it. */
export function hold(_connection: Connection, report: Connection): void {
	report.sendSync('there');
	setInterval(() => undefined, 1e6);
}

/** Has a connection, uses it once, and ends by itself though it is open. */
export async function useOnce(connection: Connection): Promise<void> {
	await connection.send('once');
}

/** Waits for a message that comes later: only that keeps it alive. */
export function recvLater(connection: Connection, report: Connection): void {
	connection.recv().then((value) => report.send(value));
}

/** Floods with small messages until the other end is gone. */
export function flood(connection: Connection): void {
	try {
		for (let i = 0; ; i++) connection.sendSync(i);
	} catch {
		// the receiver has had enough
	}
}

/** Starts to send a large message; is killed in the middle, since nobody takes all of it. */
export function sendLarge(connection: Connection, bytes: number): void {
	connection.sendBytesSync(Buffer.alloc(bytes, 'large'));
}

/** Takes one message, slowly enough to be killed in the middle of a large one. */
export async function takeLarge(connection: Connection, report: Connection): Promise<void> {
	await connection.poll(Number.POSITIVE_INFINITY);
	await report.send('there');
	await connection.recvBytes();
}

/** Another object for the same end of a pipe. */
export function twinOf(connection: Connection): Connection {
	const [a, b] = Pipe();
	a.sendSync(connection);
	const twin = b.recvSync() as Connection;
	a.close();
	b.close();
	return twin;
}

/** Awaits a large message with one of two connections to an end, and in the middle of it blocks with the other. */
export async function recvWithTwo(connection: Connection, report: Connection): Promise<void> {
	const twin = twinOf(connection);
	const receiving = connection.recvBytes();
	report.sendSync('begun');
	const next = twin.recvSync();
	report.sendSync([(await receiving).length, next]);
}

/** The same, sending. */
export async function sendWithTwo(connection: Connection, report: Connection): Promise<void> {
	const twin = twinOf(connection);
	const sending = connection.sendBytes(LARGE);
	report.sendSync('begun');
	twin.sendSync('next');
	await sending;
	report.sendSync([LARGE.length, 'next']);
}

/** Sends a lock in a large message, and ends. */
export function sendLockInLarge(connection: Connection): void {
	connection.sendSync({ lock: new Lock(), padding: 'x'.repeat(1 << 23) });
}
