/** What every user of the machine may run and read: the Nodes that tests are run with may lie in somebody's own folder. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whether everybody gets at this file. */
export function isForAll(path: string): boolean {
	const folder = dirname(path);
	return (statSync(path).mode & 1) === 1 && (folder === path || isForAll(folder));
}
