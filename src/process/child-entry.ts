/** Where the file is that a child is started with: beside the bundle that the program imports, or in the sources. */
import { fileURLToPath } from 'node:url';

const SOURCES = /\/process\/child-entry\.(?<extension>[jt]s)$/;

function locate(entry: string, source: string, here: string): string {
	const extension = SOURCES.exec(here)?.groups?.extension;
	const file = extension === undefined ? `./${entry}.cjs` : `./${source}.${extension}`;
	return fileURLToPath(new URL(file, here));
}

export const childEntry: string = locate('child', 'child/main', import.meta.url);
/** And a fork server. */
export const serverEntry: string = locate('server', 'server/main', import.meta.url);
/** And a thread. */
export const threadEntry: string = locate('thread', 'child/thread', import.meta.url);
