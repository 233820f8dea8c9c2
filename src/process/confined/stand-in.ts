/**
 * What a confined process has in place of a shared object: an object with the same methods, which its broker performs.
 * Those that return promises there do so here; all others block until the broker has answered.
 */
import type { WaitOptions } from '../../base/deadline.ts';
import { BufferTooShort, TimeoutError } from '../../base/errors.ts';
import { byteTarget } from '../../channel/byte-arguments.ts';
import { itemsOf, messagesOf } from '../../channel/contents.ts';
import { checkPredicate, waitUntilTrue, waitUntilTrueSync } from '../../sync/predicate.ts';
import { type Elsewhere, waitedForElsewhere } from '../../sync/waitable.ts';
import { handoff, registerShared } from '../../wire/handoff.ts';
import { Unpicklable } from '../../wire/unpicklable.ts';
import type { BrokerCalls } from './calls.ts';
import { WAIT } from './frames.ts';
import { type KindName, type Members, membersOf, READ, STAND_IN, type StandInReference, WRITE } from './members.ts';
import { References } from './references.ts';

type Methods = Readonly<Record<PropertyKey, unknown>>;

/** As far as what is defined here needs to know of what the broker does. */
interface Own extends StandIn {
	readonly closed: boolean;
	acquire(options?: unknown): Promise<boolean>;
	acquireSync(options?: unknown): boolean;
	release(): void;
	close(): void;
	get(): Promise<unknown>;
	empty(): boolean;
	recv(): Promise<unknown>;
	recvBytes(maxLength: undefined, options: unknown): Promise<Uint8Array>;
	recvBytesSync(): Uint8Array;
	wait(options: unknown): Promise<boolean>;
	waitSync(timeout: number): boolean;
	slice(): Iterable<unknown>;
}

class StandIn {
	readonly #calls: BrokerCalls;
	readonly #id: number;

	constructor(calls: BrokerCalls, id: number) {
		this.#calls = calls;
		this.#id = id;
	}

	/** An `AbortSignal` stays here; what it says is passed on. `at`: where the options are. */
	static call(
		of: StandIn,
		name: string,
		args: readonly unknown[],
		at: number,
		object: number = of.#id,
	): Promise<unknown> {
		const options = args[at] as { signal?: AbortSignal | undefined } | number | null | undefined;
		const signal = typeof options === 'object' && options !== null ? options.signal : undefined;
		const passed = signal === undefined ? args : args.with(at, { ...(options as object), signal: undefined });
		return of.#calls.call(object, name, passed, signal);
	}

	static callSync(of: StandIn, name: string, args: readonly unknown[]): unknown {
		return of.#calls.callSync(of.#id, name, args);
	}

