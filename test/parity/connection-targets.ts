/** What the children of the connection, poll and lock tests run. */
import type { Connection, Lock, RLock } from 'polyproc';

/** Sends every byte message back until an empty one comes. */
export async function echoBytes(parent: Connection): Promise<void> {
	for (;;) {
		const message = await parent.recvBytes();
		if (message.length === 0) break;
		await parent.sendBytes(message);
	}
	parent.close();
}

/** Sends every value back until `null` comes, without an event loop. */
export function echoValues(parent: Connection): void {
	for (let value = parent.recvSync(); value !== null; value = parent.recvSync()) parent.sendSync(value);
	parent.close();
}

/** Polls again and again, then takes one message, over and over; the strings it got go back at the end. */
export async function pollAndTake(messages: Connection, count: number, answer: Connection): Promise<void> {
	const taken: string[] = [];
	while (taken.length < count) {
		while (!(await messages.poll(100)));
		taken.push((await messages.recvBytes()).toString());
	}
	await answer.send(taken);
}

/** Only polls, so that nothing but polling could swallow a part of a message. */
export async function pollUntilTold(messages: Connection, control: Connection): Promise<void> {
	let polls = 0;
	await control.send('polling');
	while (!(await control.poll())) {
		await messages.poll(1);
		polls++;
	}
	await control.recv();
	await control.send(polls);
}

/** Receives a connection over a connection and uses it. */
export async function useConnectionThatCameOver(parent: Connection): Promise<void> {
	const arrived = (await parent.recv()) as Connection;
	if (arrived.writable) await arrived.send(['written in the child', arrived.readable]);
	else await parent.send(['read in the child', await arrived.recv(), arrived.writable]);
	arrived.close();
}

/** Takes the lock and keeps it for as long as the parent wants. */
export async function keepLocked(lock: Lock | RLock, parent: Connection): Promise<void> {
	await lock.acquire();
	await parent.send(lock.locked());
	await parent.recv();
	lock.release();
	await parent.send(lock.locked());
}

export function acquireAndRelease(lock: Lock | RLock, times: number, counter: Connection): void {
	for (let i = 0; i < times; i++) {
		lock.acquireSync();
		const value = counter.recvSync() as number;
		counter.sendSync(value + 1);
		lock.release();
	}
}
