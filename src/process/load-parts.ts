import { setFlagsFromString } from 'node:v8';

/**
 * Loads what is otherwise loaded on first use (see scripts/parts.mjs), for a process that others are forked from: what it
 * has loaded, none of them has to. `own`: modules of higher layers, by their names (wire/module-registry.ts).
 */
export async function loadParts(own: readonly string[]): Promise<void> {
	await Promise.all([import('../wire/codec.ts'), import('../channel/ring.ts'), import('./record.ts')]);
	const { modules } = await import('../wire/module-registry.ts');
	// What is compiled when it is first called would be compiled in every child anew.
	setFlagsFromString('--no-lazy');
	await modules.prepare(own);
	for (const name of own) modules.load(name);
	setFlagsFromString('--lazy');
}
