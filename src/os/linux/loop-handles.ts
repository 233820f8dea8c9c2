/** The event loop's handles as libuv has them: what Node's own lists do not show. */
import { bind, memoryAt, withCallback } from '../ffi.ts';
import { defaultLoop } from './fork.ts';

/** uv_handle_type, of those that stand for something outside. */
export const UV = {
	async: 1,
	fsEvent: 3,
	fsPoll: 4,
	idle: 6,
	namedPipe: 7,
	poll: 8,
	process: 10,
	tcp: 12,
	timer: 13,
	tty: 14,
	udp: 15,
} as const;
/** Of uv_loop_t, in words of 32 bits, unchanged since libuv 1.0: handles that keep it running, requests under way. */
export const ACTIVE_HANDLES = 2;
export const ACTIVE_REQUESTS = 8;
const LOOP_BYTES = 40;
/** Of uv_async_t: whether it has been sent and not been heard of yet, in bytes from its beginning. */
const PENDING = 120;

interface LoopCalls {
	walk(loop: number, callback: bigint, argument: number): void;
	type(handle: number): number;
	isActive(handle: number): number;
	isClosing(handle: number): number;
	hasRef(handle: number): number;
	ref(handle: number): void;
	unref(handle: number): void;
}

let bound: LoopCalls | undefined;

export function calls(): LoopCalls {
	bound ??= {
		walk: bind('void uv_walk(size_t loop, size_t callback, size_t argument)'),
		type: bind('int uv_handle_get_type(size_t handle)'),
		isActive: bind('int uv_is_active(size_t handle)'),
		isClosing: bind('int uv_is_closing(size_t handle)'),
		hasRef: bind('int uv_has_ref(size_t handle)'),
		ref: bind('void uv_ref(size_t handle)'),
		unref: bind('void uv_unref(size_t handle)'),
	};
	return bound;
}

/** The addresses of all handles of the event loop. */
export function handles(): number[] {
	const found: number[] = [];
	withCallback(
		'void polyproc_walk(size_t handle, size_t argument)',
		(handle: number) => found.push(handle),
		(callback) => calls().walk(defaultLoop(), callback, 0),
	);
	return found;
}

/** Where the event loop keeps what shows that V8 or Node has something to do. */
export interface Engine {
	/** Of handles that wake the event loop: whether somebody has, and it has not looked yet. */
	readonly pending: readonly Int32Array[];
	/** The handle of Node's immediates. */
	readonly immediates: number | undefined;
}

export function engineAmong(all: readonly number[]): Engine {
	return {
		pending: all
			.filter((handle) => calls().type(handle) === UV.async)
			.map((handle) => new Int32Array(memoryAt(handle + PENDING, 4))),
		immediates: all.find((handle) => calls().type(handle) === UV.idle),
	};
}

let engine: Engine | undefined;

/** In a forked child, which has none that would come and go. */
export function knowEngine(inherited: Engine | undefined): void {
	engine = inherited;
}

/** How many of the active handles are that of the immediates: it stays active while the last of them is called. */
export function activeForImmediates(): number {
	return engine?.immediates === undefined ? 0 : calls().isActive(engine.immediates);
}

/** Whether V8 has something to do in the next turn, or a message waits for a port. */
export function hasTasks(): boolean {
	const { pending } = engine ?? engineAmong(handles());
	return pending.some((word) => word[0] !== 0);
}

let words: Uint32Array | undefined;

/** Of uv_loop_t: how many handles keep it running, and how many requests are under way. */
export function loopWords(): Uint32Array {
	words ??= new Uint32Array(memoryAt(defaultLoop(), LOOP_BYTES));
	return words;
}

/** Whether the threads have something to do for this process, or have done something that it has not been told of. */
export function hasRequests(): boolean {
	return loopWords()[ACTIVE_REQUESTS] !== 0;
}

export function setRequests(count: number): void {
	loopWords()[ACTIVE_REQUESTS] = count;
}

/**
 * How much there is for which a copy of this process would not be whole. A task of V8's own waits for the next turn of the event loop, which
 * no list of Node's shows (Node 20 instantiates WebAssembly in one), or a message for a port. Or requests are under way:
 * a thread of the pool may hold a lock, of V8's tracing, of OpenSSL, which nobody would ever release in the copy.
 */
export function underWay(): number {
	return loopWords()[ACTIVE_REQUESTS]! + Number(hasTasks());
}
