/** The Node that children are started with: this process's own, unless set. */
import { fileURLToPath } from 'node:url';
import { typeError } from '../base/errors.ts';

let chosen: string | undefined;

export function executable(): string {
	return chosen ?? process.execPath;
}

/** Chooses the Node executable for children. */
export function setExecutable(path: string | URL | Uint8Array): void {
	if (typeof path === 'string') chosen = path;
	else if (path instanceof URL) chosen = fileURLToPath(path);
	else if (path instanceof Uint8Array) chosen = Buffer.from(path).toString();
	else throw typeError(`setExecutable: path must be a string, a file: URL or a Buffer, not ${typeof path}`);
}
