/** What the children of the manager tests do, and what is registered. */
import type {
	BarrierProxy,
	ConditionProxy,
	Connection,
	DictProxy,
	EventProxy,
	JoinableQueueProxy,
	LockProxy,
	QueueProxy,
	Remote,
} from 'polyproc';

/** For `update`: one more. */
export function increment(map: Map<string, number>, key: string): void {
	map.set(key, (map.get(key) ?? 0) + 1);
}

/** For `update`: one more, with a pause in the middle. */
export async function incrementSlowly(map: Map<string, number>, key: string): Promise<void> {
	const old = map.get(key) ?? 0;
	await new Promise((resolve) => setImmediate(resolve));
	map.set(key, old + 1);
}

export async function incrementOften(dict: DictProxy<string, number>, times: number): Promise<void> {
	await Promise.all(Array.from({ length: times }, () => dict.update(increment, 'n')));
}

export function incrementSync(dict: DictProxy<string, number>, times: number): void {
	for (let i = 0; i < times; i++) dict.updateSync(increment, 'n');
}

/** Sends, awaiting nothing, and then asks in the other form. */
export function setThenLook(dict: DictProxy<string, number>): void {
	for (let i = 0; i < 100; i++) void dict.set('last', i);
	if (dict.getSync('last') !== 99) throw new Error('a call overtook another one of its own thread');
}

/** Holds a lock, says so, and is killed. */
export async function dieHolding(lock: LockProxy, ready: EventProxy): Promise<void> {
	await lock.acquire();
	await ready.set();
	setInterval(() => {}, 1000);
}

/** Waits in every way there is, says so, and is killed. */
export async function dieWaiting(
	queue: QueueProxy,
	lock: LockProxy,
	barrier: BarrierProxy,
	ready: EventProxy,
): Promise<void> {
	void queue.get();
	void lock.acquire();
	void barrier.wait();
	await ready.set();
	setInterval(() => {}, 1000);
}

/** Waits with a condition, and is killed. */
export async function dieWithCondition(condition: ConditionProxy, ready: EventProxy): Promise<void> {
	await condition.acquire();
	const waiting = condition.wait();
	await ready.set();
	await waiting;
}

export async function incrementAndNotify(condition: ConditionProxy, dict: DictProxy<string, number>): Promise<void> {
	await condition.acquire();
	await dict.update(increment, 'n');
	await condition.notify();
	await condition.release();
}

export class Vault {
	readonly secret = 'secret';
	#inside = 0;

	constructor() {
		this.#inside = 1;
	}

	open(): number {
		return this.#inside;
	}

	_hidden(): string {
		return 'hidden';
	}

	unpicklable(): unknown {
		return new WeakMap();
	}

	self(): this {
		return this;
	}

	another(): Vault {
		return new Vault();
	}
}

export type VaultProxy = Omit<Remote<Vault>, 'another'> & { another(): Promise<Remote<Vault>> };

/** Meets the others, and then does what there is to be done. */
export async function meetAndWork(barrier: BarrierProxy, queue: JoinableQueueProxy): Promise<void> {
	await barrier.wait();
	for (let isOver = false; !isOver; ) {
		isOver = await queue.get({ block: false }).then(
			async () => {
				await queue.taskDone();
				return false;
			},
			() => true,
		);
	}
}

/** Takes two items, is done with one, says so, and waits to be killed. */
export async function dieWorking(queue: JoinableQueueProxy, ready: EventProxy): Promise<void> {
	await queue.get();
	await queue.get();
	await queue.taskDone();
	await ready.set();
	await new Promise(() => setInterval(() => undefined, 1e6));
}

/** Uses a vault, and another one that its manager makes, in both forms. */
export async function openBoth(
	manager: { Vault(): Promise<Remote<Vault>> },
	vault: Remote<Vault>,
	line: Connection,
): Promise<void> {
	await line.send([vault.openSync(), await vault.open(), await (await manager.Vault()).open()]);
}

/** For `update`: never gives the server back. */
export function blockForEver(): never {
	for (;;);
}

export function size(map: Map<unknown, unknown>): number {
	return map.size;
}

/** For `update`: asks another object of the same server. */
export function askInside(map: Map<string, DictProxy<string, number>>): unknown {
	return map.get('inner')!.getSync('x');
}

export function waitInside(map: Map<string, QueueProxy>): unknown {
	return map.get('queue')!.getSync();
}
