/**
 * `require` for what is loaded only when it is needed: the inspector, the parser, users' modules. Even making it is put
 * off: the first `createRequire` of a process costs a child that gets plain values more than decoding them does.
 */
import { createRequire } from 'node:module';

class LazyRequire {
	#require: NodeJS.Require | null = null;

	get(): NodeJS.Require {
		this.#require ??= createRequire(import.meta.url);
		return this.#require;
	}
}

const lazy = new LazyRequire();

export function requireHere(specifier: string): unknown {
	return lazy.get()(specifier);
}

/** CommonJS modules that have been loaded, by file name. */
export function loadedCommonJs(): NodeJS.Dict<NodeJS.Module> {
	return lazy.get().cache;
}

/** A file of this package, if it has been loaded: the bundle has a loader of its own (scripts/loader.cjs). */
export function ownFile(path: string): { readonly exports: unknown } | undefined {
	const files = (globalThis as Record<symbol, unknown>)[Symbol.for('polyproc.files')];
	return (files as Map<string, { readonly exports: unknown }> | undefined)?.get(path);
}
