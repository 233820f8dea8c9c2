/** The event loop's handles as libuv has them: what Node's own lists do not show. */
import { bind, ffi, withCallback } from '../ffi.ts';
import { defaultLoop } from './fork.ts';

/** uv_handle_type, of those that stand for something outside. */
export const UV = {
	async: 1,
	fsEvent: 3,
	fsPoll: 4,
	namedPipe: 7,
	poll: 8,
	process: 10,
	tcp: 12,
	timer: 13,
	tty: 14,
	udp: 15,
} as const;
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

/**
 * Whether something waits for the next turn of the event loop that no list of Node's shows: a task of V8's own (Node 20
 * instantiates WebAssembly in one), a message to a port.
 */
export function hasTasks(): boolean {
	return handles().some(
		(handle) => calls().type(handle) === UV.async && new Int32Array(ffi().view(handle + PENDING, 4))[0] !== 0,
	);
}
