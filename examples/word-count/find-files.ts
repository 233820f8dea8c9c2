/** Every file under a directory, each once: links are followed, and a loop of links ends where it began. */
import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of all files under `directory`. Throws if it cannot be read; what cannot be read further down is left out. */
export function findFiles(directory: string): string[] {
	readdirSync(directory);
	const seen = new Set<string>();
	const files: string[] = [];
	const waiting = [directory];
	for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
		const stats = look(path);
		if (stats === null || !isNew(stats, seen)) continue;
		if (stats.isFile()) files.push(path);
		else if (stats.isDirectory()) waiting.push(...entries(path));
	}
	return files.sort();
}

/** A file or directory is known by its device and number, whatever links lead to it. */
function isNew(stats: Stats, seen: Set<string>): boolean {
	const identity = `${stats.dev}:${stats.ino}`;
	return !seen.has(identity) && seen.add(identity) !== undefined;
}

function look(path: string): Stats | null {
	try {
		return statSync(path);
	} catch {
		return null; // a link to nowhere
	}
}

function entries(directory: string): string[] {
	try {
		return readdirSync(directory, { withFileTypes: true }).map((entry: Dirent) => join(directory, entry.name));
	} catch {
		return []; // nobody may look inside
	}
}
