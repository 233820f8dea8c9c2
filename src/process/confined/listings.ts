/**
 * What is in the folders that are searched for code. To read them all takes milliseconds of the event loop's time at every
 * start of a process with permissions; so what was read is kept, and read again when the folder has changed.
 */
import { type Dirent, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { now } from '../../base/deadline.ts';

const CODE = /(?:\.(?:[cm]?[jt]s|[jt]sx|wasm)|^package\.json)$/;
/** What says something about code and nothing else: declarations, maps from compiled code to its source. */
const ABOUT_CODE = /(?:\.d\.[cm]?ts|\.[cm]?[jt]s\.map)$/;
const PACKAGES = 'node_modules';

/**
 * A change so many milliseconds after another one may leave no trace in a folder's time. So what was read is believed if
 * the time had been seen that long before.
 */
const TIME_GRAIN = 100;

/** Paths of what is in a folder. */
export interface Listing {
	readonly code: readonly string[];
	/** Where there may be more. */
	readonly folders: readonly string[];
	/** Whether there is nothing else in it, as far as can be seen without looking into these. */
	readonly isPure: boolean;
	readonly links: readonly string[];
	/** Folders of scoped packages (`@scope`). */
	readonly scopes: readonly string[];
}

interface Known {
	readonly listing: Listing;
	readonly inode: number;
	readonly changed: number;
	/** When that was first seen, and when this was read, on the clock of `now`. */
	readonly seenAt: number;
	readonly readAt: number;
}

const NOTHING: Listing = { code: [], folders: [], isPure: false, links: [], scopes: [] };

export class Listings {
	readonly #known = new Map<string, Known>();

	/** Of one that is not there, or not ours to read: nothing. */
	async of(folder: string): Promise<Listing> {
		const stat = statSync(folder, { throwIfNoEntry: false });
		if (stat === undefined) return this.#forget(folder);
		const known = this.#known.get(folder);
		const isUnchanged = known !== undefined && known.inode === stat.ino && known.changed === stat.mtimeMs;
		if (isUnchanged && known.readAt > known.seenAt + TIME_GRAIN) return known.listing;
		try {
			const readAt = now();
			const listing = listingOf(await readdir(folder, { withFileTypes: true }));
			const seenAt = isUnchanged ? known.seenAt : readAt;
			this.#known.set(folder, { listing, inode: stat.ino, changed: stat.mtimeMs, seenAt, readAt });
			return listing;
		} catch {
			return this.#forget(folder); // not ours to read, so not ours to run
		}
	}

	#forget(folder: string): Listing {
		this.#known.delete(folder);
		return NOTHING;
	}
}

function listingOf(entries: readonly Dirent[]): Listing {
	const code = entries.filter(isCode);
	const folders = entries.filter(mayHaveCode);
	const about = entries.filter((entry) => entry.isFile() && ABOUT_CODE.test(entry.name));
	const links = entries.filter((entry) => entry.isSymbolicLink());
	const scopes = entries.filter((entry) => entry.isDirectory() && entry.name.startsWith('@'));
	return {
		code: code.map(pathTo),
		folders: folders.map(pathTo),
		isPure: links.length === 0 && code.length + folders.length + about.length === entries.length,
		links: links.map(pathTo),
		scopes: scopes.map(pathTo),
	};
}

/** Declarations are for the compiler. */
function isCode(entry: Dirent): boolean {
	return !entry.isDirectory() && CODE.test(entry.name) && !ABOUT_CODE.test(entry.name);
}

function mayHaveCode(entry: Dirent): boolean {
	return entry.isDirectory() && entry.name !== PACKAGES && !entry.name.startsWith('.');
}

function pathTo(entry: Dirent): string {
	return join(entry.parentPath, entry.name);
}
