/** Condition of a manager: over a lock of the same manager, or one of its own. */
import { ProcessError, rangeError, typeError } from '../../base/errors.ts';
import { Call } from '../server/call.ts';
import { type OwnKind, ownKind } from '../server/kind.ts';
import { referentOf } from '../server/referent.ts';
import { endOfWait, type Limits, Waiters } from '../server/waiters.ts';
import { ManagedLock } from './locks.ts';

class ManagedCondition {
	readonly lock: ManagedLock;
	readonly #waiters = new Waiters<true>();

	constructor(lock: ManagedLock) {
		this.lock = lock;
	}

	async wait(call: Call, limits?: number | Limits): Promise<boolean> {
		const deadline = endOfWait(limits, 'Condition.wait');
		this.#check(call, 'wait');
		const woken = this.#waiters.wait(call, deadline);
		const depth = this.lock.releaseAll();
		try {
			return (await woken) === true;
		} finally {
			await this.lock.acquire(new Call(call.session), undefined, depth); // also for a call that was called off
		}
	}

	notify(call: Call, count: number): void {
		this.#check(call, 'notify');
		if (!Number.isInteger(count) || count < 1)
			throw rangeError(`Condition.notify: n must be a whole number from 1 on, not ${count}`);
		for (let i = 0; i < count && this.#waiters.wake(true) !== undefined; i++);
	}

	notifyAll(call: Call): void {
		this.#check(call, 'notifyAll');
		this.#waiters.wakeAll(true);
	}

	#check(call: Call, method: string): void {
		const isHeld = this.lock.isRecursive ? this.lock.isHeldBy(call) : this.lock.isLocked;
		if (isHeld) return;
		throw new ProcessError(`Condition.${method}: acquire the condition first.`, { code: 'ERR_MP_NOT_OWNER' });
	}
}

export const CONDITION: OwnKind = {
	make: (lock?: object) => {
		if (lock === undefined || lock === null) return new ManagedCondition(new ManagedLock('Condition', true));
		const referent = referentOf(lock);
		if (referent instanceof ManagedLock) return new ManagedCondition(referent);
		throw typeError('Condition: its lock must be a Lock or RLock of the same manager');
	},
	kind: ownKind<ManagedCondition>(
		'Condition',
		{
			acquire(this: Call, condition, limits?: Limits) {
				return condition.lock.acquire(this, limits);
			},
			release(this: Call, condition) {
				condition.lock.release(this);
			},
			locked: ({ lock }) => lock.isLocked,
			ownerDied: ({ lock }) => lock.ownerDied,
			wait(this: Call, condition, limits?: number | Limits) {
				return condition.wait(this, limits);
			},
			notify(this: Call, condition, count: number = 1) {
				condition.notify(this, count);
			},
			notifyAll(this: Call, condition) {
				condition.notifyAll(this);
			},
		},
		{ shape: 'Condition' },
	),
};
