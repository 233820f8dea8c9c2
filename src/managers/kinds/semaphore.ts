/** Semaphore and BoundedSemaphore of a manager. A permit has no owner: who ends takes its permits along. */
import { rangeError } from '../../base/errors.ts';
import type { Call } from '../server/call.ts';
import { type OwnKind, ownKind } from '../server/kind.ts';
import { endOfWait, type Limits, Waiters } from '../server/waiters.ts';

class ManagedSemaphore {
	readonly #name: string;
	readonly #bound: number;
	readonly #waiters = new Waiters<true>();
	free: number;

	constructor(name: string, free: number, bound: number) {
		if (!Number.isSafeInteger(free) || free < 0)
			throw rangeError(`${name}: the value must be a whole number from 0 on, not ${String(free)}`);
		this.#name = name;
		this.free = free;
		this.#bound = bound;
	}

	acquire(call: Call, limits?: Limits): boolean | Promise<boolean> {
		const deadline = endOfWait(limits, `${this.#name}.acquire`);
		if (this.free > 0) {
			this.free -= 1;
			return true;
		}
		return this.#waiters.wait(call, deadline).then((got) => got === true);
	}

	release(): void {
		if (this.free >= this.#bound)
			throw rangeError(`${this.#name}.release: all ${this.#bound} permits are free already.`);
		if (this.#waiters.wake(true) === undefined) this.free += 1;
	}
}

const METHODS = {
	acquire(this: Call, semaphore: ManagedSemaphore, limits?: Limits) {
		return semaphore.acquire(this, limits);
	},
	release: (semaphore: ManagedSemaphore) => semaphore.release(),
	getValue: (semaphore: ManagedSemaphore) => semaphore.free,
	locked: (semaphore: ManagedSemaphore) => semaphore.free === 0,
};

function semaphoreKind(name: string, isBounded: boolean): OwnKind {
	return {
		make: (value: number = 1) => new ManagedSemaphore(name, value, isBounded ? value : Number.POSITIVE_INFINITY),
		kind: ownKind<ManagedSemaphore>(name, METHODS, { shape: 'Acquirer', copy: ({ free }) => free }),
	};
}

export const SEMAPHORE: OwnKind = semaphoreKind('Semaphore', false);
export const BOUNDED_SEMAPHORE: OwnKind = semaphoreKind('BoundedSemaphore', true);
