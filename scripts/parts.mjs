// A step of the build: the bundle in parts that are loaded on first use. Four fifths of the library are not needed by a
// program that has only imported it, and compiling them would take two thirds of the import. The sources know nothing of
// this: they import each other as usual, and here every `require` of a part is put off to the first use of something in
// it. (That is why the bundle is CommonJS: it can be loaded at once, in the middle of `new Lock()`.)
import { relative } from 'node:path';

/** What of `memory` a process that has a place in a family needs, with nothing of its own shared. */
const SYSTEM_MEMORY = [
	...['arena', 'corrupted', 'family', 'fork-server-notice', 'heap', 'lap', 'layout', 'named-ids', 'participants'],
	...['spans', 'words'],
];

/** Which folders (and modules) of src a part is made of; a module in several of them belongs to the first. */
export const PARTS = {
	system: [
		'os',
		...SYSTEM_MEMORY.map((name) => `memory/${name}`),
		...['descriptor', 'handle-descriptor', 'handle-kinds', 'handles-to-fork'].map((name) => `channel/${name}`),
	],
	pickling: ['wire'],
	shared: ['memory', 'sync', 'channel'],
	confining: ['process/confined'],
	launching: ['process'],
	tasks: ['pool/line', 'pool/messages', 'pool/claims'],
	pools: ['pool'],
	managing: ['managers'],
};

/** What a program needs as soon as it imports the package, besides the modules of its faces, or what parts share with these. */
const BASE = [
	'os/fork-flags',
	'os/gate-table',
	'os/threads',
	'wire/handoff',
	'wire/reduce',
	'memory/shared-type',
	'sync/waitable',
	'sync/mutex-block-key',
	'channel/ends-key',
	'channel/handshake-key',
	'managers/handles',
	'managers/registry',
	'process/describe',
	'process/executable',
];

/** And what a child needs before it knows what to run. */
const BOOTSTRAP = [
	'base/after-fork',
	'os/inheritance',
	'os/leave',
	'memory/inheritance',
	'process/payload',
	'process/self',
	'process/exit',
	'process/log',
	'process/surroundings',
	'process/child/loading-scope',
	'process/child/restraint',
];

/** What of `base` only a program that can be forked needs. */
const FOR_FORKS = ['base/randomness'];

/** What of `base` only who waits needs. */
const FOR_WAITS = ['base/chores', 'base/within'];

/**
 * The chunk that a module belongs to; `null`: where it is used.
 *
 * @param path of the module, from src on and without its extension
 */
export function chunkOf(path, isOfFace) {
	const [folder] = path.split('/');
	if (FOR_FORKS.includes(path)) return 'forks';
	if (FOR_WAITS.includes(path)) return 'system';
	if (BOOTSTRAP.includes(path)) return 'bootstrap';
	if (folder === 'base' || BASE.includes(path)) return 'base';
	if (path === 'process/confined/broker') return null;
	if (path === 'pool/worker/reference') return 'pools';
	if (path === 'managers/process/reference') return 'managing';
	if (/^(process\/child|process\/server|pool\/worker|managers\/process)\//.test(path)) return null;
	if (isOfFace) return 'faces';
	return (
		Object.keys(PARTS).find((name) => PARTS[name].some((part) => path === part || path.startsWith(`${part}/`))) ?? null
	);
}

/** Whether a file, by its path from src on, is one of those that stand in src itself. */
function isFace(path) {
	return !/[\\/]/.test(path);
}

/** How rolldown is to cut. What a face (`src/*.ts`) imports is at hand when the package has been imported. */
export function partsOf(sources) {
	const name = (id, modules) => {
		const importers = modules.getModuleInfo(id)?.importers ?? [];
		const path = relative(sources, id).replaceAll('\\', '/').replace(/\.ts$/, '');
		if (path.startsWith('..')) return null;
		return chunkOf(
			path,
			importers.some((importer) => isFace(relative(sources, importer))),
		);
	};
	return { includeDependenciesRecursively: false, groups: [{ name, debugName: 'parts' }] };
}

const REQUIRED = new RegExp(
	`^const (?<name>require_\\w+) = require\\((?<file>"\\./(?:${[...Object.keys(PARTS), 'forks'].join('|')})\\.cjs")\\);$`,
	'gm',
);

/** What rolldown makes of `import('./x.ts')`. */
const IMPORTED = /\(\) => require\((?<file>"\.\/[\w-]+\.cjs")\)/g;

/** An `import()` of whatever a program names, but not the one in a source that is compiled for somebody else. */
const DYNAMIC_IMPORT = /(?<![#.]|=> )\bimport\(/g;

const HASHBANG = /^(?:#!.*\n)?/;

/**
 * `require_x.name`, with `require_x` loaded by the first statement of a file, becomes `(require_x()).name`. And where Node
 * is what loads a file, that file leaves the others to scripts/loader.cjs.
 */
export const lateParts = {
	name: 'late-parts',
	renderChunk(code, { isEntry }) {
		const late = code
			.replaceAll(IMPORTED, '() => require.part($<file>)')
			.replaceAll(DYNAMIC_IMPORT, 'require.import(')
			.replace(REQUIRED, 'let $<name>_part;\nconst $<name> = () => $<name>_part ??= require.part($<file>);');
		const names = Array.from(code.matchAll(REQUIRED), ({ groups }) => groups.name);
		const uses = new RegExp(`\\b(?<name>${names.join('|') || '(?!)'})\\.`, 'g');
		const whole = late.replaceAll(uses, '($<name>()).');
		return isEntry ? whole.replace(HASHBANG, '$&require = require("./loader.cjs");\n') : whole;
	},
};
