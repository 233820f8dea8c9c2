// `npm test`: the suite, by node:test, on the built files.
//   --core         what depends on the Node it runs on: all but the house rules, the examples, the models, what is in
//                  memory alone, what the soak or another language does, pools, managers, and half of CPython's tests
//   --node FILE    run it with this Node instead of the one that runs the script
//   WORD…          only files whose path contains one of the words
// Two limits end what hangs: node's own --test-timeout, and a watchdog that kills a test file which does not even
// let its event loop turn (a blocked …Sync call; Node 26 knows no limit for a whole file).
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './fresh.mjs';
import { readOptions } from './options.mjs';

/** How the paths begin of what is no part of the core. */
const NOT_CORE = [
	'house/',
	'hostile/',
	'isolation/broker',
	'isolation/doors',
	'isolation/run-attacks',
	'examples/',
	'model/',
	'values/',
	'named-memory/',
	'crash/',
	'channel/foreign-user',
	'channel/listener',
	'channel/memory',
	'channel/python',
	'channel/stream-fuzz',
	'channel/queue',
	'pool/',
	'managers/',
	'parity/barrier',
	'parity/condition',
	'parity/event',
	'parity/fork-',
	'parity/lock',
	'parity/main-module',
	'parity/managers',
	'parity/pool',
	'parity/queue',
	'parity/semaphore',
	'parity/shared-memory',
	'parity/sync-manager-types',
	'parity/values',
	'parity/wait',
	'process/limits',
	'process/secrets',
	'sync/b',
	'sync/c',
	'sync/d',
	'sync/e',
	'sync/s',
	'wire/damaged-bytes',
	'wire/random-values',
	'cli/map',
];
/** Tests wait for other processes as often as not: so many files more than there are cores keep the cores busy. */
const WAITING = 1;
/** The longest files are some of the command's, each of whose tests starts a Node or ten. */
const TEST_LIMIT = 140_000;
const FILE_LIMIT = 150_000;

const options = readOptions('node scripts/test.mjs [--core] [--node FILE] [WORD…]', {
	core: { type: 'boolean' },
	node: { type: 'string' },
});
const root = dirname(dirname(fileURLToPath(import.meta.url)));
buildIfStale(root);

const files = testFiles();
if (files.length === 0) {
	console.error(`no test file matches ${options.words.join(' ')}`);
	process.exit(1);
}
const child = spawn(
	options.node ?? process.execPath,
	[
		'--test',
		`--test-concurrency=${availableParallelism() + WAITING}`,
		`--test-timeout=${TEST_LIMIT}`,
		'--test-reporter=spec',
		...files,
	],
	{ cwd: root, stdio: ['ignore', process.stdout.isTTY ? 'inherit' : 'pipe', 'inherit'] },
);
if (child.stdout) printPlainly(child.stdout);
const watchdog = setInterval(killStuckFiles, 1000);
watchdog.unref();
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => child.kill(name));
child.on('close', (code, signal) => {
	clearInterval(watchdog);
	if (signal) console.error(`the test runner was ended by ${signal}`);
	process.exitCode = code ?? 1;
});

function testFiles() {
	const folder = join(root, 'build/test');
	return readdirSync(folder, { recursive: true })
		.filter((name) => name.endsWith('.test.js'))
		.filter((name) => !(options.core && NOT_CORE.some((begin) => name.replaceAll('\\', '/').startsWith(begin))))
		.filter((name) => options.words.length === 0 || options.words.some((word) => name.includes(word)))
		.map((name) => relative(root, join(folder, name)))
		.sort();
}

/** A terminal gets the runner's own output; a log gets the same with the summary as `# tests N`, easy to find. */
function printPlainly(stream) {
	createInterface({ input: stream }).on('line', (line) => console.log(line.replace(/^ℹ /, '# ')));
}

/** Kills the runner's children that are older than a file may get. Linux only: elsewhere node's own limit has to do. */
function killStuckFiles() {
	if (process.platform !== 'linux') return;
	for (const pid of children(child.pid)) {
		if (ageOf(pid) < FILE_LIMIT) continue;
		console.error(`test file of process ${pid} killed: it ran for more than ${FILE_LIMIT / 1000} s`);
		process.kill(pid, 'SIGKILL');
	}
}

function children(pid) {
	try {
		const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
		return text.split(' ').filter(Boolean).map(Number);
	} catch {
		return []; // the runner has just ended
	}
}

const firstSeen = new Map();
function ageOf(pid) {
	const now = performance.now();
	if (!firstSeen.has(pid)) firstSeen.set(pid, now);
	return now - firstSeen.get(pid);
}
