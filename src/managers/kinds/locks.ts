/**
 * Lock and RLock of a manager. They are held by clients, that is by threads of processes: when the holder ends without
 * having released it, however it ends, a lock goes to the next who waits, and says so.
 */
import { ProcessError, rangeError } from '../../base/errors.ts';
import type { Call } from '../server/call.ts';
import { type OwnKind, ownKind } from '../server/kind.ts';
import type { Session } from '../server/session.ts';
import { endOfWait, type Limits, Waiters } from '../server/waiters.ts';

/** Of either kind. */
export class ManagedLock {
	readonly name: string;
	readonly isRecursive: boolean;
	#holder: Session | undefined;
	#depth = 0;
	#ownerDied = false;
	#forget: () => void = () => {};
	/** Each brings how often it wants to hold it. */
	readonly #waiters = new Waiters<true, number>();

	constructor(name: string, isRecursive: boolean) {
		this.name = name;
		this.isRecursive = isRecursive;
	}

	get isLocked(): boolean {
		return this.#depth > 0;
	}

	get ownerDied(): boolean {
		return this.#ownerDied;
	}

	isHeldBy(call: Call): boolean {
		return this.#holder === call.session;
	}

	/** Takes it, to be released `depth` times. */
	acquire(call: Call, limits?: Limits, depth: number = 1): boolean | Promise<boolean> {
		const deadline = endOfWait(limits, `${this.name}.acquire`);
		if (call.session.hasEnded) return false;
		if (this.#depth === 0) {
			this.#give(call.session, depth);
			return true;
		}
		if (this.isRecursive && this.isHeldBy(call)) {
			this.#depth += depth;
			return true;
		}
		if (deadline.expired) return false;
		return this.#waiters.wait(call, deadline, depth).then((got) => got === true);
	}

	release(call: Call): void {
		if (this.#depth === 0)
			throw rangeError(`${this.name}.release: the lock is not held; it was released more often than it was acquired.`);
		if (this.isRecursive && !this.isHeldBy(call)) {
			throw new ProcessError(
				`${this.name}.release: another thread or process holds this lock; only its holder can release it.`,
				{
					code: 'ERR_MP_NOT_OWNER',
				},
			);
		}
		this.#depth -= 1;
		if (this.#depth === 0) this.#passOn(false);
	}

	/** Lets go of it however often it is held. How often that was. */
	releaseAll(): number {
		const depth = this.#depth;
		this.#depth = 0;
		this.#passOn(false);
		return depth;
	}

	#give(session: Session, depth: number): void {
		this.#holder = session;
		this.#depth = depth;
		this.#forget = session.onEnd(() => this.#passOn(true));
	}

	#passOn(ownerDied: boolean): void {
		this.#forget();
		this.#forget = () => {};
		this.#holder = undefined;
		this.#depth = 0;
		this.#ownerDied = ownerDied;
		let next = this.#waiters.wake(true);
		while (next?.call.session.hasEnded) next = this.#waiters.wake(true);
		if (next !== undefined) this.#give(next.call.session, next.offer);
	}
}

const METHODS = {
	acquire(this: Call, lock: ManagedLock, limits?: Limits) {
		return lock.acquire(this, limits);
	},
	release(this: Call, lock: ManagedLock) {
		lock.release(this);
	},
	locked: (lock: ManagedLock) => lock.isLocked,
	ownerDied: (lock: ManagedLock) => lock.ownerDied,
};

function lockKind(name: string, isRecursive: boolean): OwnKind {
	return {
		make: () => new ManagedLock(name, isRecursive),
		kind: ownKind<ManagedLock>(name, METHODS, { shape: 'Acquirer' }),
	};
}

export const LOCK: OwnKind = lockKind('Lock', false);
export const RLOCK: OwnKind = lockKind('RLock', true);
