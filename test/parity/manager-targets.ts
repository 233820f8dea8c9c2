/** What the manager tests register, and what their children do. */
import type {
	ArrayProxy,
	BarrierProxy,
	ConditionProxy,
	Connection,
	DictProxy,
	EventProxy,
	JoinableQueueProxy,
	ListProxy,
	LockProxy,
	NamespaceProxy,
	PoolProxy,
	QueueProxy,
	SemaphoreProxy,
	SetProxy,
	ValueProxy,
} from 'polyproc';
import { BaseProxy } from 'polyproc';

/** CPython's FooBar. */
export class FooBar {
	f(): string {
		return 'f()';
	}

	g(): never {
		throw new RangeError('g()');
	}

	_h(): string {
		return '_h()';
	}
}

export function* baz(): Generator<number> {
	for (let i = 0; i < 10; i++) yield i * i;
}

/** A proxy class written by hand. */
export class BazProxy extends BaseProxy {
	async *[Symbol.asyncIterator](): AsyncGenerator<number> {
		for (;;) {
			const { done, value } = (await this.callMethod('next')) as IteratorResult<number>;
			if (done === true) return;
			yield value;
		}
	}
}

/** The queue that a program serves to others. */
export class Mailbox {
	readonly #items: unknown[] = [];

	put(item: unknown): void {
		this.#items.push(item);
	}

	get(): unknown {
		return this.#items.shift();
	}
}

const theMailbox = new Mailbox();

/** The one of the process that it is called in. */
export function mailbox(): Mailbox {
	return theMailbox;
}

export function markServer(mark: string): void {
	process.title = mark;
}

export class Titled {
	title(): string {
		return process.title;
	}
}

export async function useEvent(event: EventProxy, line: Connection): Promise<void> {
	await line.send(await event.isSet());
	await event.clear();
	await line.send(event.isSetSync());
}

export async function leaveLocked(lock: LockProxy, line: Connection): Promise<void> {
	await lock.acquire();
	await line.send(await lock.locked());
	await line.recv();
}

export function acquireAndRelease(lock: LockProxy | ConditionProxy, line: Connection): void {
	line.sendSync(lock.acquireSync());
	lock.acquireSync({ timeout: 0 });
	if (lock.lockedSync()) lock.releaseSync();
	line.sendSync('done');
}

export function takePermit(semaphore: SemaphoreProxy, line: Connection): void {
	line.sendSync(semaphore.acquireSync());
}

export function acquireCondition(condition: ConditionProxy, line: Connection): void {
	line.sendSync(condition.acquireSync());
	condition.releaseSync();
}

export function lookAtBarrier(barrier: BarrierProxy, line: Connection): void {
	line.sendSync(barrier.partiesSync());
	barrier.resetSync();
}

export async function usePool(pool: PoolProxy, line: Connection): Promise<void> {
	await line.send(await pool.apply(Math.max, [3, 4]));
}

export async function drain(queue: QueueProxy | JoinableQueueProxy, line: Connection): Promise<void> {
	const seen: unknown[] = [await queue.qsize(), await queue.full(), await queue.get()];
	seen.push(await queue.qsize(), await queue.full(), queue.getSync(), await queue.empty());
	await line.send(seen);
}

export async function useList(list: ListProxy<number>, line: Connection): Promise<void> {
	await list.push(4);
	await list.set(0, 10);
	await line.send([await list.getValue(), list.lengthSync()]);
}

export async function useDict(dict: DictProxy<string, number>, line: Connection): Promise<void> {
	await dict.set('c', 3);
	dict.deleteSync('a');
	await line.send(await dict.entries());
}

export async function useValue(value: ValueProxy<'i'>, line: Connection): Promise<void> {
	await line.send([await value.get(), value.getSync()]);
	value.setSync(2);
}

export async function useArray(array: ArrayProxy<'i'>, line: Connection): Promise<void> {
	await line.send([await array.at(0), await array.length(), await array.slice()]);
	await array.set(1, 9);
}

export async function useNamespace(names: NamespaceProxy, line: Connection): Promise<void> {
	await line.send([await names.get('x'), names.getSync('y')]);
	await names.set('z', 3);
}

export async function useSet(set: SetProxy<number>, line: Connection): Promise<void> {
	await set.add(4);
	await line.send([set.hasSync(4), (await set.values()).length]);
}
