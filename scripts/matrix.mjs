// The suite on every Node that polyproc supports, one after another. The machine's own Node serves for its major
// version; the others come from the registry's node-<platform>-<arch> packages and stay in the user's cache folder.
//   --core           only the core of the suite, and only on the Nodes the machine does not have (what CI does)
//   --nodes 22,24    only these
//   WORD…            only test files whose path contains one of the words
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readOptions } from './options.mjs';

const MAJORS = [20, 22, 24, 26];

const usage = 'node scripts/matrix.mjs [--core] [--nodes 20,22,24,26] [WORD…]';
const options = readOptions(usage, { core: { type: 'boolean' }, nodes: { type: 'string' } });
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const own = Number.parseInt(process.versions.node, 10);
const wanted = options.nodes?.split(',').map(Number) ?? MAJORS.filter((major) => !(options.core && major === own));

const results = wanted.map((major) => {
	const binary = major === own ? process.execPath : fetchNode(major);
	const version = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
	console.log(`\n== Node ${version}${options.core ? ', core' : ''}`);
	const args = [
		join(root, 'scripts/test.mjs'),
		'--node',
		binary,
		...(options.core ? ['--core'] : []),
		...options.words,
	];
	return { version, passed: spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0 };
});
console.log(`\n${results.map(({ version, passed }) => `${version} ${passed ? 'passed' : 'FAILED'}`).join(' · ')}`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;

function fetchNode(major) {
	const platform = process.platform === 'win32' ? 'win' : process.platform;
	const name = `node-${platform}-${process.arch}`;
	const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'polyproc-nodes', String(major));
	const binary = join(folder, 'node_modules', name, 'bin', platform === 'win' ? 'node.exe' : 'node');
	if (existsSync(binary)) return binary;
	console.log(`fetching ${name}@${major}`);
	mkdirSync(folder, { recursive: true });
	const args = ['install', '--prefix', folder, '--no-save', '--no-package-lock', `${name}@${major}`];
	execFileSync('npm', args, { stdio: 'inherit', shell: platform === 'win' });
	return binary;
}
