/** What some proxies have besides their methods: the classes of those that have more. */
import { now } from '../base/deadline.ts';
import { TimeoutError } from '../base/errors.ts';
import { BaseProxy } from './proxy.ts';
import type { Handle } from './token.ts';

interface Limits {
	readonly block?: boolean;
	readonly timeout?: number;
	readonly signal?: AbortSignal;
}

interface Acquirable {
	acquire(limits?: Limits): Promise<boolean>;
	acquireSync(limits?: Limits): boolean;
	release(): Promise<void>;
	releaseSync(): void;
}

/** Locks and semaphores: what was acquired can be released by `using`. */
class AcquirerProxy extends BaseProxy {
	/** Acquires it, to be released by `using`. `TimeoutError` when time is up. */
	async hold(limits?: Limits): Promise<Disposable & AsyncDisposable> {
		const lock = this as unknown as Acquirable;
		return held(lock, await lock.acquire(limits));
	}

	/** As `hold`, blocking this thread. */
	holdSync(limits?: Limits): Disposable & AsyncDisposable {
		const lock = this as unknown as Acquirable;
		return held(lock, lock.acquireSync(limits));
	}
}

function held(lock: Acquirable, isHeld: boolean): Disposable & AsyncDisposable {
	if (!isHeld) throw new TimeoutError('hold: it was not free in time.');
	return {
		[Symbol.dispose]: () => lock.releaseSync(),
		[Symbol.asyncDispose]: () => lock.release(),
	};
}

interface Waiting {
	wait(limits?: number | Limits): Promise<boolean>;
	waitSync(limits?: number | Limits): boolean;
}

/** Milliseconds that are left of `limits` when `since` of them have passed. */
function rest(limits: number | Limits | undefined, since: number): Limits {
	const { timeout, ...others } = typeof limits === 'number' ? { timeout: limits } : (limits ?? {});
	return timeout === undefined ? others : { ...others, timeout: timeout - since };
}

/** The predicate is the caller's own affair: it is called here, with the condition held. */
class ConditionProxy extends AcquirerProxy {
	/** Waits until `predicate` is true; false: not in time. */
	async waitFor(predicate: () => unknown, limits?: number | Limits): Promise<boolean> {
		const start = now();
		for (;;) {
			if (await predicate()) return true;
			const left = rest(limits, now() - start);
			if (left.timeout !== undefined && left.timeout <= 0) return false;
			await (this as unknown as Waiting).wait(left);
		}
	}

	/** As `waitFor`, blocking this thread. */
	waitForSync(predicate: () => unknown, limits?: number | Limits): boolean {
		const start = now();
		for (;;) {
			if (predicate()) return true;
			const left = rest(limits, now() - start);
			if (left.timeout !== undefined && left.timeout <= 0) return false;
			(this as unknown as Waiting).waitSync(left);
		}
	}
}

/** The value as a property, as Python has it: a promise of it, and blocking, to be read and written. */
class ValueProxy extends BaseProxy {
	get value(): Promise<unknown> {
		return this.callMethod('get');
	}

	get valueSync(): unknown {
		return this.callMethodSync('get');
	}

	set valueSync(value: unknown) {
		this.callMethodSync('set', [value]);
	}
}

/** An iterator that is iterated over here. */
class IteratorProxy extends BaseProxy implements AsyncIterable<unknown> {
	async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
		const steps = this as unknown as { next(): Promise<IteratorResult<unknown>>; return(): Promise<unknown> };
		let isOver = false;
		try {
			for (;;) {
				const { done, value } = await steps.next();
				isOver = done === true;
				if (isOver) return;
				yield value;
			}
		} finally {
			if (!isOver) await steps.return();
		}
	}
}

/** The classes, by the names that kinds give. */
export const SHAPES: ReadonlyMap<string, new (handle: Handle) => BaseProxy> = new Map<
	string,
	new (
		handle: Handle,
	) => BaseProxy
>([
	['Acquirer', AcquirerProxy],
	['Condition', ConditionProxy],
	['Iterator', IteratorProxy],
	['Value', ValueProxy],
]);
