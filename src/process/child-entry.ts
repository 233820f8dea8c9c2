/** Where the file is that a child is started with: beside the bundle that the program imports, or in the sources. */
import { fileURLToPath } from 'node:url';

const SOURCES = /\/process\/child-entry\.(?<extension>[jt]s)$/;

function locate(here: string): URL {
	const extension = SOURCES.exec(here)?.groups?.extension;
	return new URL(extension === undefined ? './child.cjs' : `./child/main.${extension}`, here);
}

export const childEntry: string = fileURLToPath(locate(import.meta.url));
