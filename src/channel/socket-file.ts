/**
 * The files that listening sockets leave in a file system, and the private folders of those that were given no path: they
 * are removed when the listener is closed, and at the latest when this process ends by itself. A folder that a process which
 * was killed has left is removed when somebody makes another one; a file at a path of the user's is the user's.
 */
import { mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterFork } from '../base/after-fork.ts';
import { FOLDER_PREFIX, removeAbandonedFolders, SOCKET_NAME } from './abandoned-folders.ts';

/** Of this process, which has made them: a forked child has its own. */
const files = new Set<SocketFile>();

afterFork(
	() => files.clear(),
	() => files.size > 0,
);

function removeAll(): void {
	for (const file of files) file.remove();
}

/** Removes a private folder and the socket's file in it, which may be those of a process that was killed. */
export function removePrivateFolder(path: string): void {
	remove(path, true);
}

function remove(path: string, isPrivate: boolean): void {
	try {
		rmSync(path, { force: true });
		if (isPrivate) rmdirSync(dirname(path));
	} catch {
		// Somebody has removed or moved it: then there is nothing of ours to remove.
	}
}

export class SocketFile {
	readonly path: string;
	/** Whether its folder is its own. */
	readonly #isPrivate: boolean;

	private constructor(path: string, isPrivate: boolean) {
		this.path = path;
		this.#isPrivate = isPrivate;
		if (files.size === 0) process.on('exit', removeAll);
		files.add(this);
	}

	/** Where nobody else can listen or connect: a new folder that only this user may enter. */
	static inPrivateFolder(): SocketFile {
		removeAbandonedFolders();
		const folder = mkdtempSync(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
		return new SocketFile(join(folder, SOCKET_NAME), true);
	}

	/** A file that has just been made. */
	static at(path: string): SocketFile {
		return new SocketFile(path, false);
	}

	remove(): void {
		if (!files.delete(this)) return;
		if (files.size === 0) process.off('exit', removeAll);
		remove(this.path, this.#isPrivate);
	}
}
