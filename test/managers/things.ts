/** What the processes of these tests run, and what their managers make. */
import {
	BaseManager,
	type EventProxy,
	type LockProxy,
	Queue,
	type QueueProxy,
	type Remote,
	SyncManager,
} from 'polyproc';

export class Things {
	add(a: number, b: number): number {
		return a + b;
	}

	secret(): string {
		return 'not for everybody';
	}

	fail(): never {
		throw new RangeError('too far');
	}

	cannotTravel(): unknown {
		return { kept: [new WeakMap()] };
	}

	never(): Promise<never> {
		return new Promise(() => {});
	}
}

export class ThingsManager extends BaseManager {
	declare Things: () => Promise<Remote<Things>>;
	declare Sum: () => Promise<Remote<Pick<Things, 'add'>>>;
	declare Jobs: () => Promise<Remote<Queue<string>>>;
	declare Nothing: () => Promise<unknown>;
}
ThingsManager.register('Things', Things);
ThingsManager.register('Sum', Things, { exposed: ['add'] });
ThingsManager.register('Jobs', () => new Queue<string>());

let shared: Map<string, unknown> | undefined;

/** One table for everybody who asks. */
export function table(): Map<string, unknown> {
	shared ??= new Map();
	return shared;
}

export class TableManager extends SyncManager {
	declare table: () => Promise<Remote<Pick<Map<string, unknown>, 'get' | 'set'>>>;
}
TableManager.register('table', table, { exposed: ['get', 'set'] });

/** Whoever has acquired it once more than released. */
export async function acquireAndStay(lock: Pick<LockProxy, 'acquire'>, ready: EventProxy): Promise<void> {
	await lock.acquire();
	await ready.set();
	await new Promise((resolve) => setTimeout(resolve, 60_000));
}

/** Waits for an item. The server has got that before it hears of the event. */
export async function waitForItem(queue: QueueProxy<string>, ready: EventProxy): Promise<void> {
	const item = queue.get();
	await ready.set();
	await item;
}
