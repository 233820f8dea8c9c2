/** Waiting until a predicate is true, for a condition, or for what stands in for one in another process. */
import { Deadline, type WaitOptions } from '../base/deadline.ts';
import { typeError } from '../base/errors.ts';

/** As far as it is needed here: waits until it is notified, with the lock held before and after. */
interface Notified {
	wait(options: WaitOptions): Promise<boolean>;
	waitSync(timeout: number): boolean;
}

/** @throws TypeError */
export function checkPredicate(predicate: unknown, call: string): void {
	if (typeof predicate === 'function') return;
	throw typeError(`Condition.${call}: predicate must be a function, not ${typeof predicate}`);
}

/** False: time was up first. */
export async function waitUntilTrue(of: Notified, predicate: () => unknown, timeout?: WaitOptions): Promise<boolean> {
	const deadline = Deadline.from(timeout, 'Condition.waitFor');
	while (!(await predicate())) {
		if (deadline.expired) return false;
		await of.wait({ timeout: deadline.remaining, signal: deadline.signal });
	}
	return true;
}

/** As `waitUntilTrue`, blocking this thread. */
export function waitUntilTrueSync(of: Notified, predicate: () => unknown, timeout?: WaitOptions): boolean {
	const deadline = Deadline.from(timeout, 'Condition.waitForSync');
	while (!isTrue(predicate())) {
		if (deadline.expired) return false;
		of.waitSync(deadline.remaining);
	}
	return true;
}

function isTrue(answer: unknown): boolean {
	if (typeof (answer as PromiseLike<unknown> | null | undefined)?.then === 'function') {
		throw typeError('Condition.waitForSync: predicate returned a promise, which cannot be awaited here; use waitFor');
	}
	return Boolean(answer);
}
