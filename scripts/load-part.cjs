// Part of the bundle: how a part is loaded on first use. In a process that others are forked from, its functions are
// compiled at once, and not when they are first called, which would be in every child anew.
const isForkedFrom = process.execArgv.includes('--single-threaded');

let depth = 0;

const loaded = new Set();

module.exports = (name, load) => {
	if (!isForkedFrom || loaded.has(name)) return load();
	loaded.add(name);
	const { setFlagsFromString } = process.getBuiltinModule('node:v8');
	if (depth++ === 0) setFlagsFromString('--no-lazy');
	try {
		return load();
	} finally {
		if (--depth === 0) setFlagsFromString('--lazy');
	}
};
