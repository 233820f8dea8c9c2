// Part of the bundle: what loads its files. They are CommonJS, but not loaded by Node: a program in ES modules would have
// to set up the whole of Node's CommonJS for them, which takes as long as half of what it loads.
const { readFileSync } = process.getBuiltinModule('node:fs');
const { compileFunction } = process.getBuiltinModule('node:vm');

/** Every file of the bundle in this realm, by its path: `import` and `require` of the package get the same. */
const files = globalThis[Symbol.for('polyproc.files')] ?? new Map();
globalThis[Symbol.for('polyproc.files')] = files;
const pathOf = (name) => `${__dirname}${name.slice(1)}`;

const compile = (path) =>
	compileFunction(readFileSync(path, 'utf8'), ['exports', 'require', 'module', '__filename'], { filename: path });

/**
 * In a process that others are forked from, functions are compiled at once, and not when they are first called, which would
 * be in every child anew.
 */
function compileAtOnce(path) {
	const { setFlagsFromString } = process.getBuiltinModule('node:v8');
	setFlagsFromString('--no-lazy');
	try {
		return compile(path);
	} finally {
		setFlagsFromString('--lazy');
	}
}

const isForkedFrom = process.execArgv.includes('--single-threaded');

function load(name) {
	const path = pathOf(name);
	const known = files.get(path);
	if (known !== undefined) return known.exports;
	const file = { exports: {} };
	files.set(path, file);
	try {
		const run = isForkedFrom ? compileAtOnce(path) : compile(path);
		run(file.exports, load, file, path);
	} catch (error) {
		files.delete(path);
		throw error;
	}
	return file.exports;
}

/** Loads what is loaded on first use. */
load.part = load;

/** In what Node has not loaded itself, `import()` is an experimental feature of Node 20, with a warning. */
load.import = (specifier) => import(specifier);

files.set(pathOf('./loader.cjs'), { exports: load });
module.exports = load;
