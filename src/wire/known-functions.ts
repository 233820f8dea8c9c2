/**
 * Functions that need no inspector: those of the language and of Node. Globals are indexed once, when the first native
 * function is asked for; of Node's modules only those that are loaded already are searched, since a function must have
 * come from one of them.
 */
import { isBuiltin } from 'node:module';
import { requireHere } from './lazy-require.ts';
import { eachFunction, findMember, type Path } from './member-search.ts';
import { GLOBALS } from './module-registry.ts';

export interface Reference {
	/** A module's name (see module-registry). */
	readonly module: string;
	readonly path: Path;
}

function loadedBuiltins(): string[] {
	const loaded = (process as unknown as { moduleLoadList?: string[] }).moduleLoadList ?? [];
	const names = loaded.filter((entry) => entry.startsWith('NativeModule ')).map((entry) => entry.slice(13));
	return names.filter((name) => isBuiltin(name) && !name.startsWith('internal/') && !name.startsWith('_'));
}

/** Public modules that code at `node:internal/fs/promises` may belong to: fs/promises, fs. */
function hintedBuiltins(url: string): string[] {
	const parts = url.replace(/^node:(internal\/)?/, '').split('/');
	const names = parts.map((_, i) => parts.slice(0, parts.length - i).join('/'));
	return names.filter((name) => isBuiltin(name) && !name.startsWith('internal'));
}

class KnownFunctions {
	#globals: WeakMap<object, Path> | null = null;

	global(fn: object): Reference | null {
		// Node defines many globals by getters that load them; asking by the function's own name loads nothing new.
		const { name } = fn as { name?: unknown };
		if (typeof name === 'string' && name in globalThis && Reflect.get(globalThis, name) === fn) {
			return { module: GLOBALS, path: [name] };
		}
		this.#globals ??= this.#indexGlobals();
		const path = this.#globals.get(fn);
		return path === undefined ? null : { module: GLOBALS, path };
	}

	/** A function whose code is in `node:…` (`url`), or native: searched in that module first. */
	builtin(fn: object, url: string): Reference | null {
		for (const name of new Set([...hintedBuiltins(url), ...loadedBuiltins(), 'process'])) {
			const path = findMember(requireHere(`node:${name}`), fn, false);
			if (path !== null) return { module: `b${name}`, path };
		}
		return null;
	}

	/** The built-in module that `value` is, or null: `const fs = require('fs')` captured by a closure. */
	builtinModule(value: object): string | null {
		return loadedBuiltins().find((name) => requireHere(`node:${name}`) === value) ?? null;
	}

	#indexGlobals(): WeakMap<object, Path> {
		const index = new WeakMap<object, Path>();
		eachFunction(globalThis, false, (fn, path) => {
			if (!index.has(fn) && path[0] !== 'process') index.set(fn, path);
			return false;
		});
		return index;
	}
}

export const knownFunctions: KnownFunctions = new KnownFunctions();
