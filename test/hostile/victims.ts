/** Objects that are written over, and what a host does with them: everything with a limit to how long it may wait. */
import { inspect } from 'node:util';
import {
	Barrier,
	BoundedSemaphore,
	Condition,
	type Connection,
	Event,
	JoinableQueue,
	Lock,
	Pipe,
	Queue,
	RLock,
	Semaphore,
	Array as SharedArray,
	SimpleQueue,
	Value,
	wait,
	waitGraph,
} from '../../src/index.ts';

/** Milliseconds. */
const SHORT = { timeout: 4 };
const LARGE: Uint8Array = new Uint8Array(200_000).fill(7);

export interface Victim {
	/** The object, or all of them. */
	readonly object: object;
	/** Each a call, or some that belong together. */
	readonly deeds: readonly (() => unknown)[];
}

function soon(): { signal: AbortSignal } {
	return { signal: AbortSignal.timeout(8) };
}

function lockDeeds(lock: Lock | RLock): (() => unknown)[] {
	return [
		() => lock.acquireSync(SHORT),
		() => lock.acquire(SHORT),
		() => lock.acquire({ block: false }),
		() => lock.acquireSync({ block: false }),
		() => lock.release(),
		() => lock.release(),
		() => lock.locked() || lock.ownerDied || inspect(lock),
		() => waitGraph(),
	];
}

function queueDeeds(queue: Queue | JoinableQueue): (() => unknown)[] {
	return [
		() => queue.putNowait('text'),
		() => queue.putSync({ a: 1 }, SHORT),
		() => queue.put(LARGE.subarray(0, 20_000), SHORT),
		() => queue.put([new Lock()], SHORT),
		() => queue.getNowait(),
		() => queue.getSync(SHORT),
		() => queue.get(SHORT),
		() => queue.qsize() + Number(queue.empty()) + Number(queue.full()),
		() => wait([queue], SHORT),
		() => inspect(queue),
	];
}

function connectionDeeds(one: Connection, other: Connection): (() => unknown)[] {
	return [
		() => one.send({ some: 'thing' }, soon()),
		() => one.send([new Lock()], soon()),
		() => other.recv(soon()),
		() => other.recv(soon()),
		() => other.recvBytes(1000, soon()),
		() => other.recvBytesInto(new Uint8Array(100), 0, soon()),
		() => Promise.allSettled([one.sendBytes(LARGE, 0, LARGE.length, soon()), other.recvBytes(undefined, soon())]),
		() => other.pollSync(2),
		() => other.poll(SHORT),
		() => wait([other], SHORT),
	];
}

function conditionDeeds(condition: Condition): (() => unknown)[] {
	return [
		() => condition.acquireSync(SHORT),
		() => condition.acquire(SHORT),
		() => condition.wait(SHORT),
		() => condition.waitSync(SHORT),
		() => condition.notify(),
		() => condition.notifyAll(),
		() => condition.release(),
		() => inspect(condition),
	];
}

const MAKERS: Readonly<Record<string, () => Victim>> = {
	Queue: () => {
		const queue = new Queue(5);
		return { object: queue, deeds: [...queueDeeds(queue), () => queue.close()] };
	},
	'Queue with a limit in bytes': () => {
		const queue = new Queue(0, { maxBytes: 100_000 });
		return { object: queue, deeds: queueDeeds(queue) };
	},
	JoinableQueue: () => {
		const queue = new JoinableQueue();
		return { object: queue, deeds: [...queueDeeds(queue), () => queue.taskDone(), () => queue.join(SHORT)] };
	},
	SimpleQueue: () => {
		const queue = new SimpleQueue();
		return {
			object: queue,
			deeds: [() => queue.put(1), () => queue.putSync('two'), () => queue.get(SHORT), () => queue.empty()],
		};
	},
	Pipe: () => {
		const [one, other] = Pipe();
		return { object: [one, other], deeds: [...connectionDeeds(one, other), ...connectionDeeds(other, one)] };
	},
	'one-way Pipe': () => {
		const [reader, writer] = Pipe({ duplex: false });
		return { object: [reader, writer], deeds: connectionDeeds(writer, reader) };
	},
	Lock: () => {
		const lock = new Lock();
		return { object: lock, deeds: lockDeeds(lock) };
	},
	RLock: () => {
		const lock = new RLock({ onOwnerDeath: 'throw' });
		return { object: lock, deeds: lockDeeds(lock) };
	},
	Semaphore: () => semaphore(new Semaphore(2)),
	BoundedSemaphore: () => semaphore(new BoundedSemaphore(2)),
	Condition: () => {
		const condition = new Condition();
		return { object: condition, deeds: conditionDeeds(condition) };
	},
	Event: () => {
		const event = new Event();
		return {
			object: event,
			deeds: [
				() => event.set(),
				() => event.clear(),
				() => event.isSet(),
				() => event.wait(SHORT),
				() => event.waitSync(SHORT),
			],
		};
	},
	Barrier: () => {
		const barrier = new Barrier(2);
		return {
			object: barrier,
			deeds: [
				() => Promise.allSettled([barrier.wait(SHORT), barrier.wait(SHORT)]),
				() => barrier.wait(SHORT),
				() => barrier.waitSync(SHORT),
				() => barrier.abort(),
				() => barrier.reset(),
				() => [barrier.parties, barrier.nWaiting, barrier.broken, inspect(barrier)],
			],
		};
	},
	Value: () => {
		const value = new Value('i', 1);
		const text = new Value('u', 'x');
		return {
			object: [value, text],
			deeds: [() => value.value++, () => value.add(1), () => text.value, ...lockDeeds(value.getLock() as RLock)],
		};
	},
	Array: () => {
		const array = new SharedArray('d', [1, 2, 3]);
		const text = new SharedArray('u', 'text');
		return {
			object: [array, text],
			deeds: [() => array.set(0, 2), () => array.slice(), () => text.value, () => inspect(array)],
		};
	},
};

function semaphore(permits: Semaphore): Victim {
	return {
		object: permits,
		deeds: [
			() => permits.acquireSync(SHORT),
			() => permits.acquire(SHORT),
			() => permits.acquire({ block: false }),
			() => permits.release(),
			() => permits.getValue(),
			() => inspect(permits),
		],
	};
}

export const KINDS: readonly string[] = Object.keys(MAKERS);

export function makeVictim(kind: string): Victim {
	return MAKERS[kind]!();
}
