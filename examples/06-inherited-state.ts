/**
 * What a child finds in a module's variable: under fork what its parent left there, an open file; under spawn and
 * forkserver what the module itself puts there when it is imported, which is nothing yet.
 *
 *     node 06-inherited-state.js spawn
 *     polyproc run 06-inherited-state.js fork
 *
 * So what a child needs belongs in its arguments: they reach it whatever the start method is.
 */
import { type FileHandle, open } from 'node:fs/promises';
import * as mp from 'polyproc';

let file: FileHandle | null = null;

/** Prints the module's variable, and what it was given. */
export function show(given: string): void {
	console.log(`the child finds ${file === null ? 'null' : `the open file ${file.fd}`}; it was given ${given}`);
}

if (mp.isMain(import.meta)) {
	const method = process.argv[2] as mp.StartMethod | undefined;
	const { Process, getStartMethod } = mp.getContext(method);
	file = await open(new URL(import.meta.url));
	console.log(`${method ?? getStartMethod()}: the parent has the open file ${file.fd}`);
	const child = new Process({ target: show, args: ['a name'] });
	await child.start();
	await child.join();
	await file.close();
}
