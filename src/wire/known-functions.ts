/**
 * Functions that need no inspector: those of the language and of Node. Globals are indexed once, when the first native
 * function is asked for; of Node's modules only those that are loaded already are searched, since a function must have
 * come from one of them.
 */
import { createRequire, isBuiltin } from 'node:module';
import { eachFunction, findMember, type Path } from './member-search.ts';
import { GLOBALS } from './module-registry.ts';

export interface Reference {
	/** A module's name (see module-registry). */
	readonly module: string;
	readonly path: Path;
}

const load: NodeJS.Require = createRequire(import.meta.url);

function loadedBuiltins(): string[] {
	const loaded = (process as unknown as { moduleLoadList?: string[] }).moduleLoadList ?? [];
	const names = loaded.filter((entry) => entry.startsWith('NativeModule ')).map((entry) => entry.slice(13));
	return names.filter((name) => isBuiltin(name) && !name.startsWith('internal/') && !name.startsWith('_'));
}

class KnownFunctions {
	#globals: WeakMap<object, Path> | null = null;

	global(fn: object): Reference | null {
		this.#globals ??= this.#indexGlobals();
		const path = this.#globals.get(fn);
		return path === undefined ? null : { module: GLOBALS, path };
	}

	/** A function whose code is in `node:…` (`url`), or native: searched in that module first. */
	builtin(fn: object, url: string): Reference | null {
		const hint = url.startsWith('node:') ? url.slice(5) : '';
		const names = loadedBuiltins();
		const first = isBuiltin(hint) && !hint.startsWith('internal/') ? [hint] : [];
		for (const name of [...first, ...names]) {
			const path = findMember(load(`node:${name}`), fn, false);
			if (path !== null) return { module: `b${name}`, path };
		}
		return null;
	}

	/** The built-in module that `value` is, or null: `const fs = require('fs')` captured by a closure. */
	builtinModule(value: object): string | null {
		return loadedBuiltins().find((name) => load(`node:${name}`) === value) ?? null;
	}

	#indexGlobals(): WeakMap<object, Path> {
		const index = new WeakMap<object, Path>();
		eachFunction(globalThis, false, (fn, path) => {
			if (!index.has(fn) && path[0] !== 'process') index.set(fn, path);
			return false;
		});
		// Node defines some web classes by getters that load them; one that has been used is worth knowing.
		return index;
	}
}

export const knownFunctions: KnownFunctions = new KnownFunctions();
