/**
 * The program's own code: what a confined process may read without being told so. It is files, by their names' endings,
 * not folders: beside the code there may be what is nobody's business (`.env`, `config.json`).
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEntry } from '../child-entry.ts';

const CODE = /(?:\.(?:[cm]?[jt]s|[jt]sx|wasm)|^package\.json)$/;
const PACKAGES = 'node_modules';
/** Files of one package; a command line has room for so many. */
const MOST_FILES = 8000;

/** Paths, and patterns of Node's for all that is in a folder. */
export function ownCode(modules: readonly string[]): string[] {
	const files = modules.map(pathOf).filter((path) => path !== undefined);
	const real = files.map(realPath);
	const folders = new Set([...files, ...real].map(dirname));
	const roots = new Set([...folders].map(packageOf));
	return [
		join(dirname(childEntry), '*'),
		...packagesSeenFrom(new Set([...folders, dirname(childEntry)])),
		...new Set([...files, ...real, ...[...roots].flatMap(codeIn)]),
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
function codeIn(root: string): string[] {
	const found: string[] = [];
	const folders = [root];
	for (const folder of folders) {
		for (const entry of entriesOf(folder)) {
			const path = join(folder, entry.name);
			if (entry.isDirectory()) {
				if (entry.name !== PACKAGES && !entry.name.startsWith('.')) folders.push(path);
			} else if (CODE.test(entry.name)) found.push(path);
		}
		if (found.length > MOST_FILES || folders.length > MOST_FILES) break;
	}
	return found.slice(0, MOST_FILES);
}

function entriesOf(folder: string): import('node:fs').Dirent[] {
	try {
		return readdirSync(folder, { withFileTypes: true });
	} catch {
		return []; // not ours to read, so not ours to run
	}
}
