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
const PACKAGES = 'node_modules';
/** Files of one package; a command line has room for so many. */
const MOST_FILES = 8000;

/** Files, and patterns of Node's for all that is in a folder. */
export async function ownCode(modules: readonly string[]): Promise<string[]> {
	const files = modules.map(pathOf).filter((path) => path !== undefined);
	const real = files.map(realPath);
	const folders = new Set([...files, ...real].map(dirname));
	const roots = new Set([...folders].map(packageOf));
	const found = await Promise.all([...roots].map(codeIn));
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
async function codeIn(root: string): Promise<string[]> {
	const found: string[] = [];
	let folders = [root];
	let visited = 0;
	while (folders.length > 0 && found.length < MOST_FILES && visited < MOST_FILES) {
		visited += folders.length;
		const entries = (await Promise.all(folders.map(entriesOf))).flat();
		found.push(...entries.filter(isCode).map(pathTo));
		folders = entries.filter(mayHaveCode).map(pathTo);
	}
	return found.slice(0, MOST_FILES);
}

function isCode(entry: Dirent): boolean {
	return !entry.isDirectory() && CODE.test(entry.name);
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
