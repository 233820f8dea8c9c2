/** Where the file is that a child is started with: beside the bundle that the program imports, or in the sources. */
import { fileURLToPath } from 'node:url';

const BUNDLE_CHUNKS = /\/chunks\/[^/]+$/;
const SOURCES = /\/process\/child-entry\.(?<extension>[jt]s)$/;

function locate(here: string): URL {
	const extension = SOURCES.exec(here)?.groups?.extension;
	if (extension !== undefined) return new URL(`./child/main.${extension}`, here);
	return new URL(BUNDLE_CHUNKS.test(here) ? '../child.js' : './child.js', here);
}

export const childEntry: string = fileURLToPath(locate(import.meta.url));
