/** What the program wants its fork server to have imported before the first fork. */
import { typeError } from '../base/errors.ts';

/** What is done when a module cannot be preloaded. */
export type PreloadErrorPolicy = 'ignore' | 'warn' | 'fail';
const POLICIES: readonly string[] = ['ignore', 'warn', 'fail'];

/** What a fork server that is started from now on is to preload. */
export const preloading: {
	modules: readonly string[] | undefined;
	onError: PreloadErrorPolicy;
	/** Modules of this package that its children are going to need, by their names (wire/module-registry.ts). */
	readonly own: string[];
} = {
	modules: undefined,
	onError: 'warn',
	own: [],
};

/**
 * What the fork server imports before the first fork: every child has it then, shared copy-on-write. For servers started
 * from now on. By default it is the program's own module, if that has the guard (`isMain`).
 *
 * @param modules specifiers as in `import`, resolved from the program's file; absolute paths; URLs. `'__main__'` is the
 *   program's own module.
 * @param options `onError`: a module that cannot be imported is ignored, warned of, or makes every start fail.
 */
export function setForkserverPreload(
	modules: readonly (string | URL)[],
	options: { readonly onError?: PreloadErrorPolicy } = {},
): void {
	const valid =
		Array.isArray(modules) && modules.every((module) => typeof module === 'string' || module instanceof URL);
	if (!valid) throw typeError('setForkserverPreload: modules must be an array of strings and URLs');
	const policy = options.onError ?? 'warn';
	if (!POLICIES.includes(policy)) {
		throw typeError(`setForkserverPreload: onError must be 'ignore', 'warn' or 'fail', not ${String(policy)}`);
	}
	preloading.modules = modules.map(String);
	preloading.onError = policy;
}
