/** A module with shared objects of its own. */
import { Lock, Value } from 'polyproc';

const guard = new Lock();
const number = new Value('i', 0);

export function addUnder(lock: Lock, value: Value<'i'>, times: number): void {
	for (let i = 0; i < times; i++) {
		lock.acquireSync();
		guard.acquireSync();
		value.value += 1;
		guard.release();
		lock.release();
	}
}

export function addHere(count: number): void {
	number.value += count;
}

export function numberHere(): number {
	return number.value;
}
