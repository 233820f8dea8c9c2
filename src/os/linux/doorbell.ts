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
import { closeSync, constants, openSync, readlinkSync, readSync, writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Doorbell } from '../contract.ts';
import { gates } from '../gates.ts';
import { isMainThread } from '../threads.ts';
import { checked, closeDescriptor, pipe2 } from './kernel.ts';

const O_CLOEXEC = 0o2000000;
const RING = new Uint8Array([1]);
const heard = new Uint8Array(64);

class PipeDoorbell implements Doorbell {
	readonly number: number;
	readonly sentinel: number;
	readonly #reader: Socket;

	constructor(onRing: () => void) {
		const [readEnd, writeEnd] = gates.pass(newPipe);
		this.number = writeEnd;
		this.sentinel = readEnd;
		const { Socket } = process.getBuiltinModule('node:net'); // takes a millisecond to load: on first use
		this.#reader = new Socket({ fd: readEnd, readable: true, writable: false });
		this.#reader.on('data', onRing);
		this.#reader.unref();
	}

	silence(): void {
		try {
			readSync(this.sentinel, heard);
		} catch {
			// EAGAIN: nobody has rung
		}
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

function newPipe(): [readEnd: number, writeEnd: number] {
	const fds: number[] = [0, 0];
	checked('pipe2', pipe2(fds, constants.O_NONBLOCK | O_CLOEXEC));
	const [readEnd, writeEnd] = fds as [number, number];
	return [readEnd, isMainThread() ? writeEnd : ownedByThread(writeEnd)];
}

/** The same pipe by a descriptor that Node has opened: it closes those of a thread that is ended in the middle of something. */
function ownedByThread(writeEnd: number): number {
	const owned = openSync(`/proc/self/fd/${writeEnd}`, constants.O_WRONLY | constants.O_NONBLOCK);
	closeDescriptor(writeEnd);
	return owned;
}

export function openDoorbell(onRing: () => void): Doorbell {
	return new PipeDoorbell(onRing);
}

/** Doorbells of others that stay open for the next ring. */
const MOST_OPEN = 16;

/** The other threads' doorbells this thread has rung lately, by `pid:number`. */
class Ringer {
	readonly #open = new Map<string, number>();

	ring(pid: number, number: number): void {
		const key = `${pid}:${number}`;
		const known = this.#open.get(key);
		if (known !== undefined && this.#write(known)) return;
		if (known !== undefined) this.#close(key, known);
		const fd = this.#connect(pid, number);
		if (fd === undefined) return;
		this.#write(fd);
		// Nobody says when a thread of this process has ended, and its doorbell would stay open here.
		if (pid === process.pid) closeSync(fd);
		else this.#keep(key, fd);
	}

	/** Closes what is open to a process that has ended. */
	forget(pid: number): void {
		for (const [key, fd] of this.#open) if (key.startsWith(`${pid}:`)) this.#close(key, fd);
	}

	/** False: nobody reads there any more. */
	#write(fd: number): boolean {
		try {
			writeSync(fd, RING);
			return true;
		} catch (error) {
			// Full: a ring is under way already.
			return (error as NodeJS.ErrnoException).code === 'EAGAIN';
		}
	}

	#connect(pid: number, number: number): number | undefined {
		const path = `/proc/${pid}/fd/${number}`;
		try {
			if (!readlinkSync(path).startsWith('pipe:')) return undefined;
			return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
		} catch {
			return undefined; // the owner is gone: nobody is left to wake
		}
	}

	#keep(key: string, fd: number): void {
		this.#open.set(key, fd);
		const [oldest] = this.#open;
		if (this.#open.size > MOST_OPEN && oldest !== undefined) this.#close(...oldest);
	}

	#close(key: string, fd: number): void {
		this.#open.delete(key);
		closeSync(fd);
	}
}

const ringer = new Ringer();

export function ringDoorbell(pid: number, number: number): void {
	ringer.ring(pid, number);
}

export function forgetDoorbells(pid: number): void {
	ringer.forget(pid);
}
