/** What the children of the tests of wait() run. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, Event } from 'polyproc';

/** Longest time between two messages, in milliseconds. */
const SLOW = 30;

async function dawdle(slow: boolean): Promise<void> {
	if (slow) await sleep(Math.random() * SLOW);
}

export async function sendNumbers(writer: Connection, who: number, count: number, slow: boolean): Promise<void> {
	for (let i = 0; i < count; i++) {
		await dawdle(slow);
		await writer.send([i, who]);
	}
	writer.close();
}

/** The same in lines of text over a connection of its own. */
export async function writeNumbers(port: number, count: number, slow: boolean): Promise<void> {
	const socket = connect(port, '127.0.0.1');
	for (let i = 0; i < count; i++) {
		await dawdle(slow);
		socket.write(`${i}\n`);
	}
	socket.end();
}

export function setAndEndWhenTold(running: Event, end: Event): void {
	running.set();
	end.waitSync();
}
