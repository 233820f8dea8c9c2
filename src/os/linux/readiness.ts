/**
 * Being told by the event loop, once, that a descriptor is ready for reading or for writing. libuv allows one poll handle
 * a descriptor, and a connection may wait for both and be waited for by several: so everybody who waits for a descriptor
 * shares a handle, which is there for as long as somebody does.
 */

import { afterFork } from '../../base/after-fork.ts';
import { realTimers } from '../../base/timers.ts';
import type { DescriptorWatch, Direction } from '../contract.ts';
import { PollHandle } from './poll-handles.ts';

const { setImmediate } = realTimers;

interface Waiter {
	readonly direction: Direction;
	readonly onReady: () => void;
	isHeld: boolean;
	isClosed: boolean;
}

/** All who wait for one descriptor. */
class Waiters {
	readonly #fd: number;
	readonly #waiting = new Set<Waiter>();
	readonly #onEmpty: () => void;
	#handle: PollHandle | undefined;

	constructor(fd: number, onEmpty: () => void) {
		this.#fd = fd;
		this.#onEmpty = onEmpty;
	}

	add(direction: Direction, onReady: () => void): DescriptorWatch {
		const waiter = { direction, onReady, isHeld: true, isClosed: false };
		this.#waiting.add(waiter);
		this.#update();
		return {
			hold: (on) => {
				waiter.isHeld = on;
				this.#keepLoop();
			},
			close: () => {
				waiter.isClosed = true;
				if (this.#waiting.delete(waiter)) this.#update();
			},
		};
	}

	close(): void {
		this.#handle?.close();
		this.#handle = undefined;
		this.#waiting.clear();
	}

	#update(): void {
		if (this.#waiting.size === 0) {
			if (this.#handle !== undefined) this.#onEmpty();
			this.close();
			return;
		}
		const wanted = { readable: this.#isWanted('readable'), writable: this.#isWanted('writable') };
		if (this.#handle === undefined) this.#handle = new PollHandle(this.#fd, wanted, this.#onEvent);
		else this.#handle.start(wanted);
		this.#keepLoop();
	}

	#isWanted(direction: Direction): boolean {
		return [...this.#waiting].some((waiter) => waiter.direction === direction);
	}

	#keepLoop(): void {
		this.#handle?.hold([...this.#waiting].some(({ isHeld }) => isHeld));
	}

	/**
	 * Called by libuv, and not by Node: promises that are settled here would wait for whatever Node calls next. So everybody
	 * is told in an immediate. By then nothing here has to do with the descriptor any more, which they may close.
	 */
	readonly #onEvent = (): void => {
		this.#handle?.stop();
		setImmediate(() => {
			const told = [...this.#waiting];
			this.#waiting.clear();
			this.#update();
			for (const waiter of told) if (!waiter.isClosed) waiter.onReady();
		});
	};
}

const byDescriptor = new Map<number, Waiters>();

afterFork(
	() => {
		for (const waiters of byDescriptor.values()) waiters.close();
		byDescriptor.clear();
	},
	() => byDescriptor.size > 0,
);

export function whenReady(fd: number, direction: Direction, onReady: () => void): DescriptorWatch {
	let waiters = byDescriptor.get(fd);
	if (waiters === undefined) {
		waiters = new Waiters(fd, () => byDescriptor.delete(fd));
		byDescriptor.set(fd, waiters);
	}
	return waiters.add(direction, onReady);
}
