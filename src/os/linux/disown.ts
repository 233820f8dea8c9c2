/**
 * What a forked child has inherited and must not use: the parent's timers, immediates, servers, sockets, children and
 * requests under way. Their callbacks never run in the child. Handles are closed beneath Node's own objects, so that
 * nobody is told: no event, no goodbye to the other side of a connection, which the parent goes on using.
 *
 * The parent takes stock of it before the fork. It does so again and again, and has everything at hand that this takes; for
 * a child it would all be new, and every page that it touches first is copied. Of most parents there is nothing to put away.
 */
import { neededRenewals, outlivesFork } from '../../base/after-fork.ts';
import { realTimers } from '../../base/timers.ts';
import { memoryAt } from '../ffi.ts';
import { defaultLoop } from './fork.ts';
import { calls, type Engine, engineAmong, handles, hasRequests, knowEngine, setRequests, UV } from './loop-handles.ts';
import { allTimers, hasTimers } from './node-internals.ts';
import { openHandles } from './poll-handles.ts';
import { burialTimer } from './remains.ts';

const { clearImmediate, clearTimeout, setImmediate } = realTimers;
const OUTSIDE: readonly number[] = [UV.fsEvent, UV.fsPoll, UV.namedPipe, UV.poll, UV.process, UV.tcp, UV.tty, UV.udp];
/** Of uv_loop_t: its queue of work that threads have done: two pointers, to the next and to the last. */
const DONE_WORK = 120;
const [STDIN, STDERR] = [0, 2];
/** What the parent told its own system to do about signals and its end. */
const PARENTS_EVENTS: readonly string[] = [
	'exit',
	'beforeExit',
	'uncaughtException',
	'uncaughtExceptionMonitor',
	'unhandledRejection',
	'rejectionHandled',
	'message',
	'disconnect',
	'internalMessage',
];
const CALLBACKS: readonly string[] = [
	'onread',
	'onconnection',
	'onexit',
	'onchange',
	'onmessage',
	'onsignal',
	'oncomplete',
];

interface Handle {
	readonly fd?: number;
	/** In bytes. */
	readonly writeQueueSize?: number;
	close?(): void;
	unref?(): void;
	readonly _parent?: Handle;
}

interface NodeInternals {
	/** By event; a single listener stands for itself. */
	readonly _events: Record<string, unknown>;
	_getActiveHandles(): (Handle & { readonly _handle?: Handle | null })[];
	_getActiveRequests(): object[];
}

const internals = process as unknown as NodeInternals;

/** Beneath a socket, a server, a child: what libuv knows. A datagram socket keeps it behind a symbol. */
function lowLevel(owner: Handle & { readonly _handle?: Handle | null }): Handle {
	if (owner._handle) return owner._handle._parent ?? owner._handle;
	for (const key of Object.getOwnPropertySymbols(owner)) {
		const { handle } = (owner as unknown as Record<symbol, { handle?: Handle } | undefined>)[key] ?? {};
		if (typeof handle?.close === 'function') return handle;
	}
	return owner;
}

function nothing(): void {}

function silence(object: object): void {
	for (const callback of CALLBACKS) {
		if (callback in object) Reflect.set(object, callback, nothing);
	}
}

/** These stay if nothing is waiting to be written. Closing the handle of a standard stream leaves its descriptor open. */
function isStandardOutput({ fd }: Handle): boolean {
	return fd !== undefined && fd > STDIN && fd <= STDERR;
}

function closeHandle(owner: Handle & { readonly _handle?: Handle | null }): void {
	const handle = lowLevel(owner);
	if (isStandardOutput(handle) && (handle.writeQueueSize ?? 0) === 0) return;
	silence(handle);
	handle.unref?.();
	if (handle !== owner || !('postMessage' in handle)) handle.close?.();
}

function isOutside(handle: number): boolean {
	return OUTSIDE.includes(calls().type(handle)) && calls().isActive(handle) === 1;
}

/**
 * Whether this process has threads of its own making: worker threads, or that of a module loader. Each is talked to
 * through a port, which is listed while it keeps the event loop alive.
 */
export function hasThreads(): boolean {
	const resting = handles().filter((handle) => calls().type(handle) === UV.async && calls().hasRef(handle) === 0);
	for (const handle of resting) calls().ref(handle);
	const found = process.getActiveResourcesInfo().includes('MessagePort');
	for (const handle of resting) calls().unref(handle);
	return found;
}

function isPort(handle: number): boolean {
	return calls().type(handle) === UV.async && calls().hasRef(handle) === 1;
}

/** Those that the library has made are poll handles; it puts them away itself. */
function isForeign(handle: number): boolean {
	return (isOutside(handle) && calls().type(handle) !== UV.poll) || isPort(handle);
}

function pollHandles(all: readonly number[]): number {
	return all.filter((handle) => calls().type(handle) === UV.poll && calls().isClosing(handle) === 0).length;
}

/** Node lists only handles that keep the event loop alive, so first all do. */
function closeHandles(all: readonly number[]): void {
	const resting = all.filter((handle) => isOutside(handle) && calls().hasRef(handle) === 0);
	for (const handle of resting) calls().ref(handle);
	for (const request of internals._getActiveRequests()) silence(request);
	for (const owner of internals._getActiveHandles()) closeHandle(owner);
	for (const handle of all) {
		const isLeft = isOutside(handle) || isPort(handle);
		if (isLeft && calls().isClosing(handle) === 0 && calls().hasRef(handle) === 1) calls().unref(handle);
	}
}

interface ListedImmediate {
	readonly _idleNext: NodeJS.Immediate | null;
	readonly _idlePrev: NodeJS.Immediate | null;
}

