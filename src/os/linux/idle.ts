/**
 * Noticing that a forked process's event loop has nothing left to do. Node itself must not notice it there: before it
 * says so, it waits for its worker threads to finish their tasks, and those threads do not exist.
 *
 * While the program runs, a look now and then is enough, to find out that it waits for nothing. Once it has returned,
 * every turn of the loop may be the last: then libuv asks us right before each sleep.
 */
import { realTimers } from '../../base/timers.ts';
import { bind, ffi } from '../ffi.ts';
import { defaultLoop } from './fork.ts';
import { ACTIVE_HANDLES, ACTIVE_REQUESTS, activeForImmediates, hasTasks, loopWords } from './loop-handles.ts';
import { immediatesAhead } from './node-internals.ts';

const { clearImmediate, clearTimeout, setImmediate, setTimeout } = realTimers;
const UV_PREPARE = 9;
/** What Node itself keeps count of. */
const PENDING: readonly string[] = ['Timeout', 'Immediate'];
/** Between two looks while the program runs, in milliseconds. */
const LOOK = 250;
/**
 * For how many turns of the event loop there must be nothing to do: what V8 does by itself is on no list (Node 20
 * instantiates WebAssembly in a later turn), and has not been asked for while the program was busy.
 */
const TURNS = 3;

/** Whether no more than `count` handles keep the loop running, and no request. */
function hasOnly(count: number, words: Uint32Array): boolean {
	return words[ACTIVE_HANDLES] === count && words[ACTIVE_REQUESTS] === 0;
}

/** How many timers and immediates there are. Node names streams that are at rest, too. */
function pending(): number {
	return process.getActiveResourcesInfo().filter((name) => PENDING.includes(name)).length;
}

/**
 * Keeps the event loop running, and calls back, again and again, when nothing else does, with what tells whether it is
 * still so. Returns what ends it.
 */
export function lookForIdleness(onIdle: (isStillIdle: () => boolean) => void): () => void {
	const words = loopWords();
	// All timers are one handle to libuv, which is at rest while they are called.
	const isIdle = (): boolean => hasOnly(0, words) && pending() === 1;
	let streak = 0;
	let timer: NodeJS.Timeout | undefined;
	let soon: NodeJS.Immediate | undefined;
	const look = (): void => {
		streak = isIdle() ? streak + 1 : 0;
		if (streak === TURNS) {
			streak = 0;
			onIdle(isIdle);
		}
		// Timers alone may be called one after another, if they are late, without a turn of the loop between them.
		if (streak > 0) soon = setImmediate(lookIn, 1);
		else lookIn(LOOK);
	};
	const lookIn = (milliseconds: number): void => {
		timer = setTimeout(look, milliseconds);
	};
	lookIn(LOOK);
	return () => {
		clearTimeout(timer);
		clearImmediate(soon);
	};
}

/** Whether nothing keeps the event loop running. To be asked from an immediate. */
export function isIdleNow(): boolean {
	return hasOnly(activeForImmediates(), loopWords()) && immediatesAhead() === 0 && !hasTasks();
}

/**
 * Keeps the event loop running, and calls back in every turn in which nothing else does; `again`: the turn before was
 * one too. For good.
 */
export function watchForIdleness(onIdle: (again: boolean) => void): void {
	const { proto, pointer, register } = ffi();
	const words = loopWords();
	const size = bind<(type: number) => number>('size_t uv_handle_size(int type)')(UV_PREPARE);
	const handle = Number(
		bind<(count: number, size: number) => number>('size_t calloc(size_t count, size_t size)')(1, size),
	);
	let streak = 0;
	const callback = register(
		() => {
			streak = hasOnly(1, words) ? streak + 1 : 0;
			if (streak > 0) setImmediate(onIdle, streak > 1);
		},
		pointer(proto('void polyproc_prepare(size_t handle)')),
	);
	bind<(loop: number, handle: number) => number>('int uv_prepare_init(size_t loop, size_t handle)')(
		defaultLoop(),
		handle,
	);
	bind<(handle: number, callback: bigint) => number>('int uv_prepare_start(size_t handle, size_t callback)')(
		handle,
		callback,
	);
}
