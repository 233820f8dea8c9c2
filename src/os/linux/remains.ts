/**
 * Most of a forked process's end is giving back its memory, page by page, and only then does its parent hear of it. So the
 * process leaves its memory to somebody else: right before its end it makes a task that has the same memory (`CLONE_VM`) and
 * nothing else, that sleeps until the process has ended, and ends. That is what takes the memory apart then, on another
 * processor, with nobody waiting.
 *
 * The task is a child of the process's parent (`CLONE_PARENT`), which would not wait for what it does not know: the kernel
 * writes its number into a page that parent and child share. Wherever anything is unusual (another thread runs, the parent
 * has died, the system refuses), a process ends as ever.
 */
import { readlinkSync, statSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { realTimers } from '../../base/timers.ts';
import { bind, errno, memoryAt } from '../ffi.ts';
import { closeRange, getppid, HIGHEST_DESCRIPTOR, mmap } from './kernel.ts';

const { setTimeout } = realTimers;
const PROT_READ_WRITE = 3;
const MAP_SHARED_ANONYMOUS = 0x21;
const MAP_PRIVATE_ANONYMOUS = 0x22;
const CLONE_VM = 0x100;
const CLONE_FS = 0x200;
const CLONE_FILES = 0x400;
const CLONE_PARENT = 0x8000;
const CLONE_THREAD = 0x10000;
const CLONE_PARENT_SETTID = 0x100000;
const POLLIN = 1;
const WNOHANG = 1;
const EVERY_KIND = 0x40000000;
const PAGE_BYTES = 4096;
const WORD_BYTES = 4;
const STACK_BYTES = 16384;
/** Microseconds that the task sleeps. If the process has not ended by then, it gives its memory back itself, as ever. */
const NAP = 20;
/** Milliseconds after which the tasks of some more children have ended. */
const BURIAL = 20;
/** Links to the folder of a process's threads if there is one thread. */
const ALONE = 3;

interface Calls {
	clone(fn: number, stack: number, flags: number, argument: number, number: number, tls: number, clear: number): number;
	waitpid(pid: number, status: number, options: number): number;
	unshare(flags: number): number;
	readonly sleep: number;
	readonly stack: number;
	/** The descriptor by which the event loop is woken. */
	readonly wakeup: Int32Array | undefined;
}

let bound: Calls | undefined;

/**
 * Binds what is needed, so that no child has to.
 *
 * @param loop the address of the event loop
 */
export function prepareRemains(loop: number): void {
	bound ??= {
		clone: bind('int clone(size_t fn, size_t stack, int flags, size_t arg, size_t ptid, size_t tls, size_t ctid)'),
		waitpid: bind('int waitpid(int pid, size_t status, int options)'),
		unshare: bind('int unshare(int flags)'),
		sleep: bind<(handle: number, name: string) => number>('size_t dlsym(size_t handle, str name)')(0, 'usleep'),
		wakeup: wakeupOf(loop),
		stack: mmap(0, STACK_BYTES, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0) + STACK_BYTES,
	};
	mayAsk = bound.unshare(CLONE_THREAD) === 0 || errno() === constants.errno.EINVAL;
	hasOneThread();
	inheritPlace(undefined, 0);
}

/**
 * Of uv_loop_t, the number of the eventfd that it watches for calls from elsewhere (uv__io_t: what it is watched for, what it
 * is registered for, the descriptor). `undefined`: nothing, or several things, look like it.
 */
function wakeupOf(loop: number): Int32Array | undefined {
	const bytes = bind<() => number>('size_t uv_loop_size()')();
	const words = new Int32Array(memoryAt(loop, bytes));
	const found = Array.from(words.keys()).filter(
		(at) => words[at - 2] === POLLIN && words[at - 1] === POLLIN && isEventfd(words[at] as number),
	);
	return found.length === 1 ? words.subarray(found[0], found[0]! + 1) : undefined;
}

function isEventfd(fd: number): boolean {
	try {
		return readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:[eventfd]';
	} catch {
		return false;
	}
}

// --- in the parent ---

interface Page {
	readonly address: number;
	readonly words: Int32Array;
	readonly free: number[];
}

let page: Page | undefined;
/** Of children that run: where in the page the number of their task will be. */
const places = new Map<number, number>();
/** The tasks of children that have ended. */
let tasks: number[] = [];
/** What the child that is going to be forked has instead. */
let noTasks: number[] = [];
let burial: NodeJS.Timeout | undefined;

/** One place for each processor that has nothing else to do while a child runs: with more children it would be a detour. */
function makePage(): Page {
	const address = mmap(0, PAGE_BYTES, PROT_READ_WRITE, MAP_SHARED_ANONYMOUS, -1, 0);
	const count = Math.min(availableParallelism() - 1, PAGE_BYTES / WORD_BYTES);
	const words = new Int32Array(memoryAt(address, PAGE_BYTES), 0, count);
	return { address, words, free: Array.from(words.keys()) };
}

/** The timer for it, which may go on in a child: there, it finds nothing to do. */
export function burialTimer(): NodeJS.Timeout | undefined {
	return burial;
}

/** Before a fork. `undefined`: there are others. */
export function reservePlace(): number | undefined {
	page ??= makePage();
	noTasks = [];
	return page.free.pop();
}

/** After it. */
export function keepPlace(place: number | undefined, child: number): void {
	if (place !== undefined) places.set(child, place);
}

/** There was none. */
export function releasePlace(place: number | undefined): void {
	if (place !== undefined) page!.free.push(place);
}

/** When a child has been reaped: its task will have to be. */
export function takeRemains(child: number): void {
	const place = places.get(child);
	if (place === undefined) return;
	places.delete(child);
	const task = page!.words[place] as number;
	page!.words[place] = 0;
	page!.free.push(place);
	if (task === 0) return;
	tasks.push(task);
}

/** For who has an event loop: reaps them as they end. */
export function buryRemainsLater(): void {
	if (burial === undefined && tasks.length > 0) burial = setTimeout(lookAgain, BURIAL).unref();
}

function lookAgain(): void {
	burial = undefined;
	buryRemains();
	buryRemainsLater();
}

/** Reaps those that have ended. */
function buryRemains(): void {
	tasks = tasks.filter((task) => bound!.waitpid(task, 0, WNOHANG | EVERY_KIND) === 0);
}

// --- in the child ---

/** Where the number of this process's own task goes; 0: there shall be none. No object: it would be the first that the child makes. */
let ownPlace = 0;
/** Who is to find it there. */
let ownParent = 0;

/** First of all. */
export function inheritPlace(place: number | undefined, parent: number): void {
	ownPlace = place === undefined ? 0 : page!.address + place * WORD_BYTES;
	ownParent = parent;
	page = undefined;
	burial = undefined; // its own is another one
	if (places.size > 0) places.clear();
	tasks = noTasks;
}

/** Whether the system lets this process call `unshare`. */
let mayAsk = false;

function hasOneThread(): boolean {
	// Unsharing what only several threads share changes nothing for a single one, and is refused otherwise.
	if (mayAsk) return bound!.unshare(CLONE_THREAD) === 0;
	try {
		return statSync('/proc/self/task').nlink === ALONE;
	} catch {
		return false;
	}
}

/**
 * Right before the end: closes all files, which the task would keep open, and leaves it the memory. But not the eventfd of
 * the event loop: V8 may want a garbage collection at any moment, and Node aborts if it cannot be told.
 */
export function leaveMemory(): void {
	if (ownPlace === 0 || bound!.wakeup === undefined || getppid() !== ownParent || !hasOneThread()) return;
	const kept = bound!.wakeup[0] as number;
	if (!closeRange(kept + 1, HIGHEST_DESCRIPTOR) || !closeRange(0, kept - 1)) return;
	const { clone, stack, sleep } = bound!;
	clone(sleep, stack, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_PARENT | CLONE_PARENT_SETTID, NAP, ownPlace, 0, 0);
}