	get [waitedForElsewhere](): Elsewhere {
		const ids = (objects: readonly object[]): number[] => objects.map((object) => (object as StandIn).#id);
		return {
			wait: (objects, options) => StandIn.call(this, '', [ids(objects), options], 1, WAIT) as Promise<number[]>,
			waitSync: (objects, options) => this.#calls.callSync(WAIT, '', [ids(objects), options]) as number[],
		};
	}

	[handoff](): never {
		throw new Unpicklable(
			'this process, which has permissions, was given it for its own use; only the process that started it can pass it on',
		);
	}
}

function held(by: Own, acquired: boolean): Disposable {
	if (!acquired) throw new TimeoutError('hold: the lock was not free in time.');
	return { [Symbol.dispose]: () => by.release() };
}

const LOCKABLE = {
	async hold(this: Own, options?: unknown): Promise<Disposable> {
		return held(this, await this.acquire(options));
	},
	holdSync(this: Own, options?: unknown): Disposable {
		return held(this, this.acquireSync(options));
	},
};

const CLOSABLE = {
	[Symbol.dispose](this: Own): void {
		this.close();
	},
};

const QUEUE = {
	...CLOSABLE,
	[Symbol.asyncIterator](this: Own): AsyncGenerator<unknown, void, undefined> {
		return itemsOf(this);
	},
};

const ARRAY = {
	[Symbol.iterator](this: Own): Iterator<unknown> {
		return this.slice()[Symbol.iterator]();
	},
};

/** What the broker knows nothing of. */
const MORE: Readonly<Partial<Record<KindName, Methods>>> = {
	Connection: {
		...CLOSABLE,
		async recvBytesInto(this: Own, target: unknown, offset?: number, options?: unknown): Promise<number> {
			const room = byteTarget(target, offset, 'recvBytesInto');
			return copy(await this.recvBytes(undefined, options), room);
		},
		recvBytesIntoSync(this: Own, target: unknown, offset?: number): number {
			const room = byteTarget(target, offset, 'recvBytesIntoSync');
			return copy(this.recvBytesSync(), room);
		},
		[Symbol.asyncIterator](this: Own): AsyncGenerator<unknown, void, undefined> {
			return messagesOf(this);
		},
	},
	Queue: QUEUE,
	JoinableQueue: QUEUE,
	SimpleQueue: QUEUE,
	Lock: LOCKABLE,
	RLock: LOCKABLE,
	Semaphore: LOCKABLE,
	BoundedSemaphore: LOCKABLE,
	Condition: {
		...LOCKABLE,
		async waitFor(this: Own, predicate: () => unknown, timeout?: WaitOptions): Promise<boolean> {
			checkPredicate(predicate, 'waitFor');
			return waitUntilTrue(this, predicate, timeout);
		},
		waitForSync(this: Own, predicate: () => unknown, timeout?: WaitOptions): boolean {
			checkPredicate(predicate, 'waitForSync');
			return waitUntilTrueSync(this, predicate, timeout);
		},
	},
	Value: LOCKABLE,
	Array: { ...LOCKABLE, ...ARRAY },
	RawArray: ARRAY,
};

function copy(bytes: Uint8Array, room: Uint8Array): number {
	if (bytes.length > room.length) {
		throw new BufferTooShort(`a message of ${bytes.length} bytes does not fit into ${room.length}.`, bytes);
	}
	room.set(bytes);
	return bytes.length;
}

function define(prototype: object, name: PropertyKey, value: (...args: never[]) => unknown): void {
	Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}

function classOf(kind: KindName): typeof StandIn {
	const { [kind]: made } = { [kind]: class extends StandIn {} };
	const { prototype } = made!;
	const { awaited = {}, prompt = [], readable = [], writable = [] }: Members = membersOf(kind);
	for (const [name, at] of Object.entries(awaited)) {
		define(prototype, name, async function (this: StandIn, ...args) {
			return StandIn.call(this, name, args, at);
		});
		define(prototype, `${name}Sync`, function (this: StandIn, ...args) {
			return StandIn.callSync(this, name, args);
		});
	}
	for (const name of prompt) {
		define(prototype, name, function (this: StandIn, ...args) {
			return StandIn.callSync(this, name, args);
		});
	}
	for (const name of readable) Object.defineProperty(prototype, name, property(name, writable.includes(name)));
	const more = MORE[kind] ?? {};
	for (const name of Reflect.ownKeys(more)) define(prototype, name, Reflect.get(more, name) as () => unknown);
	return made!;
}

function property(name: string, isWritable: boolean): PropertyDescriptor {
	const get = function (this: StandIn): unknown {
		return StandIn.callSync(this, READ + name, []);
	};
	const set = function (this: StandIn, value: unknown): void {
		StandIn.callSync(this, WRITE + name, [value]);
	};
	return isWritable ? { get, set, configurable: true } : { get, configurable: true };
}

/** What has come of one object. */
class Received {
	readonly #standIn: WeakRef<StandIn>;
	readonly references: References;

	constructor(standIn: StandIn, references: References) {
		this.#standIn = new WeakRef(standIn);
		this.references = references;
	}

	get standIn(): StandIn | undefined {
		return this.#standIn.deref();
	}
}

/** From now on stand-ins can arrive. */
export function receiveStandIns(calls: BrokerCalls): void {
	const classes = new Map<KindName, typeof StandIn>();
	const received = new Map<number, Received>();
	const unused = new FinalizationRegistry<number>((id) => {
		const last = received.get(id);
		if (last === undefined || last.standIn !== undefined) return; // there is another one by now
		received.delete(id);
		calls.release(id, last.references.count);
	});
	registerShared<StandInReference>(STAND_IN, ({ type, id, serial }) => {
		const last = received.get(id);
		const references = last?.references ?? new References();
		references.note(serial);
		if (last?.standIn !== undefined) return last.standIn;
		if (!classes.has(type)) classes.set(type, classOf(type));
		const standIn = new (classes.get(type)!)(calls, id);
		received.set(id, new Received(standIn, references));
		unused.register(standIn, id);
		return standIn;
	});
}
