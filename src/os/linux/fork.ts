/**
 * fork(2) of a running Node. Two things stand in its way, both passed here:
 *
 * - V8 asks the kernel to leave its heap out of children (`MADV_DONTFORK`). That is undone for the whole address space by
 *   one call right before the fork, with nothing allocated in between: a page mapped later would be missing again.
 *   The call reports an error for the holes it met, and has done its work.
 * - Of all threads only the forking one exists in the child, so V8 and Node must have none they need. Those flags can
 *   only be given to a program that starts (`FORK_FLAGS`).
 *
 * In the child libuv's event loop is made anew before anything else: until then closing a handle would reach into the
 * parent's epoll set. And it must never end the usual way, which waits for threads that do not exist: `leaveForked`.
 */
import { readFileSync } from 'node:fs';
import { ProcessError } from '../../base/errors.ts';
import { bind } from '../ffi.ts';
import { FORK_FLAGS } from '../fork-flags.ts';
import { systemError } from './kernel.ts';
import { rehearse } from './rehearsal.ts';
import { inheritPlace, leaveMemory, prepareRemains } from './remains.ts';

const MADV_DOFORK = 11;
const LOWEST_PAGE = 65536;
interface Calls {
	readonly madvise: (address: number, length: number, advice: number) => number;
	readonly fork: () => number;
	readonly getpid: () => number;
	readonly loop: number;
	readonly loopFork: (loop: number) => number;
	readonly exit: (code: number) => never;
	/** Where V8 may have memory: below the stack. */
	readonly addresses: number;
}

let bound: Calls | undefined;

function calls(): Calls {
	bound ??= {
		madvise: bind('int madvise(size_t address, size_t length, int advice)'),
		fork: bind('int fork()'),
		getpid: bind('int getpid()'),
		loop: defaultLoop(),
		loopFork: bind('int uv_loop_fork(size_t loop)'),
		exit: bind('void _exit(int code)'),
		addresses: startOfStack() - LOWEST_PAGE,
	};
	return bound;
}

/** The address of this process's event loop. */
export function defaultLoop(): number {
	return bound?.loop ?? bind<() => number>('size_t uv_default_loop()')();
}

function given(): string[] {
	return [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];
}

/** Whether this program was started in a way that lets it be forked. */
export function canFork(): boolean {
	const options = given().map((option) => option.replaceAll('_', '-').replace(/^-+/, '--'));
	return FORK_FLAGS.every((flag) => options.includes(flag));
}

function startOfStack(): number {
	const [, start] = /^([0-9a-f]+)-.*\[stack\]$/m.exec(readFileSync('/proc/self/maps', 'latin1')) ?? [];
	if (start === undefined)
		throw new ProcessError('cannot fork: there is no stack in /proc/self/maps', { code: 'ERR_MP_SYSTEM' });
	return Number.parseInt(start, 16);
}

let ownPid = process.pid;
let isForked = false;

/** What is another one in a child is changed there by one assignment each. */
function makeRenewable(): void {
	const { reallyExit } = process as unknown as { reallyExit(code: number): never };
	const leave = (code: number): never => (isForked ? leaveForked(code) : Reflect.apply(reallyExit, process, [code]));
	Reflect.set(process, 'reallyExit', leave);
	Object.defineProperty(process, 'pid', { get: () => ownPid, enumerable: true, configurable: true });
}

let prepared = false;

/** Binds what a fork needs, so that nothing is allocated in the middle of it. */
export function prepareFork(): void {
	if (prepared) return;
	prepared = true;
	calls();
	prepareRemains(defaultLoop());
	makeRenewable();
	rehearse();
}

/**
 * The child's pid, or 0 in the child. To be called with nothing on the stack that must not go on in both.
 *
 * @param place where the child can tell to whom it has left its memory
 */
export function fork(place?: number): number {
	const { madvise, addresses, fork: forkCall, getpid, loop, loopFork } = calls();
	const parent = ownPid;
	madvise(LOWEST_PAGE, addresses, MADV_DOFORK);
	const pid = forkCall();
	if (pid === 0) {
		loopFork(loop);
		inheritPlace(place, parent);
		ownPid = getpid();
		isForked = true;
	} else if (pid === -1) throw systemError('fork');
	return pid;
}

/** This process's own number. In a child, `process.pid` takes longer the first time. */
export function getOwnPid(): number {
	return ownPid;
}

/** The end of a forked process. */
export function leaveForked(code: number): never {
	leaveMemory();
	return calls().exit(code);
}
