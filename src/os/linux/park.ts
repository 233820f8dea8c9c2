/**
 * Sleeping on a shared word: the futex. Without the PRIVATE flag it is keyed by the page behind the address, so that
 * processes with the memory mapped at different addresses meet. The kernel compares the word and goes to sleep in one
 * step, which is what makes a lost wake-up impossible (futex(2); U. Drepper, "Futexes Are Tricky").
 */
import { chores } from '../../base/chores.ts';
import { now } from '../../base/deadline.ts';
import type { ParkResult } from '../contract.ts';
import { errno } from '../ffi.ts';
import { gates } from '../gates.ts';
import { futexCall, schedYield, systemCalls } from './kernel.ts';

const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const EAGAIN = 11;
const ETIMEDOUT = 110;

/** A `struct timespec`, used again for every wait of this thread. */
const timespec = new BigInt64Array(2);

function asTimespec(milliseconds: number): BigInt64Array | null {
	if (milliseconds === Number.POSITIVE_INFINITY) return null;
	const seconds = Math.floor(milliseconds / 1000);
	timespec[0] = BigInt(seconds);
	timespec[1] = BigInt(Math.floor((milliseconds - seconds * 1000) * 1e6));
	return timespec;
}

export function park(address: number, expected: number, timeout: number): ParkResult {
	const end = now() + timeout;
	for (let left = timeout; ; left = Math.max(0, end - now())) {
		const nap = gates.stay(chores.nap(left));
		const result = parkOnce(address, expected, nap);
		if (result !== 'timeout' || nap === left) return result;
		chores.run();
	}
}

function parkOnce(address: number, expected: number, timeout: number): ParkResult {
	const result = futexCall(systemCalls().futex, address, FUTEX_WAIT, expected >>> 0, asTimespec(timeout), 0, 0);
	if (result === 0) return 'woken';
	const error = errno();
	if (error === EAGAIN) return 'changed';
	return error === ETIMEDOUT ? 'timeout' : 'woken';
}

export function unpark(address: number, count: number): number {
	return futexCall(systemCalls().futex, address, FUTEX_WAKE, count, null, 0, 0);
}

export function yieldProcessor(): void {
	schedYield();
}
