// A step of the build. `import { x } from 'node:fs'` makes Node build a facade with every export of the module, and to
// fill it, load what is loaded only on use otherwise: 3 ms for node:fs or node:util in a process that needs 30 to start.
// In the bundle they become `const { x } = process.getBuiltinModule('node:fs')`, which costs nothing.
const NAMED = /^import \{(?<names>[^}]*)\} from (?<quoted>["']node:[^"']+["']);$/gm;
const WHOLE = /^import (?:\* as )?(?<name>[\w$]+) from (?<quoted>["']node:[^"']+["']);$/gm;

export const builtinImports = {
	name: 'builtin-imports',
	renderChunk(code) {
		return code
			.replace(
				NAMED,
				(_, names, quoted) => `const {${names.replaceAll(' as ', ': ')}} = process.getBuiltinModule(${quoted});`,
			)
			.replace(WHOLE, (_, name, quoted) => `const ${name} = process.getBuiltinModule(${quoted});`);
	},
};
