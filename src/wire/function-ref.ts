/**
 * Functions and classes by reference: which module exports this function, and under which name. Nobody registers
 * anything; V8 tells where the function was compiled, and that module is searched for it by identity.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ownErrors from '../base/errors.ts';
import { isNative } from './encode-builtins.ts';
import { type Examined, inspector, type Location } from './function-inspector.ts';
import { sharedHome } from './handoff.ts';
import { knownFunctions, type Reference } from './known-functions.ts';
import { loadedCommonJs, ownFile, requireHere } from './lazy-require.ts';
import { findMember, type Path } from './member-search.ts';
import { GLOBALS, modules, OWN_ERRORS } from './module-registry.ts';
import { findInSource, readThrough } from './script-exports.ts';

/** Loaders given on the command line (tsx): `require` would compile an ES module a second time, its own way. */
const LOADERS = /(^|\s)(--import|--loader|--experimental-loader|--require|-r)\b/;

function isClass(fn: object): boolean {
	return /^class\b/.test(Function.prototype.toString.call(fn));
}

/** For a file of our own bundle that is not its face: the face, by which our classes and functions are known. */
function bundleHome(url: string): string | null {
	const home = sharedHome()?.slice(1) ?? '';
	return url !== home && dirname(url) === dirname(home) ? home : null;
}

/** Where a function was compiled: the same for all that one piece of source makes. */
function placeOf({ script, line, column }: Location): string {
	return `${script.id}:${line}:${column}`;
}

class FunctionReferences {
	readonly #known = new WeakMap<object, Reference>();
	/** Of each module that `require` could not give: a function it exports. */
	readonly #witnesses = new Map<string, { readonly fn: WeakRef<object>; readonly path: Path }>();
	readonly #notExported = new Set<string>();
	readonly #examined = new WeakMap<object, Examined>();
	readonly #hasLoaders: boolean = LOADERS.test(`${process.execArgv.join(' ')} ${process.env.NODE_OPTIONS ?? ''}`);

	constructor() {
		for (const [name, value] of Object.entries(ownErrors)) {
			this.#known.set(value, { module: OWN_ERRORS, path: [name] });
		}
	}

	/** What arrived by reference leaves by the same one. */
	learn(fn: object, reference: Reference): void {
		if (!this.#known.has(fn)) this.#known.set(fn, reference);
	}

	examine(fn: object): Examined {
		let examined = this.#examined.get(fn);
		if (examined === undefined) {
			examined = inspector.examine(fn);
			this.#examined.set(fn, examined);
		}
		return examined;
	}

	find(fn: object): Reference | null {
		const known = this.#known.get(fn);
		if (known !== undefined) return known;
		const found = isNative(fn) ? this.#native(fn) : this.#compiled(fn);
		if (found !== null) this.#known.set(fn, found);
		return found;
	}

	#native(fn: object): Reference | null {
		return knownFunctions.global(fn) ?? knownFunctions.builtin(fn, '');
	}

	#compiled(fn: object): Reference | null {
		if (!inspector.isAvailable) return this.#inLoaded(fn);
		const { location, isModule } = this.examine(fn);
		const url = location?.script.url ?? '';
		if (location === undefined || url === '') return null;
		if (url.startsWith('node:')) return knownFunctions.global(fn) ?? knownFunctions.builtin(fn, url);
		if (this.#notExported.has(placeOf(location))) return null;
		if (!isModule) return this.#inCommonJs(fn, url) ?? this.#inSource(fn, `c${url}`);
		return this.#inNamespace(fn, url) ?? this.#inSource(fn, `e${url}`);
	}

	/** Without anybody to say where it comes from: it may be of a module that a message has spoken of. */
	#inLoaded(fn: object): Reference | null {
		for (const [name, namespace] of modules.loaded) {
			const path = name === GLOBALS ? null : findMember(namespace, fn, true);
			if (path !== null) return { module: name, path };
		}
		return null;
	}

	#inCommonJs(fn: object, url: string): Reference | null {
		if (!url.startsWith('file:')) return null;
		const home = bundleHome(url);
		return (home === null ? null : this.#inExports(fn, home)) ?? this.#inExports(fn, url);
	}

	#inExports(fn: object, url: string): Reference | null {
		const file = fileURLToPath(url);
		const module = loadedCommonJs()[file] ?? ownFile(file);
		const path = module === undefined ? null : findMember(module.exports, fn, true);
		return path === null ? null : { module: `c${url}`, path };
	}

	#inNamespace(fn: object, url: string): Reference | null {
		const name = `e${url}`;
		const namespace = modules.peek(name) ?? this.#requireLoaded(url);
		const path = namespace === undefined ? null : findMember(namespace, fn, true);
		return path === null ? null : { module: name, path };
	}

	/** The namespace of a module that must have been loaded, since a function of it is here. */
	#requireLoaded(url: string): unknown {
		if (this.#hasLoaders || !url.startsWith('file:') || /[?#]/.test(url)) return undefined;
		try {
			return requireHere(fileURLToPath(url));
		} catch {
			return undefined; // Still being evaluated, or with a top-level await: its source will tell.
		}
	}

	#inSource(fn: object, name: string): Reference | null {
		const { location, isModule } = this.examine(fn);
		if (name[0] === 'c' && !name.startsWith('cfile:')) return null;
		const path = findInSource(fn, location!, isModule);
		// An arrow function is another one at every call, and as little exported as the last one from that place.
		if (path === null && !isClass(fn)) this.#notExported.add(placeOf(location!));
		if (path !== null && isModule) this.#witnesses.set(name, { fn: new WeakRef(fn), path });
		return path === null ? null : { module: name, path };
	}

	/** Whether exports of the module can be had without importing it. */
	hasWitness(name: string): boolean {
		return this.#witnesses.get(name)?.fn.deref() !== undefined;
	}

	/**
	 * An export of a module that cannot be asked for it. Importing a main module that waits, in a top-level await, for
	 * the very message being decoded would wait for ever; its variables can be read through a function of its own.
	 */
	fromWitness(name: string, path: readonly string[]): unknown {
		const witness = this.#witnesses.get(name);
		const fn = witness?.fn.deref();
		if (witness === undefined || fn === undefined) return undefined;
		if (witness.path.join('\n') === path.join('\n')) return fn;
		return readThrough(fn, this.examine(fn).location!, path);
	}
}

export const functionReferences: FunctionReferences = new FunctionReferences();
