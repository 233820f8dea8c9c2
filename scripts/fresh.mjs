// Builds when there is no build, or one older than the sources: `npm ci` has just built, so there this costs nothing.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const STEPS = ['scripts/build.mjs', 'scripts/parts.mjs', 'scripts/builtin-modules.mjs'];
const SOURCES = ['src', 'test', 'bench', 'examples', ...STEPS, 'tsconfig.json', 'package.json'];
const LAST_BUILT = 'dist/index.js';

export function buildIfStale(root) {
	const built = join(root, LAST_BUILT);
	if (existsSync(built) && existsSync(join(root, 'build/test')) && newest(root) <= statSync(built).mtimeMs) return;
	console.log('building: the sources are newer than the build');
	execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root, stdio: 'inherit' });
}

function newest(root) {
	let latest = 0;
	for (const source of SOURCES.map((name) => join(root, name)).filter(existsSync)) {
		const names = statSync(source).isDirectory() ? readdirSync(source, { recursive: true }) : [''];
		for (const name of names) {
			if (!name.includes('fixtures')) latest = Math.max(latest, statSync(join(source, name)).mtimeMs);
		}
	}
	return latest;
}
