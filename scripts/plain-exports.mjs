// A step of the build. What one chunk exports to others rolldown defines as accessors: a closure, a call and a hundred
// characters each, all of it at import. Almost all are names that never change, and become plain properties.
const ACCESSOR =
	/Object\.defineProperty\(exports, "(?<name>\w+)", \{\s+enumerable: true,\s+get: function \(\) \{\s+return (?<own>\w+);\s+\}\s+\}\);\n?/g;

/** A module as an object (`import * as`, `import()`), made by a function in a file of its own. */
const NAMESPACE =
	/^var (?<name>\w+_exports) = \/\* @__PURE__ \*\/ require_rolldown_runtime\.__exportAll\((?<members>\{[^}]*\})\);\n/gm;

const RUNTIME = 'rolldown-runtime.cjs';
const REQUIRES_RUNTIME = /^const require_rolldown_runtime = require\("\.\/rolldown-runtime\.cjs"\);\n/m;

/** Whether a chunk gives a name another value later on. */
function changes(code, name) {
	return new RegExp(`^let ${name}\\b`, 'm').test(code);
}

/** Such an object is made when it is asked for. */
function withLateNamespaces(code) {
	let late = code;
	for (const [statement, name, members] of code.matchAll(NAMESPACE)) {
		const object = `(${members.replaceAll(/(?<key>\w+): \(\) => \k<key>\b/g, '$<key>')})`;
		const getter = `Object.defineProperty(exports, "${name}", { enumerable: true, get: () => ${object} });`;
		late = late
			.replace(statement, '')
			.replace(`exports.${name} = ${name};`, () => getter)
			.replaceAll(new RegExp(`(?<![".\\w])${name}(?!["\\w])`, 'g'), () => object);
	}
	return late.includes('require_rolldown_runtime.') ? late : late.replace(REQUIRES_RUNTIME, '');
}

export const plainExports = {
	name: 'plain-exports',
	renderChunk(code) {
		const plain = code.replace(ACCESSOR, (accessor, name, own) =>
			changes(code, own) ? accessor : `exports.${name} = ${own};\n`,
		);
		return withLateNamespaces(plain);
	},
	generateBundle(_options, bundle) {
		const isUsed = Object.values(bundle).some(({ code }) => code?.includes(`"./${RUNTIME}"`));
		if (!isUsed) delete bundle[RUNTIME];
	},
};
