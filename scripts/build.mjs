// Builds everything that is run: the published bundle and its types (dist/), and the same sources with the tests,
// benchmarks and examples file by file (build/), which is what the test-suite, `npm start` and `npm run bench` execute.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { builtinModules } from './builtin-modules.mjs';
import { lateParts, partsOf } from './parts.mjs';
import { plainExports } from './plain-exports.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

/** The public faces of the package. */
const faces = { index: 'src/index.ts' };

/** Everything that is loaded by itself: the faces, and the files a child process, a fork server and a thread are started with, a pool's worker, a manager's server, the command and its workers. */
export const entries = {
	...faces,
	child: 'src/process/child/main.ts',
	server: 'src/process/server/main.ts',
	thread: 'src/process/child/thread.ts',
	worker: 'src/pool/worker/main.ts',
	broker: 'src/process/confined/broker.ts',
	manager: 'src/managers/process/main.ts',
	cli: 'src/cli/main.ts',
	'map-worker': 'src/cli/map/worker.ts',
};

function compile(...args) {
	execFileSync(process.execPath, [tsc, ...args], { cwd: root, stdio: 'inherit' });
}

async function bundle() {
	const build = await rolldown({
		input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(root, file)])),
		platform: 'node',
		external: [/^node:/, 'koffi', 'acorn', 'eslint-scope'],
		treeshake: true,
		preserveEntrySignatures: 'allow-extension',
	});
	const { output } = await build.write({
		dir: join(root, 'dist'),
		format: 'cjs',
		entryFileNames: '[name].cjs',
		chunkFileNames: '[name].cjs',
		codeSplitting: partsOf(join(root, 'src')),
		minify: false,
		comments: false,
		plugins: [builtinModules, lateParts, plainExports],
	});
	await build.close();
	for (const { fileName } of output) makeAscii(join(root, 'dist', fileName));
	cpSync(join(root, 'scripts/loader.cjs'), join(root, 'dist/loader.cjs'));
	for (const { name, exports } of output.filter(({ name }) => name in faces)) writeFacade(name, exports);
}

/** V8 keeps a source in half the memory, once for each process, if it is nothing but ASCII. */
function makeAscii(file) {
	const escape = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
	writeFileSync(file, readFileSync(file, 'utf8').replace(/[^\0-\x7f]/g, escape));
}

/**
 * What `import` gets: the same objects that `require` gets. Node's own way to import CommonJS first looks for its exports
 * in the source of every file, which takes longer than to compile it.
 */
function writeFacade(name, exports) {
	const loader = readFileSync(join(root, 'scripts/loader.cjs'), 'utf8');
	const lines = [
		'const { dirname: __dirname } = import.meta;',
		loader.replace(/^module\.exports = load;\n/m, '').trimEnd(),
		`const face = load('./${name}.cjs');`,
		`export const {\n${exports.map((name) => `\t${name},\n`).join('')}} = face;`,
	];
	writeFileSync(join(root, `dist/${name}.js`), `${lines.join('\n')}\n`);
}

/** The types once more as those of CommonJS: for TypeScript a file is one or the other. */
function copyTypes() {
	cpSync(join(root, 'dist/types'), join(root, 'dist/types-cjs'), { recursive: true });
	writeFileSync(join(root, 'dist/types-cjs/package.json'), '{ "type": "commonjs" }\n');
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
rmSync(join(root, 'build'), { recursive: true, force: true });
compile('-p', 'tsconfig.json', '--noEmit', 'false', '--declaration', 'false', '--outDir', 'build', '--rootDir', '.');
compile('-p', 'tsconfig.types.json');
copyTypes();
await bundle();
