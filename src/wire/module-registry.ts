/**
 * The modules that messages speak of, by name, and how to get at them: at once (`require`, which takes ES modules too
 * from Node 20.19 on) or with `import()`, which alone can wait for a top-level await.
 *
 * A module's name is one letter and its address: `e` ES module (URL), `c` CommonJS (URL), `b` built-in, `g` the globals,
 * `p` polyproc's own errors, `s` a bare specifier as seen from a parent module (parent, line feed, specifier).
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as ownErrors from '../base/errors.ts';
import { requireHere } from './lazy-require.ts';
import { importFrom } from './native-import.ts';

export const GLOBALS = 'g';
export const OWN_ERRORS = 'p';

/** The name as people know it. */
export function moduleLabel(name: string): string {
	if (name === GLOBALS) return 'the globals';
	if (name === OWN_ERRORS) return 'polyproc';
	return name[0] === 's' ? `${name.slice(1).split('\n')[1]} (from ${name.slice(1).split('\n')[0]})` : name.slice(1);
}

/** `require` as the module at `url` has it. */
export function requireFrom(url: string): NodeJS.Require {
	return createRequire(url.startsWith('file:') ? url : import.meta.url);
}

class ModuleRegistry {
	readonly #loaded: Map<string, unknown> = new Map<string, unknown>([
		[GLOBALS, globalThis],
		[OWN_ERRORS, ownErrors],
	]);

	/** How modules are imported that messages speak of: whoever runs their functions may want to know that it is not one of them that runs. */
	importing: <T>(load: () => Promise<T>) => Promise<T> = (load) => load();

	has(name: string): boolean {
		return this.#loaded.has(name);
	}

	/** Whether `prepare` would do anything for it. */
	isToBeImported(name: string): boolean {
		return (name[0] === 'e' || name[0] === 's') && !this.#loaded.has(name);
	}

	/** The namespace (or `module.exports`) if it has been met before. */
	peek(name: string): unknown {
		return this.#loaded.get(name);
	}

	/** All that have been met, by their names. */
	get loaded(): Iterable<[name: string, namespace: unknown]> {
		return this.#loaded;
	}

	learn(name: string, namespace: unknown): void {
		this.#loaded.set(name, namespace);
	}

	/** The module, loaded now if need be. Throws what the loader throws. */
	load(name: string): unknown {
		if (this.#loaded.has(name)) return this.#loaded.get(name);
		const namespace = this.#require(name);
		// A CommonJS module may replace its exports while it is being loaded; the cache of `require` knows best.
		if (name[0] !== 'c') this.#loaded.set(name, namespace);
		return namespace;
	}

	#require(name: string): unknown {
		const address = name.slice(1);
		switch (name[0]) {
			case 'b':
				return requireHere(`node:${address}`);
			case 's': {
				const [parent, specifier] = address.split('\n') as [string, string];
				return requireFrom(parent)(specifier);
			}
			default:
				return requireHere(fileURLToPath(address));
		}
	}

	/** Loads, with time to wait, what `load` would have to load at once. Answers what failed, and why. */
	prepare(names: readonly string[]): Promise<Map<string, unknown>> {
		return this.importing(() => this.#prepare(names));
	}

	async #prepare(names: readonly string[]): Promise<Map<string, unknown>> {
		const failures = new Map<string, unknown>();
		for (const name of names) {
			if (!this.isToBeImported(name)) continue;
			try {
				this.#loaded.set(name, await this.#import(name));
			} catch (error) {
				failures.set(name, error);
			}
		}
		return failures;
	}

	async #import(name: string): Promise<unknown> {
		if (name[0] === 'e') return await import(name.slice(1));
		const [parent, specifier] = name.slice(1).split('\n') as [string, string];
		return await importFrom(parent)(specifier);
	}
}

export const modules: ModuleRegistry = new ModuleRegistry();
