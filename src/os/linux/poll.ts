/** Blocking until descriptors are ready, whatever they are descriptors of. */
import { constants } from 'node:os';
import { chores } from '../../base/chores.ts';
import { now } from '../../base/deadline.ts';
import type { Direction } from '../contract.ts';
import { errno, native } from '../ffi.ts';
import { gates } from '../gates.ts';
import { checked, systemError } from './kernel.ts';

const POLLIN = 1;
const POLLOUT = 4;
const EVENTS: Readonly<Record<Direction, number>> = { readable: POLLIN, writable: POLLOUT };
/** The longest wait poll can express; longer ones are made of several. */
const LONGEST_POLL = 0x7fffffff;

/** Two words a descriptor: its number, and what is asked (low half) and answered (high half). */
const pollCall: (fds: Int32Array, count: number, timeout: number) => number = native(
	'int poll(int32_t *fds, ulong count, int timeout)',
);

/** Blocks until one of the descriptors is ready (readable or hung up), at most `timeout` ms; indices of those that are. */
export function waitSentinels(sentinels: readonly number[], timeout: number): number[] {
	return waitFor(sentinels, POLLIN, timeout);
}

/** The same for one descriptor. Hung up is ready. */
export function waitReady(fd: number, direction: Direction, timeout: number): boolean {
	return waitFor([fd], EVENTS[direction], timeout).length > 0;
}

function waitFor(fds: readonly number[], events: number, timeout: number): number[] {
	const end = now() + timeout;
	const table = new Int32Array(fds.length * 2);
	for (;;) {
		for (const [index, fd] of fds.entries()) {
			table[index * 2] = fd;
			table[index * 2 + 1] = events;
		}
		const left = Math.ceil(Math.max(0, end - now()));
		const nap = Math.min(gates.stay(chores.nap(left)), LONGEST_POLL);
		const count = pollCall(table, fds.length, nap);
		if (count > 0) return readyOnes(table);
		if (count === -1 && errno() !== constants.errno.EINTR) throw systemError('poll');
		if (count === 0 && left <= nap) return [];
		chores.run();
	}
}

/** Whether one descriptor is ready now: `waitSentinels` for those who ask often. */
export function isReady(sentinel: number): boolean {
	one[0] = sentinel;
	one[1] = POLLIN;
	return checked('poll', pollCall(one, 1, 0)) === 1;
}

const one = new Int32Array(2);

function readyOnes(table: Int32Array): number[] {
	const ready: number[] = [];
	for (let index = 0; index < table.length / 2; index++) {
		if ((table[index * 2 + 1] as number) >>> 16 !== 0) ready.push(index);
	}
	return ready;
}
