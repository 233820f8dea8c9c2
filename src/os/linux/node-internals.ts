/**
 * What Node keeps to itself and a fork has to put right in the child: its timers, and the random numbers that it has fetched
 * in advance. No list of Node's shows them, but its functions have captured them, and the debugger of the own process
 * tells what a function has captured. They are looked for once, in the parent.
 */
import { Session } from 'node:inspector';
import { ProcessError } from '../../base/errors.ts';
import { realTimers } from '../../base/timers.ts';

/** Timers of one duration: a ring of them, which the list itself is part of. */
interface TimerList {
	readonly _idleNext: NodeJS.Timeout | TimerList | null;
}

interface LoopInternals {
	/** By duration. The lists come and go, the object stays. */
	readonly timerListMap: Readonly<Record<string, TimerList>>;
	/** How many immediates there are, and how many of them keep the event loop running. */
	readonly immediateInfo: Uint32Array;
}

interface Remote {
	readonly objectId: string;
	readonly description?: string;
}

/** The only way to hand an object to the debugger, and to get one back. */
const DESK = "globalThis[Symbol.for('polyproc.internals-desk')]";
const desk: unique symbol = Symbol.for('polyproc.internals-desk') as never;

/** `this` is V8's wrapper of a scope; its variables are the properties of `object`. */
const TAKE = `function (...names) { for (const name of names) if (Object.hasOwn(this.object, name)) ${DESK}[name] = this.object[name]; }`;

/**
 * The variables of these names that one of Node's functions has captured. Several, for a program may have put its own in the
 * place of one. @throws ProcessError if none has.
 */
function captured(functions: readonly unknown[], names: readonly string[]): Record<string, unknown> {
	const session = new Session();
	session.connect();
	try {
		for (const fn of functions) {
			const found = capturedBy(session, fn, names);
			if (names.every((name) => name in found)) return found;
		}
	} finally {
		session.disconnect();
	}
	throw new ProcessError(
		`cannot fork: polyproc does not know where Node ${process.version} keeps what a child must not have (${names.join(', ')}). Use the start method spawn, or a version of polyproc that knows this Node.`,
		{ code: 'ERR_MP_PLATFORM' },
	);
}

function capturedBy(session: Session, fn: unknown, names: readonly string[]): Record<string, unknown> {
	const post = (method: string, parameters: object): { result: unknown; internalProperties?: unknown } => {
		let answer: unknown;
		session.post(method, parameters, (error, result) => {
			if (error) throw error;
			answer = result;
		});
		return answer as never;
	};
	const found: Record<string, unknown> = { fn };
	Reflect.set(globalThis, desk, found);
	try {
		const { objectId } = post('Runtime.evaluate', { expression: `${DESK}.fn` }).result as Remote;
		const all = post('Runtime.getProperties', { objectId, ownProperties: true }).internalProperties;
		const list = (all as { name: string; value: Remote }[]).find(({ name }) => name === '[[Scopes]]')!.value;
		const scopes = post('Runtime.getProperties', { objectId: list.objectId, ownProperties: true }).result;
		for (const { value } of scopes as { value?: Remote }[]) {
			if (value?.description !== 'Closure') continue;
			const values = names.map((name) => ({ value: name }));
			post('Runtime.callFunctionOn', { objectId: value.objectId, functionDeclaration: TAKE, arguments: values });
		}
	} finally {
		Reflect.deleteProperty(globalThis, desk);
	}
	return found;
}

let loop: LoopInternals | undefined;

function internals(): LoopInternals {
	if (loop === undefined) {
		const { clearTimeout, setInterval } = realTimers;
		loop = captured([clearTimeout, setInterval], ['timerListMap', 'immediateInfo']) as unknown as LoopInternals;
	}
	return loop;
}

/** The numbers that `randomUUID` and `randomInt` will give next, if they have been fetched already. */
export function filledStores(): Uint8Array[] {
	const { uuidData, randomCache, randomCacheOffset } = stores();
	const filled = uuidData === undefined ? [] : [uuidData];
	return randomCacheOffset < randomCache.length ? [...filled, randomCache] : filled;
}

/** Where the numbers are that they have fetched, or will have: not yet of UUIDs, if a program has put its own in the place of `randomUUID`. */
export function randomStores(): Uint8Array[] {
	const { randomUUID } = process.getBuiltinModule('node:crypto');
	if (stores().fn === randomUUID) randomUUID(); // from then on there is a store; a program's own is not called
	const { uuidData, randomCache } = stores();
	return uuidData === undefined ? [randomCache] : [uuidData, randomCache];
}

interface Stores {
	/** Which of Node's functions knows them. */
	readonly fn: unknown;
	readonly uuidData: Uint8Array | undefined;
	readonly randomCache: Uint8Array;
	readonly randomCacheOffset: number;
}

function stores(): Stores {
	const { randomUUID, randomInt, randomFill } = process.getBuiltinModule('node:crypto');
	return captured(
		[randomUUID, randomInt, randomFill],
		['uuidData', 'randomCache', 'randomCacheOffset'],
	) as unknown as Stores;
}

const REF_COUNT = 1;

/** How many immediates keep the event loop running, besides the one that is being called. */
export function immediatesAhead(): number {
	return internals().immediateInfo[REF_COUNT]!;
}

/** Whether there are any besides that one. Node keeps some lists that are empty. */
export function hasTimers(besides?: NodeJS.Timeout): boolean {
	const { timerListMap } = internals();
	for (const duration in timerListMap) {
		const list = timerListMap[duration]!;
		const first = list._idleNext === besides ? (besides as unknown as TimerList)._idleNext : list._idleNext;
		if (first !== list && first !== null) return true;
	}
	return false;
}

/** All timers there are. */
export function allTimers(): NodeJS.Timeout[] {
	const found: NodeJS.Timeout[] = [];
	for (const list of Object.values(internals().timerListMap)) {
		for (let next = list._idleNext; next !== null && next !== list; next = (next as TimerList)._idleNext) {
			found.push(next as NodeJS.Timeout);
		}
	}
	return found;
}
