/**
 * Which of this program's Node options its children get: all that change how code is loaded and run (`--import tsx`,
 * `--conditions`, V8 flags …), none that say *what* to run or that only one process can have (a debugger's port, the
 * test runner).
 */

/** Dropped together with the value that follows as an argument of its own. */
const WITH_VALUE: ReadonlySet<string> = new Set([
	'-e',
	'--eval',
	'-p',
	'--print',
	'-pe',
	'-ep',
	'--run',
	'--input-type',
	'--build-snapshot-config',
	'--inspect-port',
	'--debug-port',
	'--inspect-publish-uid',
	'--watch-path',
	'--watch-kill-signal',
	'--test-name-pattern',
	'--test-skip-pattern',
	'--test-reporter',
	'--test-reporter-destination',
	'--test-shard',
	'--test-concurrency',
	'--test-timeout',
	'--test-isolation',
	'--test-global-setup',
	'--test-rerun-failures',
]);

/** Dropped. */
const SINGLE: ReadonlySet<string> = new Set([
	'-',
	'-i',
	'--interactive',
	'-c',
	'--check',
	'-h',
	'--help',
	'-v',
	'--version',
	'--build-snapshot',
	'--watch',
	'--watch-preserve-output',
]);

/** Dropped whatever follows. `--test` covers what Node adds to the runner next. */
const PREFIXES: readonly string[] = ['--inspect', '--test', '--experimental-test', '--no-test'];

export function inheritedExecArgv(own: readonly string[]): string[] {
	const kept: string[] = [];
	for (let index = 0; index < own.length; index++) {
		const option = own[index] as string;
		const name = option.split('=', 1)[0] as string;
		if (WITH_VALUE.has(name)) {
			if (name === option) index += 1;
		} else if (!SINGLE.has(name) && !PREFIXES.some((prefix) => name.startsWith(prefix))) kept.push(option);
	}
	return kept;
}
