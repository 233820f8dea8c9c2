#!/usr/bin/env node
/** The command: finds out which one is meant, and tells what is wrong. */
import { type Command, CommandError, UsageError } from './command.ts';
import { map } from './map.ts';
import { run } from './run.ts';

const USAGE = `usage: polyproc COMMAND [OPTIONS] …

  run FILE [ARGS…]                  runs a program with the Node options that the start method "fork" needs
  map MODULE#FUNCTION [INPUT…]      a function over lines, JSON lines or files, on all cores

polyproc COMMAND --help tells more about each.
`;

const COMMANDS: ReadonlyMap<string | undefined, Command> = new Map([
	['run', run],
	['map', map],
]);

async function main([name, ...line]: readonly string[]): Promise<number> {
	if (name === undefined || name === '-h' || name === '--help') {
		process.stdout.write(USAGE);
		return name === undefined ? 2 : 0;
	}
	const command = COMMANDS.get(name);
	if (command === undefined) return complain(`there is no command "${name}"`, `\n${USAGE}`);
	try {
		return await command.run(line);
	} catch (error) {
		if (error instanceof UsageError) return complain(error.message, `\n${command.usage}`);
		if (error instanceof CommandError) return complain(error.message, '', error.exitCode);
		throw error;
	}
}

function complain(message: string, rest: string, exitCode = 2): number {
	process.stderr.write(`polyproc: ${message}\n${rest}`);
	return exitCode;
}

void main(process.argv.slice(2)).then((code) => {
	process.exitCode = code;
});
