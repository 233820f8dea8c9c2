/**
 * The program's own code: what a confined process may read without being told so. It is files, by their names' endings,
 * not folders: beside the code there may be what is nobody's business (`.env`, `config.json`).
 */
import { type Dirent, existsSync, realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
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

/** Folders that are everybody's: what lies below them is not all one program. */
const SHARED: ReadonlySet<string> = new Set(['/', homedir(), tmpdir()].flatMap((path) => [path, realPath(path)]));

/** Files, and patterns of Node's for all that is in a folder. */
export async function ownCode(modules: readonly string[]): Promise<string[]> {
	const given = modules.map(pathOf).filter((path) => path !== undefined);
	const files = [...given, ...given.map(realPath)];
	const folders = new Set(files.map(dirname));
	const packages = packagesSeenFrom([...folders, dirname(childEntry)]);
	const linked = await linkedFrom(packages);
	const roots = new Set([...[...folders].flatMap(rootsOf), ...linked]);
	const found = await Promise.all([...roots].map((root) => walks.codeIn(root)));
	return [
		join(dirname(childEntry), '*'),
		...[...packages].map((folder) => join(folder, '*')),
		...new Set([...files, ...[...folders].flatMap(nearestPackage), ...found.flat()]),
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

/** The `package.json` that says of what kind the modules in a folder are. */
function nearestPackage(folder: string): string[] {
	for (let at = folder; ; at = dirname(at)) {
		const file = join(at, 'package.json');
		if (existsSync(file)) return [file];
		if (at === dirname(at)) return [];
	}
}

/**
 * Where the code is that belongs to the code in a folder: the folder of its package, or the folder itself. And a hidden
 * one between them, which is not looked into otherwise.
 */
function rootsOf(folder: string): string[] {
	const root =
		nearestPackage(folder)
			.map(dirname)
			.find((at) => !SHARED.has(at)) ?? folder;
	const below = folder.slice(root.length).split('/');
	const hidden = below.findIndex((name) => name.startsWith('.'));
	return hidden === -1 ? [root] : [root, join(root, ...below.slice(0, hidden + 1))];
}

/** Where Node looks for packages from these folders. */
function packagesSeenFrom(folders: Iterable<string>): Set<string> {
	const found = new Set<string>();
	for (const folder of folders) {
		for (let at = folder; ; at = dirname(at)) {
			const packages = join(at, PACKAGES);
			if (existsSync(packages)) found.add(packages);
			if (at === dirname(at)) break;
		}
	}
	return found;
}

/** Packages that are elsewhere, as those of a workspace are. Where they look for packages themselves is put to `packages`. */
async function linkedFrom(packages: Set<string>): Promise<Set<string>> {
	const linked = new Set<string>();
	for (const folder of packages) {
		const isInside = (path: string): boolean => [...packages].some((at) => path.startsWith(`${at}/`));
		for (const path of await linksIn(folder)) {
			if (isInside(path) || linked.has(path)) continue;
			linked.add(path);
			for (const more of packagesSeenFrom([path])) packages.add(more); // it is looked into as well
		}
	}
	return linked;
}

/** Where the links in a folder of packages lead, and in the scopes there. */
async function linksIn(packages: string): Promise<string[]> {
	const entries = await entriesOf(packages);
	const scopes = entries.filter((entry) => entry.isDirectory() && entry.name.startsWith('@')).map(pathTo);
	const all = [...entries, ...(await Promise.all(scopes.map(entriesOf))).flat()];
	return all.filter((entry) => entry.isSymbolicLink()).map((entry) => realPath(pathTo(entry)));
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
		if (!SHARED.has(root)) folders.push(...entries.filter(mayHaveCode).map(pathTo));
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
