/** Where the repository is, seen from compiled tests: found through the package's own name, so no counting of `..`. */
import { fileURLToPath } from 'node:url';

/** The repository's folder, ending in a slash. */
export const root: string = fileURLToPath(new URL('.', import.meta.resolve('polyproc/package.json')));

/** A file of the repository, by its path from the root. */
export function repositoryPath(path: string): string {
	return fileURLToPath(new URL(path, import.meta.resolve('polyproc/package.json')));
}

/** A program or module of test/fixtures, which are run as they stand, not compiled. */
export function fixturePath(path: string): string {
	return repositoryPath(`test/fixtures/${path}`);
}
