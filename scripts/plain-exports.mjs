// A step of the build. What one chunk exports to others rolldown defines as accessors: a closure, a call and a hundred
// characters each, all of it at import. Almost all are names that never change, and become plain properties.
const ACCESSOR =
	/Object\.defineProperty\(exports, "(?<name>\w+)", \{\s+enumerable: true,\s+get: function \(\) \{\s+return (?<own>\w+);\s+\}\s+\}\);\n?/g;

/** Whether a chunk gives a name another value later on. */
function changes(code, name) {
	return new RegExp(`^let ${name}\\b`, 'm').test(code);
}

export const plainExports = {
	name: 'plain-exports',
	renderChunk: (code) =>
		code.replace(ACCESSOR, (accessor, name, own) => (changes(code, own) ? accessor : `exports.${name} = ${own};\n`)),
};
