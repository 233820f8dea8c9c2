/**
 * The program's own code: what a confined process may read without being told so. It is files, by their names' endings,
 * not folders: beside the code there may be what is nobody's business (`.env`, `config.json`).
 */
import { type Dirent, existsSync, realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEntry } from '../child-entry.ts';

const CODE = /(?:\.(?:[cm]?[jt]s|[jt]sx|wasm)|^package\.json)$/;
/** Declares only. */
const TYPES = /\.d\.[cm]?ts$/;
const PACKAGES = 'node_modules';
/** Files of one package; a command line has room for so many. */
const MOST_FILES = 8000;
/** Between two turns of the event loop, which has other things to do. */
const FOLDERS_AT_A_TIME = 8;

/** Files, and patterns of Node's for all that is in a folder. */
export async function ownCode(modules: readonly string[]): Promise<string[]> {
	const files = modules.map(pathOf).filter((path) => path !== undefined);
	const real = files.map(realPath);
	const folders = new Set([...files, ...real].map(dirname));
	const roots = new Set([...folders].map(packageOf));
	const found = await Promise.all([...roots].map((root) => walks.codeIn(root)));
	return [
		join(dirname(childEntry), '*'),
		...packagesSeenFrom(new Set([...folders, dirname(childEntry)])),
		...new Set([...files, ...real, ...found.flat()]),
	];
}

function pathOf(module: string): string | undefined {
	if (module.startsWith('file:')) return fileURLToPath(module);
	return module.startsWith('/') ? module : undefined;
}

function realPath(path: string): string {
	try {
		return realpathSync(path);
	} catch {
		return path; // importing it will tell
	}
}

/** The folder of the package that a folder belongs to, or the folder itself. */
function packageOf(folder: string): string {
	for (let at = folder; ; at = dirname(at)) {
		if (existsSync(join(at, 'package.json'))) return at;
		if (at === dirname(at)) return folder;
	}
}

/** Where Node looks for packages from these folders. */
function packagesSeenFrom(folders: ReadonlySet<string>): Set<string> {
	const found = new Set<string>();
	for (const folder of folders) {
		for (let at = folder; ; at = dirname(at)) {
			const packages = join(at, PACKAGES);
			if (existsSync(packages)) found.add(join(packages, '*'));
			if (at === dirname(at)) break;
		}
	}
	return found;
}

/** The nearest files first. */
async function walk(root: string): Promise<string[]> {
	const found: string[] = [];
	const folders = [root];
	let visited = 0;
	while (visited < folders.length && found.length < MOST_FILES && visited < MOST_FILES) {
		const some = folders.slice(visited, visited + FOLDERS_AT_A_TIME);
		visited += some.length;
		const entries = (await Promise.all(some.map(entriesOf))).flat();
		found.push(...entries.filter(isCode).map(pathTo));
		folders.push(...entries.filter(mayHaveCode).map(pathTo));
	}
	return found.slice(0, MOST_FILES);
}

/** Of all processes that are being started. */
class Walks {
	readonly #underWay = new Map<string, Promise<string[]>>();

	/** The code in a folder, looked for once for all that are started meanwhile. */
	codeIn(root: string): Promise<string[]> {
		const known = this.#underWay.get(root);
		if (known !== undefined) return known;
		const found = walk(root).finally(() => this.#underWay.delete(root));
		this.#underWay.set(root, found);
		return found;
	}
}

const walks = new Walks();

function isCode(entry: Dirent): boolean {
	return !entry.isDirectory() && CODE.test(entry.name) && !TYPES.test(entry.name);
}

function mayHaveCode(entry: Dirent): boolean {
	return entry.isDirectory() && entry.name !== PACKAGES && !entry.name.startsWith('.');
}

function pathTo(entry: Dirent): string {
	return join(entry.parentPath, entry.name);
}

function entriesOf(folder: string): Promise<Dirent[]> {
	return readdir(folder, { withFileTypes: true }).catch(() => []); // not ours to read, so not ours to run
}
