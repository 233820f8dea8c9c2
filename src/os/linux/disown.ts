/**
 * What a forked child has inherited and must not use: the parent's timers, immediates, servers, sockets, children and
 * requests under way. Their callbacks never run in the child. Handles are closed beneath Node's own objects, so that
 * nobody is told: no event, no goodbye to the other side of a connection, which the parent goes on using.
 */
import { memoryAt } from '../ffi.ts';
import { defaultLoop } from './fork.ts';
import { ACTIVE_REQUESTS, calls, handles, knowEngine, UV } from './loop-handles.ts';

const OUTSIDE: readonly number[] = [UV.fsEvent, UV.fsPoll, UV.namedPipe, UV.poll, UV.process, UV.tcp, UV.tty, UV.udp];
/** Of uv_loop_t: its queue of work that threads have done: two pointers, to the next and to the last. */
const DONE_WORK = 120;
const STDERR = 2;
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
	close?(): void;
	unref?(): void;
	readonly _parent?: Handle;
}

interface NodeInternals {
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

function closeHandle(owner: Handle & { readonly _handle?: Handle | null }): void {
	const handle = lowLevel(owner);
	if (handle.fd !== undefined && handle.fd >= 0 && handle.fd <= STDERR) return; // standard streams stay
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

/** Node lists only handles that keep the event loop alive, so first all do. */
function closeHandles(all: readonly number[]): void {
	const resting = all.filter((handle) => isOutside(handle) && calls().hasRef(handle) === 0);
	for (const handle of resting) calls().ref(handle);
	for (const request of internals._getActiveRequests()) silence(request);
	for (const owner of internals._getActiveHandles()) closeHandle(owner);
	for (const handle of all) {
		const isLeft = isOutside(handle) || calls().type(handle) === UV.async; // the latter: ports to threads
		if (isLeft && calls().isClosing(handle) === 0 && calls().hasRef(handle) === 1) calls().unref(handle);
	}
}

interface ListedImmediate {
	readonly _idleNext: NodeJS.Immediate | null;
	readonly _idlePrev: NodeJS.Immediate | null;
}

/** `running` is the immediate whose callback this is: the others of this turn stand behind it, those of the next in a list of their own. */
function clearImmediates(running: NodeJS.Immediate): void {
	const probe = setImmediate(nothing);
	const found: NodeJS.Immediate[] = [probe];
	for (let next = step(running, '_idleNext'); next; next = step(next, '_idleNext')) found.push(next);
	for (let previous = step(probe, '_idlePrev'); previous; previous = step(previous, '_idlePrev')) found.push(previous);
	for (const immediate of found) clearImmediate(immediate);
}

function step(immediate: NodeJS.Immediate | undefined, direction: keyof ListedImmediate): NodeJS.Immediate | null {
	return (immediate as unknown as ListedImmediate | undefined)?.[direction] ?? null;
}

const SINK = Symbol.for('polyproc.timers');

/**
 * All timers there are. Node keeps them where no one can see them; the debugger of the own process finds them by their
 * prototype, which takes some 50 ms: only when there are any.
 */
function allTimers(): NodeJS.Timeout[] {
	const { Session } = process.getBuiltinModule('node:inspector');
	const probe = setTimeout(nothing, 1);
	clearTimeout(probe);
	const sink: { prototype: object; found: NodeJS.Timeout[] } = { prototype: Object.getPrototypeOf(probe), found: [] };
	Reflect.set(globalThis, SINK, sink);
	const session = new Session();
	session.connect();
	const post = (method: string, parameters: object): Record<string, { objectId: string }> => {
		let answer: unknown;
		session.post(method, parameters, (error, result) => {
			if (error) throw error;
			answer = result;
		});
		return answer as Record<string, { objectId: string }>;
	};
	try {
		const sinkExpression = "globalThis[Symbol.for('polyproc.timers')]";
		const prototype = post('Runtime.evaluate', { expression: `${sinkExpression}.prototype` }).result!;
		const { objects } = post('Runtime.queryObjects', { prototypeObjectId: prototype.objectId });
		post('Runtime.callFunctionOn', {
			objectId: objects!.objectId,
			functionDeclaration: `function () { ${sinkExpression}.found = [...this]; }`,
		});
	} finally {
		session.disconnect();
		Reflect.deleteProperty(globalThis, SINK);
	}
	return sink.found;
}

/** All of Node's timers are one of libuv's, the first it makes; behind it are those of V8's own tasks. */
function mayHaveTimers(all: readonly number[]): boolean {
	const node = all.find((handle) => calls().type(handle) === UV.timer);
	return node !== undefined && calls().isActive(node) === 1;
}

function dropListeners(): void {
	for (const event of process.eventNames()) {
		if (typeof event === 'string' && (event.startsWith('SIG') || PARENTS_EVENTS.includes(event))) {
			process.removeAllListeners(event as 'exit');
		}
	}
	if (process.hasUncaughtExceptionCaptureCallback()) process.setUncaughtExceptionCaptureCallback(null);
}

function leaveChannel(): void {
	if (process.send === undefined) return;
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

/** In a forked child, right after the event loop was made anew. `running`: the immediate this is called from. */
export function disown(running: NodeJS.Immediate, hasTimers: boolean): void {
	dropListeners();
	dropDoneWork();
	const all = handles();
	knowEngine(all);
	clearImmediates(running);
	closeHandles(all);
	leaveChannel();
	if (hasTimers && mayHaveTimers(all)) for (const timer of allTimers()) clearTimeout(timer);
}

/**
 * A turn of the event loop later, when what was closed is gone: what is still under way was given to threads that do not
 * exist here, and would keep the event loop waiting for ever.
 */
export function forgetRequests(): void {
	new Uint32Array(memoryAt(defaultLoop() + ACTIVE_REQUESTS, 4))[0] = 0;
}

/** In a child of a fork server: the same, if what was preloaded has left something under way. */
export function abandonRequests(): void {
	if (new Uint32Array(memoryAt(defaultLoop() + ACTIVE_REQUESTS, 4))[0] === 0) return;
	dropDoneWork();
	forgetRequests();
}
