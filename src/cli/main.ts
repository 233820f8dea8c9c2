#!/usr/bin/env node
/** The command. */
import { parseArgs } from 'node:util';
import { checkMethod } from '../process/start-method.ts';
import { runProgram } from './run.ts';

const USAGE = `usage: polyproc run [--start-method forkserver|spawn|fork] FILE [ARGS…]

Runs a program with the Node options that the start method "fork" needs.
  --start-method METHOD   how the program's processes are started, unless it chooses itself
  -h, --help              this text
`;

/** A command line that makes no sense. */
class UsageError extends Error {}

interface Line {
	/** What stands before the file, and the file. */
	readonly own: readonly string[];
	readonly rest: readonly string[];
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

const OPTIONS = { 'start-method': { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;

function parse(line: readonly string[]) {
	const { own, rest } = split(line);
	try {
		const { values, positionals } = parseArgs({ args: [...own], options: OPTIONS, allowPositionals: true });
		const [file, ...args] = [...positionals, ...rest];
		return { values, file, args };
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
}

async function main([command, ...line]: readonly string[]): Promise<number> {
	if (command === undefined || command === '-h' || command === '--help') {
		process.stdout.write(USAGE);
		return command === undefined ? 2 : 0;
	}
	if (command !== 'run') throw new UsageError(`there is no command "${command}"`);
	const { values, file, args } = parse(line);
	if (values.help === true) {
		process.stdout.write(USAGE);
		return 0;
	}
	if (file === undefined) throw new UsageError('run: which FILE?');
	const method = values['start-method'];
	return await runProgram({ file, args, startMethod: method === undefined ? undefined : startMethod(method) });
}

function startMethod(name: string): string {
	try {
		return checkMethod('--start-method', name);
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
}

main(process.argv.slice(2)).then(
	(code) => {
		process.exitCode = code;
	},
	(error: unknown) => {
		if (!(error instanceof UsageError)) throw error;
		process.stderr.write(`polyproc: ${error.message}\n\n${USAGE}`);
		process.exitCode = 2;
	},
);
