/** `polyproc run FILE [ARGS]`: a program in a Node that lets it be forked, as if it had been started with `node FILE`. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { FORK_FLAGS } from '../os/fork-flags.ts';
import { type Command, parse, startMethodOf, UsageError } from './command.ts';

const USAGE = `usage: polyproc run [--start-method forkserver|spawn|fork] FILE [ARGS…]

Runs a program with the Node options that the start method "fork" needs.
  --start-method METHOD   how the program's processes are started, unless it chooses itself
  -h, --help              this text
`;

const OPTIONS = { 'start-method': { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;

/** Of the signals that end a program, those that reach us alone; what a terminal sends reaches the program as well. */
const PASSED_ON: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR2'];
const FROM_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

interface Line {
	/** What stands before the file, and the file. */
	readonly own: string[];
	readonly rest: string[];
}

/** Everything behind the program's file is the program's. */
function split(line: readonly string[]): Line {
	const { tokens } = parseArgs({
		args: [...line],
		options: OPTIONS,
		strict: false,
		allowPositionals: true,
		tokens: true,
	});
	const file = tokens.find((token) => token.kind === 'positional' || token.kind === 'option-terminator');
	const end = file === undefined ? line.length : file.index + 1;
	return { own: line.slice(0, end), rest: line.slice(end) };
}

export const run: Command = {
	usage: USAGE,
	async run(line) {
		const { own, rest } = split(line);
		const { values, positionals } = parse({ args: own, options: OPTIONS, allowPositionals: true });
		if (values.help === true) {
			process.stdout.write(USAGE);
			return 0;
		}
		const [file, ...args] = [...positionals, ...rest];
		if (file === undefined) throw new UsageError('run: which FILE?');
		return await runProgram({ file, args, startMethod: startMethodOf(values['start-method']) });
	},
};

export interface RunOptions {
	readonly file: string;
	readonly args: readonly string[];
	readonly startMethod: string | undefined;
}

/** Resolves with the program's exit code. A program that was killed by a signal takes this process with it. */
export async function runProgram({ file, args, startMethod }: RunOptions): Promise<number> {
	const env = startMethod === undefined ? process.env : { ...process.env, POLYPROC_START_METHOD: startMethod };
	const child = spawn(process.execPath, [...process.execArgv, ...FORK_FLAGS, file, ...args], {
		stdio: 'inherit',
		env,
	});
	for (const signal of PASSED_ON) process.on(signal, () => child.kill(signal));
	for (const signal of FROM_TERMINAL) process.on(signal, () => {});
	const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (...end) => resolve(end));
	});
	if (signal === null) return code ?? 0;
	process.removeAllListeners(signal);
	process.kill(process.pid, signal);
	return 128 + constants.signals[signal];
}
