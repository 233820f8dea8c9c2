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
