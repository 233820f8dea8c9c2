/**
 * Finds a function below an object by identity, and gives the path to it: `['square']`, `['Foo', 'bar']` (static),
 * `['Foo', 'prototype', 'm']`, `['tools', 'trim']`. A few levels only: deeper ones are nobody's public names.
 */
const DEPTH = 3;
/** A module that exports a huge table is not searched to the end. */
const MOST_VISITED = 20_000;

export type Path = readonly string[];

/** Getters of a module's own exports are bindings (esbuild, TypeScript); deeper ones are code that must not run. */
function valueAt(holder: object, key: string, isModule: boolean): unknown {
	if (!isModule) return Object.getOwnPropertyDescriptor(holder, key)?.value;
	try {
		return (holder as Record<string, unknown>)[key];
	} catch {
		return undefined; // A binding without a value yet is not what is looked for.
	}
}

function mayHold(value: unknown): value is object {
	return typeof value === 'function' || (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value));
}

function keysOf(holder: object): string[] {
	if (Array.isArray(holder) && holder.length > 0) return []; // `Array.prototype` is an array, too.
	const keys = Object.getOwnPropertyNames(holder);
	return typeof holder === 'function'
		? keys.filter((key) => !['length', 'name', 'arguments', 'caller'].includes(key))
		: keys;
}

/** Calls `found` with every function below `root`, the nearest first, until it says true. */
export function eachFunction(root: object, readBindings: boolean, found: (fn: object, path: Path) => boolean): void {
	const visited = new Set<unknown>([root]);
	let level: { holder: object; path: string[] }[] = [{ holder: root, path: [] }];
	for (let depth = 0; depth < DEPTH && level.length > 0; depth++) {
		const next: typeof level = [];
		for (const { holder, path } of level) {
			for (const key of keysOf(holder)) {
				const value = valueAt(holder, key, readBindings && depth === 0);
				if (!mayHold(value) || visited.has(value) || visited.size > MOST_VISITED) continue;
				visited.add(value);
				// `Foo.prototype.constructor` is Foo, which was met on the way.
				const here = [...path, key];
				if (typeof value === 'function' && found(value, here)) return;
				next.push({ holder: value, path: here });
			}
		}
		level = next;
	}
}

/** The path from `root` to `fn`, or null. The root itself is the empty path. */
export function findMember(root: unknown, fn: object, readBindings: boolean): Path | null {
	if (root === fn) return [];
	if (!mayHold(root)) return null;
	let answer: Path | null = null;
	eachFunction(root, readBindings, (member, path) => {
		if (member !== fn) return false;
		answer = path;
		return true;
	});
	return answer;
}
