/**
 * The files of code below a folder. Node is told of each by an option, and takes the longer for every option the more of
 * them there are. So of many files those are put together that are in folders with nothing but code in them.
 */
import { join } from 'node:path';
import type { Listing, Listings } from './listings.ts';

/** Files of one package; a command line has room for so many. */
const MOST_FILES = 8000;
/** So many are told one by one: a folder that is told as a whole is open to what is put there later, too. */
const MOST_TOLD = 256;
/** Between two turns of the event loop, which has other things to do. */
const FOLDERS_AT_A_TIME = 16;

/** What a search came to, and of what. */
interface Found {
	readonly listings: ReadonlyMap<string, Listing>;
	readonly patterns: readonly string[];
}

export class CodeSearch {
	readonly #listings: Listings;
	readonly #last = new Map<string, Found>();
	readonly #underWay = new Map<string, Promise<readonly string[]>>();

	constructor(listings: Listings) {
		this.#listings = listings;
	}

	/** Files, and patterns of Node's for all that is in a folder. Looked for once for all that ask meanwhile. */
	codeIn(root: string, isDeep: boolean): Promise<readonly string[]> {
		const known = this.#underWay.get(root);
		if (known !== undefined) return known;
		const found = this.#search(root, isDeep).finally(() => this.#underWay.delete(root));
		this.#underWay.set(root, found);
		return found;
	}

	async #search(root: string, isDeep: boolean): Promise<readonly string[]> {
		const listings = await this.#walk(root, isDeep);
		const last = this.#last.get(root);
		if (last !== undefined && areSame(last.listings, listings)) return last.patterns;
		const files = [...listings.values()].flatMap(({ code }) => code);
		const patterns = files.length <= MOST_TOLD ? files : putTogether(root, listings).slice(0, MOST_FILES);
		this.#last.set(root, { listings, patterns });
		return patterns;
	}

	/** The nearest folders first. */
	async #walk(root: string, isDeep: boolean): Promise<Map<string, Listing>> {
		const found = new Map<string, Listing>();
		const folders = [root];
		let files = 0;
		while (found.size < folders.length && files < MOST_FILES && found.size < MOST_FILES) {
			const some = folders.slice(found.size, found.size + FOLDERS_AT_A_TIME);
			const listings = await Promise.all(some.map((folder) => this.#listings.of(folder)));
			for (const [at, listing] of listings.entries()) {
				found.set(some[at]!, listing);
				files += listing.code.length;
				if (isDeep) folders.push(...listing.folders);
			}
			await new Promise((resolve) => setImmediate(resolve));
		}
		return found;
	}
}

function areSame(one: ReadonlyMap<string, Listing>, other: ReadonlyMap<string, Listing>): boolean {
	return one.size === other.size && [...other].every(([folder, listing]) => one.get(folder) === listing);
}

/** Not the root itself: that is where settings lie, and will lie. */
function putTogether(root: string, found: ReadonlyMap<string, Listing>): string[] {
	const pure = pureFolders(found);
	const told = (folder: string): string[] => {
		const listing = found.get(folder);
		if (listing === undefined) return [];
		if (folder !== root && pure.has(folder)) return [join(folder, '*')];
		return [...listing.code, ...listing.folders.flatMap(told)];
	};
	return told(root);
}

/** Those that have nothing but code in them, however deep. */
function pureFolders(found: ReadonlyMap<string, Listing>): Set<string> {
	const pure = new Set<string>();
	// A folder stands behind the one that it is in.
	for (const [folder, { isPure, folders }] of [...found].reverse()) {
		if (isPure && folders.every((inner) => pure.has(inner))) pure.add(folder);
	}
	return pure;
}
