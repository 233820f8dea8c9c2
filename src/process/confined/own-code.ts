/**
 * The program's own code: what a confined process may read without being told so. It is files, by their names' endings,
 * not all that is in their folders: beside the code there may be what is nobody's business (`.env`, `config.json`).
 */
import { existsSync, realpathSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEntry } from '../child-entry.ts';
import { CodeSearch } from './code-search.ts';
import { Listings } from './listings.ts';

const PACKAGES = 'node_modules';
/** Folders that are everybody's: what lies below them is not all one program. */
const SHARED: ReadonlySet<string> = new Set(['/', homedir(), tmpdir()].flatMap((path) => [path, realPath(path)]));

const listings = new Listings();
const search = new CodeSearch(listings);

/** Files, and patterns of Node's for all that is in a folder. */
export async function ownCode(modules: readonly string[]): Promise<string[]> {
	const given = modules.map(pathOf).filter((path) => path !== undefined);
	const files = [...given, ...given.map(realPath)];
	const folders = new Set(files.map(dirname));
	const packages = packagesSeenFrom([...folders, dirname(childEntry)]);
	const linked = await linkedFrom(packages);
	const roots = new Set([...[...folders].flatMap(rootsOf), ...linked]);
	const found = await Promise.all([...roots].map((root) => search.codeIn(root, !SHARED.has(root))));
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
	const { links, scopes } = await listings.of(packages);
	const inScopes = await Promise.all(scopes.map((scope) => listings.of(scope)));
	return [...links, ...inScopes.flatMap((scope) => scope.links)].map(realPath);
}
