/**
 * libuv's poll handles, which tell the event loop that a descriptor is ready. They belong to the process that made them,
 * so a forked child closes those it has inherited. And none may be left when a process ends: Node lets its event loop turn
 * once more when there is nothing any more that could be called.
 */
import type { node } from 'koffi';
import { afterFork } from '../../base/after-fork.ts';
import type { Direction } from '../contract.ts';
import { ffi } from '../ffi.ts';

const open = new Set<node.PollHandle>();
let isEnding = false;

function closeAll(): void {
	for (const handle of open) handle.close();
	open.clear();
}

function end(): void {
	isEnding = true;
	closeAll();
}

afterFork(closeAll);

/** Calls `onEvent` from within libuv while `fd` is ready. Not any more in a process that is ending. */
export class PollHandle {
	readonly #onEvent: () => void;
	#handle: node.PollHandle | undefined;

	constructor(fd: number, wanted: Record<Direction, boolean>, onEvent: () => void) {
		this.#onEvent = onEvent;
		if (isEnding) return;
		if (open.size === 0) process.on('exit', end);
		this.#handle = ffi().node.poll(fd, wanted, onEvent);
		open.add(this.#handle);
	}

	get isOpen(): boolean {
		return this.#handle !== undefined && open.has(this.#handle);
	}

	/** Asks for something else, or once more after `stop`. */
	start(wanted: Record<Direction, boolean>): void {
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
