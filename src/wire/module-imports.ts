/**
 * Captured variables that are modules, or come from one: they are imported again by the receiver, not copied. An ES
 * module's import bindings are found in its source; CommonJS modules by identity, since `require` hands out the object
 * itself (or what a compiler's interop helper made of it).
 */
import { isBuiltin } from 'node:module';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { knownFunctions } from './known-functions.ts';
import { loadedCommonJs } from './lazy-require.ts';
import type { ScriptSource } from './script-source.ts';
import type { Node } from './syntax.ts';

/** A module's name (see module-registry) and the binding's path in its namespace; empty: the namespace. */
export interface Import {
	readonly module: string;
	readonly path: readonly string[];
}

/** The module that `specifier` means to the module at `url`. */
export function resolveSpecifier(specifier: string, url: string): string {
	if (isBuiltin(specifier)) return `b${specifier.replace(/^node:/, '')}`;
	if (/^\.{0,2}\//.test(specifier)) return `e${new URL(specifier, url).href}`;
	return /^(file|data):/.test(specifier) ? `e${specifier}` : `s${url}\n${specifier}`;
}

function bindingPath(specifier: Node): string[] {
	if (specifier.type === 'ImportNamespaceSpecifier') return [];
	if (specifier.type === 'ImportDefaultSpecifier') return ['default'];
	const imported = specifier.imported as { name?: string; value?: string };
	return [imported.name ?? imported.value!];
}

/** The import bindings of an ES module, by local name. */
export function importBindings(source: ScriptSource, url: string): Map<string, Import> {
	const bindings = new Map<string, Import>();
	for (const statement of (source.tree?.body as Node[] | undefined) ?? []) {
		if (statement.type !== 'ImportDeclaration') continue;
		const module = resolveSpecifier((statement.source as unknown as { value: string }).value, url);
		for (const specifier of statement.specifiers as Node[]) {
			const path = bindingPath(specifier);
			// `require` gives a built-in module itself, which is its default export.
			const isItself = module[0] === 'b' && path[0] === 'default';
			bindings.set((specifier.local as unknown as { name: string }).name, { module, path: isItself ? [] : path });
		}
	}
	return bindings;
}

/** The CommonJS or built-in module that `value` is, or null. */
export function moduleByIdentity(value: unknown): string | null {
	if (typeof value !== 'object' || value === null) return null;
	const builtin = knownFunctions.builtinModule(value);
	if (builtin !== null) return `b${builtin}`;
	for (const [filename, module] of Object.entries(loadedCommonJs())) {
		if (module?.exports === value) return `c${pathToFileURL(filename).href}`;
	}
	return null;
}

/** What esbuild's `__toESM` and TypeScript's `__importStar`/`__importDefault` make: an object with the module as `default`. */
export function interopModule(value: unknown): string | null {
	if (typeof value !== 'object' || value === null || types.isProxy(value)) return null;
	const wrapped = Object.getOwnPropertyDescriptor(value, 'default')?.value;
	const isFunction = typeof wrapped === 'function';
	if (!isFunction) return moduleByIdentity(wrapped);
	const entry = Object.entries(loadedCommonJs()).find(([, module]) => module?.exports === wrapped);
	return entry === undefined ? null : `c${pathToFileURL(entry[0]).href}`;
}
