/**
 * Loads what is otherwise loaded on first use (see scripts/parts.mjs), for a process that others are forked from: what it
 * has loaded, none of them has to.
 */
export async function loadParts(): Promise<void> {
	await Promise.all([import('../wire/codec.ts'), import('../channel/ring.ts'), import('./record.ts')]);
}
