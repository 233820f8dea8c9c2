/** The modules of ours in which another process's life begins, each beside a `reference.ts` that knows it by its name. */

const SOURCES = /\/reference\.(?<extension>[jt]s)$/;

/**
 * The name (module-registry.ts) of such a module. Beside the bundle that a program imports it is a CommonJS module, in the
 * sources an ES module.
 *
 * @param here `import.meta.url` of the `reference.ts`
 * @param names without their extensions
 */
export function ownEntry(here: string, names: { readonly bundled: string; readonly source: string }): string {
	const extension = SOURCES.exec(here)?.groups?.extension;
	return extension === undefined
		? `c${new URL(`./${names.bundled}.cjs`, here).href}`
		: `e${new URL(`./${names.source}.${extension}`, here).href}`;
}
