/**
 * A program in ES modules that awaits something at its top level has not been evaluated yet; nor will it ever be in a
 * process that is forked meanwhile, where what it awaits does not happen. To import it there would wait for ever. What it
 * exports can be had all the same, through any function of it that was known when the process was forked
 * (wire/function-ref.ts).
 */
import { pathToFileURL } from 'node:url';
import { hasMainFile, resolveProgram } from '../process/main-module.ts';
import { functionReferences } from '../wire/function-ref.ts';
import { loadedCommonJs } from '../wire/lazy-require.ts';
import { modules } from '../wire/module-registry.ts';

/** The name of the main module, if it is an ES module. */
function mainName(): string | undefined {
	const file = hasMainFile() ? resolveProgram(process.argv[1]) : undefined;
	return file === undefined || loadedCommonJs()[file] !== undefined ? undefined : `e${pathToFileURL(file).href}`;
}

/** Two turns of the event loop: a module that has been evaluated is there by then. */
function twoTurns(): Promise<undefined> {
	return new Promise((resolve) => {
		setImmediate(() => setImmediate(resolve, undefined));
	});
}

/** The name of the main module, if it has not been evaluated and none of its functions is known. */
export async function unreadableMain(): Promise<string | undefined> {
	const name = mainName();
	if (name === undefined || modules.has(name)) return undefined;
	const namespace = await Promise.race([import(name.slice(1)).catch(() => undefined), twoTurns()]);
	if (namespace !== undefined) modules.learn(name, namespace);
	return namespace !== undefined || functionReferences.hasWitness(name) ? undefined : name;
}
