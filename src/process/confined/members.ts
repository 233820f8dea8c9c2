/**
 * What a confined process can do with each kind of shared object it is given. It has no shared memory; its broker does it
 * in its place (broker.ts).
 */

/** Of one kind. */
export interface Members {
	/** Methods that return promises, and which of their arguments is the options `{timeout, signal}`. Each has a `…Sync` form. */
	readonly awaited?: Readonly<Record<string, number>>;
	/** Methods that do not. */
	readonly prompt?: readonly string[];
	/** Properties. */
	readonly readable?: readonly string[];
	readonly writable?: readonly string[];
}

const LOCKABLE: Members = { awaited: { acquire: 0 }, prompt: ['release', 'locked'], readable: ['ownerDied'] };
const COUNTED: Members = { awaited: { acquire: 0 }, prompt: ['release', 'locked', 'getValue'] };
const QUEUE: Members = {
	awaited: { put: 1, get: 0 },
	prompt: ['putNowait', 'getNowait', 'qsize', 'empty', 'full', 'close'],
	readable: ['closed'],
};
const VALUE: Members = { prompt: ['add', 'exchange', 'compareExchange'], readable: ['value'], writable: ['value'] };
const ARRAY: Members = {
	prompt: ['at', 'set', 'slice', 'setSlice'],
	readable: ['length', 'value', 'raw'],
	writable: ['value', 'raw'],
};
/** What an object has that comes with its lock. */
const LOCKED: Members = { awaited: { acquire: 0 }, prompt: ['release', 'getLock', 'getObj'] };

function both(a: Members, b: Members): Members {
	return { ...a, ...b, prompt: [...(a.prompt ?? []), ...(b.prompt ?? [])] };
}

export const MEMBERS = {
	Connection: {
		awaited: { send: 1, recv: 0, sendBytes: 3, recvBytes: 1, poll: 0 },
		prompt: ['close'],
		readable: ['closed', 'readable', 'writable'],
	},
	Queue: QUEUE,
	JoinableQueue: { ...both(QUEUE, { prompt: ['taskDone'] }), awaited: { ...QUEUE.awaited, join: 0 } },
	SimpleQueue: { awaited: { put: 1, get: 0 }, prompt: ['empty', 'close'], readable: ['closed'] },
	Lock: LOCKABLE,
	RLock: LOCKABLE,
	Semaphore: COUNTED,
	BoundedSemaphore: COUNTED,
	Condition: { awaited: { acquire: 0, wait: 0 }, prompt: ['release', 'locked', 'notify', 'notifyAll'] },
	Event: { awaited: { wait: 0 }, prompt: ['isSet', 'set', 'clear'] },
	Barrier: { awaited: { wait: 0 }, prompt: ['reset', 'abort'], readable: ['parties', 'nWaiting', 'broken'] },
	Value: both(VALUE, LOCKED),
	RawValue: VALUE,
	Array: both(ARRAY, LOCKED),
	RawArray: ARRAY,
} satisfies Readonly<Record<string, Members>>;

export type KindName = keyof typeof MEMBERS;

/** The same, whatever the kind. */
export function membersOf(kind: KindName): Members {
	return MEMBERS[kind];
}

/** What crosses in place of a shared object. */
export interface StandInReference {
	readonly type: KindName;
	readonly id: number;
	/** The how manieth reference to this object it is. */
	readonly serial: number;
}

/** Of references to such objects. */
export const STAND_IN = 'StandIn';

/** How members are asked for besides by their names: properties. */
export const READ = 'get ';
export const WRITE = 'set ';
