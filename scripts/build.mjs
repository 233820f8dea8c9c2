// Builds everything that is run: the published bundle and its types (dist/), and the same sources with the tests,
// benchmarks and examples file by file (build/), which is what the test-suite, `npm start` and `npm run bench` execute.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { builtinImports } from './builtin-imports.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

/** Every public face of the package, and the file a child process is started with. */
export const entries = {
	index: 'src/index.ts',
	child: 'src/process/child/main.ts',
	server: 'src/process/server/main.ts',
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
	});
	await build.write({
		dir: join(root, 'dist'),
		format: 'esm',
		entryFileNames: '[name].js',
		chunkFileNames: 'chunks/[name]-[hash].js',
		minify: false,
		plugins: [builtinImports],
	});
	await build.close();
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
rmSync(join(root, 'build'), { recursive: true, force: true });
compile('-p', 'tsconfig.json', '--noEmit', 'false', '--declaration', 'false', '--outDir', 'build', '--rootDir', '.');
compile('-p', 'tsconfig.types.json');
await bundle();
