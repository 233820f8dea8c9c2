/**
 * What tells the event loop that a descriptor is ready: libuv's poll handles. They belong to the process that made them,
 * so a forked child closes those it has inherited. And none may be left when a process ends: Node lets its event loop turn
 * once more when there is nothing any more that could be called.
 *
 * A worker thread that is terminated is not told of its end, and a handle that it has left would end the whole program with
 * it. So threads have none; they look now and then instead.
 */
import type { node } from 'koffi';
import { afterFork } from '../../base/after-fork.ts';
import type { Direction } from '../contract.ts';
import { ffi } from '../ffi.ts';
import { isMainThread } from '../threads.ts';
import { waitReady } from './poll.ts';

type Wanted = Record<Direction, boolean>;

/** What both kinds of handle can do. */
interface Handle {
	start(wanted: Wanted, onEvent: () => void): void;
	stop(): void;
	ref(): void;
	unref(): void;
	close(): void;
}

/** Milliseconds between two looks of a thread: right after something happened, and when nothing has for long. */
const LOOK_AGAIN = { soonest: 1, latest: 10 };
/** So much longer is each pause than the one before. */
const PATIENCE = 1.3;

class Looking implements Handle {
	readonly #fd: number;
	#timer: NodeJS.Timeout | undefined;
	#isHeld = true;

	constructor(fd: number) {
		this.#fd = fd;
	}

	start(wanted: Wanted, onEvent: () => void): void {
		this.stop();
		const lookIn = (pause: number): void => {
			this.#timer = setTimeout(() => {
				const isReady = this.#isReady(wanted);
				lookIn(isReady ? LOOK_AGAIN.soonest : Math.min(LOOK_AGAIN.latest, pause * PATIENCE));
				if (isReady) onEvent();
			}, pause);
			if (!this.#isHeld) this.#timer.unref();
		};
		lookIn(LOOK_AGAIN.soonest);
	}

	#isReady(wanted: Wanted): boolean {
		return (
			(wanted.readable && waitReady(this.#fd, 'readable', 0)) || (wanted.writable && waitReady(this.#fd, 'writable', 0))
		);
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}

	ref(): void {
		this.#isHeld = true;
		this.#timer?.ref();
	}

	unref(): void {
		this.#isHeld = false;
		this.#timer?.unref();
	}

	close(): void {
		this.stop();
	}
}

function openHandle(fd: number, wanted: Wanted, onEvent: () => void): Handle {
	if (isMainThread()) return ffi().node.poll(fd, wanted, onEvent) satisfies node.PollHandle;
	const looking = new Looking(fd);
	looking.start(wanted, onEvent);
	return looking;
}

const open = new Set<Handle>();
let isEnding = false;

/** How many there are in this process. */
export function openHandles(): number {
	return open.size;
}

function closeAll(): void {
	for (const handle of open) handle.close();
	open.clear();
}

function end(): void {
	isEnding = true;
	closeAll();
}

afterFork(closeAll, () => open.size > 0);

/** Calls `onEvent`, not always as Node calls back, while `fd` is ready. Not any more in a process that is ending. */
export class PollHandle {
	readonly #onEvent: () => void;
	#handle: Handle | undefined;

	constructor(fd: number, wanted: Wanted, onEvent: () => void) {
		this.#onEvent = onEvent;
		if (isEnding) return;
		if (open.size === 0) process.on('exit', end);
		this.#handle = openHandle(fd, wanted, onEvent);
		open.add(this.#handle);
	}

	get isOpen(): boolean {
		return this.#handle !== undefined && open.has(this.#handle);
	}

	/** Asks for something else, or once more after `stop`. */
	start(wanted: Wanted): void {
		if (this.isOpen) this.#handle!.start(wanted, this.#onEvent);
	}

	stop(): void {
		if (this.isOpen) this.#handle!.stop();
	}

	/** Whether it keeps the event loop alive; at first it does. */
	hold(on: boolean): void {
		if (!this.isOpen) return;
		if (on) this.#handle!.ref();
		else this.#handle!.unref();
	}

	close(): void {
		if (this.#handle === undefined || !open.delete(this.#handle)) return;
		this.#handle.close();
		if (open.size === 0) process.off('exit', end);
	}
}
