/**
 * `import()` as another module has it: resolved from that module's place, with the conditions of ES modules (`require`
 * cannot see packages that only export `import`). A script compiled under the module's name gets Node's own loader.
 *
 * Node warns, once per process, that this way is experimental; it works the same on 20, 22, 24 and 26, and the warning
 * would appear on the user's terminal for something the user never wrote. So the first use happens while the warning of
 * exactly this name is held back.
 */
import { fileURLToPath } from 'node:url';
import { constants, Script } from 'node:vm';

export type Importer = (specifier: string) => Promise<unknown>;

/** A script whose dynamic imports mean what they mean in the file `filename`. */
export function compileImporting(source: string, filename: string, lineOffset: number): Script {
	const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
	if (importing.test(source)) acknowledgement.give();
	return new Script(source, { filename, lineOffset, importModuleDynamically });
}

const importing = /\bimport\b/;
const importerSource = '(specifier) => import(specifier)';

class Acknowledgement {
	#given = false;

	give(): void {
		if (this.#given) return;
		this.#given = true;
		const original = process.emitWarning;
		const quiet = (warning: string | Error, ...rest: unknown[]): void => {
			if (!String(warning).includes('USE_MAIN_CONTEXT_DEFAULT_LOADER'))
				Reflect.apply(original, process, [warning, ...rest]);
		};
		process.emitWarning = quiet as typeof process.emitWarning;
		try {
			const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
			const script = new Script(importerSource, { filename: process.execPath, importModuleDynamically });
			void (script.runInThisContext() as Importer)('node:process');
		} finally {
			process.emitWarning = original;
		}
	}
}

const acknowledgement = new Acknowledgement();

/** The `import` of the module at `url`. */
export function importFrom(url: string): Importer {
	return compileImporting(importerSource, fileURLToPath(url), 0).runInThisContext() as Importer;
}
