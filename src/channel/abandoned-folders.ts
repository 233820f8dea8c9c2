/**
 * The private folders of listeners whose process was killed and could not remove them: whoever makes the next one does it.
 * Looked at are folders of ours whose process, as their names say, is not there; but that may be one of another container
 * that has the same folder for temporary files, so it has to be refused a connection as well.
 */
import { readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { platform } from '../os/platform.ts';

/** Of the folders' names, before the process's id. */
export const FOLDER_PREFIX = 'polyproc-';
/** Of the socket's file in it. */
export const SOCKET_NAME = 'listener';

const NAME = new RegExp(`^${FOLDER_PREFIX}(\\d+)-`);

/** Removes what can be removed of it. */
export function removeAbandonedFolders(): void {
	const temporary = tmpdir();
	for (const name of readdirSync(temporary)) {
		const pid = Number(NAME.exec(name)?.[1]);
		if (Number.isNaN(pid) || isThere(pid)) continue;
		const folder = join(temporary, name);
		try {
			if (isOurs(folder) && isDeaf(join(folder, SOCKET_NAME))) remove(folder);
		} catch {
			// Another one has just removed it, or it is not what it seems: then it is none of our business.
		}
	}
}

function isThere(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code !== 'ESRCH';
	}
}

function isOurs(folder: string): boolean {
	return statSync(folder).uid === process.getuid?.();
}

/** Whether there is a socket that nobody listens on. */
function isDeaf(path: string): boolean {
	if (!statSync(path).isSocket()) return false;
	try {
		const fd = platform.connectTo({ path });
		if (fd !== undefined) platform.closeDescriptor(fd);
		return false;
	} catch (error) {
		return (error as NodeJS.ErrnoException).errno === -constants.errno.ECONNREFUSED;
	}
}

function remove(folder: string): void {
	rmSync(join(folder, SOCKET_NAME), { force: true });
	rmdirSync(folder);
}
