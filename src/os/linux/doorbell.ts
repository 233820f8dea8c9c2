/**
 * Waking another process's event loop: a pipe without a name. Its owner reads one end through the event loop; whoever
 * rings opens the other end through /proc/<pid>/fd, once, and writes a byte. Nothing exists in a file system, and the
 * pipe is gone with its owner.
 *
 * A ring costs a system call, so callers ring only a thread that has said, in shared memory, that it sleeps.
 *
 * A descriptor number of a process that died may belong to a stranger later: a ringer keeps the pipe open that it found
 * while the owner lived, and identifies it by inode, so that a byte never reaches anybody's file.
 */
import { closeSync, constants, openSync, readlinkSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Doorbell } from '../contract.ts';
import { checked, pipe2 } from './kernel.ts';

const O_CLOEXEC = 0o2000000;
const RING = new Uint8Array([1]);

class PipeDoorbell implements Doorbell {
	readonly number: number;
	readonly #reader: Socket;

	constructor(onRing: () => void) {
		const fds: number[] = [0, 0];
		checked('pipe2', pipe2(fds, constants.O_NONBLOCK | O_CLOEXEC));
		const [readEnd, writeEnd] = fds as [number, number];
		this.number = writeEnd;
		this.#reader = new Socket({ fd: readEnd, readable: true, writable: false });
		this.#reader.on('data', onRing);
		this.#reader.unref();
	}

	hold(on: boolean): void {
		if (on) this.#reader.ref();
		else this.#reader.unref();
	}

	close(): void {
		this.#reader.destroy();
		closeSync(this.number);
	}
}

export function openDoorbell(onRing: () => void): Doorbell {
	return new PipeDoorbell(onRing);
}

/** The other threads' doorbells this thread has rung, by `pid:number`; their write ends stay open for the next time. */
class Ringer {
	readonly #open = new Map<string, number>();

	ring(pid: number, number: number): void {
		const key = `${pid}:${number}`;
		const fd = this.#open.get(key) ?? this.#connect(pid, number, key);
		if (fd === undefined) return;
		try {
			writeSync(fd, RING);
		} catch (error) {
			// Full: a ring is under way already. No reader: the owner is gone, and so is whoever waited there.
			if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.#forget(key, fd);
		}
	}

	#connect(pid: number, number: number, key: string): number | undefined {
		const path = `/proc/${pid}/fd/${number}`;
		try {
			if (!readlinkSync(path).startsWith('pipe:')) return undefined;
			const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
			this.#open.set(key, fd);
			return fd;
		} catch {
			return undefined; // the owner is gone: nobody is left to wake
		}
	}

	#forget(key: string, fd: number): void {
		this.#open.delete(key);
		closeSync(fd);
	}
}

const ringer = new Ringer();

export function ringDoorbell(pid: number, number: number): void {
	ringer.ring(pid, number);
}