/** `running` is the immediate whose callback this is: the others of this turn stand behind it, those of the next in a list of their own. */
function otherImmediates(running: NodeJS.Immediate): NodeJS.Immediate[] {
	const probe = setImmediate(nothing);
	const found: NodeJS.Immediate[] = [];
	for (let next = step(running, '_idleNext'); next; next = step(next, '_idleNext')) found.push(next);
	for (let previous = step(probe, '_idlePrev'); previous; previous = step(previous, '_idlePrev')) found.push(previous);
	clearImmediate(probe);
	return found;
}

function step(immediate: NodeJS.Immediate | undefined, direction: keyof ListedImmediate): NodeJS.Immediate | null {
	return (immediate as unknown as ListedImmediate | undefined)?.[direction] ?? null;
}

type Listener = (...args: unknown[]) => void;
type Listening = readonly [event: string, listener: Listener];
/** As Node keeps them. */
type Listened = readonly [event: string, kept: Listener | readonly Listener[]];

/** The program's listeners for its signals and its end, and what is left of some events without them. */
function foreignListeners(): Pick<Estate, 'listeners' | 'listened'> {
	const listeners: Listening[] = [];
	const listened: Listened[] = [];
	for (const event of process.eventNames()) {
		if (typeof event !== 'string' || !(event.startsWith('SIG') || PARENTS_EVENTS.includes(event))) continue;
		const all = process.rawListeners(event) as Listener[];
		const kept = all.filter(outlivesFork);
		if (kept.length === all.length) continue;
		// Taking listeners off by Node's means tells others of it. Those of signals have to be told.
		if (kept.length > 0 && PARENTS_EVENTS.includes(event)) listened.push([event, kept.length === 1 ? kept[0]! : kept]);
		else for (const listener of all) if (!outlivesFork(listener)) listeners.push([event, listener]);
	}
	return { listeners, listened };
}

function leaveChannel(): void {
	process.connected = false;
	Reflect.deleteProperty(process, 'send');
	Reflect.deleteProperty(process, 'disconnect');
}

/** What the parent's threads have done for it and it has not been told of yet: an empty queue points at itself. */
function dropDoneWork(): void {
	const queue = defaultLoop() + DONE_WORK;
	const [next, last] = new BigUint64Array(memoryAt(queue, 16)) as unknown as [bigint, bigint];
	const [afterLast] = new BigUint64Array(memoryAt(Number(last), 8));
	if (next === BigInt(queue) || afterLast !== BigInt(queue)) return; // empty, or not what we take it for
	new BigUint64Array(memoryAt(queue, 16)).fill(BigInt(queue));
}

/** What a process that is about to be forked has going on. */
export interface Estate {
	/** For its signals and its end. */
	readonly listeners: readonly Listening[];
	readonly listened: readonly Listened[];
	readonly hasExitCode: boolean;
	/** Those that are still to be called. */
	readonly immediates: readonly NodeJS.Immediate[];
	readonly hasTimers: boolean;
	readonly hasRequests: boolean;
	/** Whether something outside is looked after, or a thread talked to. */
	readonly hasHandles: boolean;
	readonly handles: readonly number[];
	readonly engine: Engine;
	/** Whether it can talk to the process that has started it. */
	readonly hasChannel: boolean;
	readonly isCapturing: boolean;
	readonly renewals: ReturnType<typeof neededRenewals>;
}

const NOTHING: Omit<Estate, 'engine'> = {
	listeners: [],
	listened: [],
	hasExitCode: false,
	immediates: [],
	hasTimers: false,
	hasRequests: false,
	hasHandles: false,
	handles: [],
	hasChannel: false,
	isCapturing: false,
	renewals: [],
};

/** In the parent, for practice. */
export function disownNothing(): void {
	disown({ ...NOTHING, engine: engineAmong([]) });
	knowEngine(undefined);
}

/** In the parent, with nothing between it and the fork. `running`: the immediate this is called from. */
export function takeStock(running: NodeJS.Immediate): Estate {
	const all = handles();
	return {
		...foreignListeners(),
		hasExitCode: process.exitCode !== undefined,
		immediates: otherImmediates(running),
		hasTimers: hasTimers(burialTimer()),
		hasRequests: hasRequests(),
		hasHandles: all.some((handle) => isForeign(handle)) || pollHandles(all) > openHandles(),
		handles: all,
		engine: engineAmong(all),
		hasChannel: process.send !== undefined,
		isCapturing: process.hasUncaughtExceptionCaptureCallback(),
		renewals: neededRenewals(),
	};
}

/** Whether something is to be closed, and is gone only in the next turn of the event loop. */
export function hasToClose({ hasHandles, hasRequests }: Estate): boolean {
	return hasHandles || hasRequests;
}

/** In a forked child, right after the event loop was made anew. */
export function disown(estate: Estate): void {
	knowEngine(estate.engine);
	for (const [event, listener] of estate.listeners) process.removeListener(event, listener);
	for (const [event, kept] of estate.listened) internals._events[event] = kept;
	if (estate.isCapturing) process.setUncaughtExceptionCaptureCallback(null);
	if (estate.hasRequests) dropDoneWork();
	for (const immediate of estate.immediates) clearImmediate(immediate);
	if (hasToClose(estate)) closeHandles(estate.handles);
	if (estate.hasChannel) leaveChannel();
	if (estate.hasTimers) for (const timer of allTimers()) clearTimeout(timer);
}

/**
 * A turn of the event loop later, when what was closed is gone: what is still under way was given to threads that do not
 * exist here, and would keep the event loop waiting for ever.
 */
export function forgetRequests(): void {
	setRequests(0);
}

/** In a child of a fork server: the same, if what was preloaded has left something under way. */
export function abandonRequests(): void {
	if (!hasRequests()) return;
	dropDoneWork();
	forgetRequests();
}
