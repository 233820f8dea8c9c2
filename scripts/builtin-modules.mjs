// A step of the build. The first `require('node:fs')` (or `import`) makes Node build a facade with every export of the
// module, and to fill it, load what is loaded only on use otherwise: 3 ms for node:fs or node:util in a process that
// needs 30 to start. In the bundle it becomes `process.getBuiltinModule('node:fs')`, which costs nothing.
const REQUIRED = /^let (?<name>node_\w+) = require\((?<quoted>"node:[^"]+")\);$/gm;

/** What Node has not loaded when a program begins is asked for where it is used. */
const LATE = /^let (?<name>node_module) = require\("node:module"\);\n/gm;

export const builtinModules = {
	name: 'builtin-modules',
	renderChunk(code) {
		return code
			.replace(LATE, '')
			.replaceAll(/\bnode_module\b/g, 'process.getBuiltinModule("node:module")')
			.replace(REQUIRED, 'const $<name> = process.getBuiltinModule($<quoted>);')
			.replaceAll('require("url")', 'process.getBuiltinModule("node:url")'); // of what was import.meta.url
	},
};
